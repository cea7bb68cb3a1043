-- Journals what was said and renews the lease; it never makes a key that has no time to live.
-- ARGV  1 turn  2 token of its lease  3 offset  4 the piece, as it stands in the journal  5 where it ends
--       6 lease, ms  7 time to live, ms
-- Returns  gone | lost | gap
--       or renewed, end of the lease, when the session was made and expires, both 0 unless it lives longer by this,
--          in whose list it is or nil
-- uses session
local held = pending()
local refused = refusal(held, ARGV[1], ARGV[2])
if refused then
  return refused
end
local offset, ends, lease, ttl = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if offset < 0 or offset > held.length then
  return {'gap'}
end
local left = redis.call('PTTL', HEAD)
if ends > offset or offset < held.length then
  if redis.call('RPUSH', JOURNAL, ARGV[4]) == 1 then
    redis.call('PEXPIRE', JOURNAL, left)
  end
end
redis.call('HSET', LEASE, 'until', digits(now + lease), 'lasts', digits(lease), 'length', digits(ends))
if left >= inUse(ttl, lease) / 2 then
  return {'renewed', now + lease, 0, 0, false}
end
redis.call('HSET', HEAD, 'expires', digits(now + ttl))
keep(inUse(ttl, lease))
local head = redis.call('HMGET', HEAD, 'kept', 'created', 'owner')
return {'renewed', now + lease, head[1] and head[2] or 0, head[1] and now + ttl or 0, head[3]}
