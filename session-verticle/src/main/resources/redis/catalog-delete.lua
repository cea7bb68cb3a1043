-- Drops a session with all that is in it, and remembers what was under way. Who waits for it goes on waiting.
-- ARGV  1 how long to remember, ms  2 turns and batches to remember at most  3 random, the same when it is asked again
-- Returns  lapsed …  (see session.lua) | none
--       or deleted, turn that was pending or nil, its fence, provider and request, 1 where the session was one to stay,
--          inbox of the instance that had it or '', in whose list it was or nil
-- uses session
local before = redis.call('HMGET', GRAVE, 'by', 'owner')
if before[1] == ARGV[3] then -- the first reply was lost; one of its name may have been made since
  return {'deleted', false, 0, '', '', 0, '', before[2]}
end
if not exists() then
  return {'none'}
end
local held = pending()
if held and isLapsed(held) then
  return orphan(held)
end
local fence, kept, at, owner = unpack(redis.call('HMGET', HEAD, 'fence', 'kept', 'at', 'owner'))
local batch = redis.call('HGET', LEASE, 'batch')
redis.call('UNLINK', HEAD, MESSAGES, LEASE, JOURNAL, TURNS, USED, ORDER)
if redis.call('HLEN', GRAVE) > tonumber(ARGV[2]) then
  redis.call('UNLINK', GRAVE)
end
redis.call('HSET', GRAVE, 'fence', fence or 0, 'by', ARGV[3], 'deleted', fence or 0)
if owner then
  redis.call('HSET', GRAVE, 'owner', owner)
else
  redis.call('HDEL', GRAVE, 'owner')
end
if held then
  redis.call('HSET', GRAVE, 't:' .. held.turn, 1)
end
if batch then
  redis.call('HSET', GRAVE, 'b:' .. batch, 1)
end
redis.call('PEXPIRE', GRAVE, ARGV[1])
if held then
  return {'deleted', held.turn, held.fence, held.provider, held.begin, kept and 1 or 0, at or '', owner}
end
return {'deleted', false, 0, '', '', kept and 1 or 0, at or '', owner}
