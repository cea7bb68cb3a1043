-- Makes a session that nobody has.
-- ARGV  1 its token  2 time to live, ms  3 the node's time, ms  4… other fields of the head and their values
-- Returns  lapsed …  (see session.lua) | exists
--       or made, when it was made, when it expires; also when this very step has made it before
-- uses session
local held = pending()
if exists() then
  if held and isLapsed(held) then
    return orphan(held)
  end
  local head = redis.call('HMGET', HEAD, 'token', 'created', 'expires')
  if head[1] == ARGV[1] then
    return {'made', head[2], head[3]}
  end
  return {'exists'}
end
-- Of one whose head was lost; a batch may have the name before there is a session.
redis.call('DEL', MESSAGES, JOURNAL, TURNS, USED, ORDER)
if held then
  redis.call('DEL', LEASE)
end
local expires = digits(now + ARGV[2])
redis.call('HSET', HEAD, 'token', ARGV[1], 'created', ARGV[3], 'updated', ARGV[3], 'expires', expires,
  'turns', 0, 'tokens', 0, 'input_tokens', 0, 'output_tokens', 0, 'cost', 0, 'kept', 1,
  'fence', redis.call('HGET', GRAVE, 'fence') or 0, unpack(ARGV, 4))
redis.call('PEXPIRE', HEAD, ARGV[2])
return {'made', ARGV[3], expires}
