-- Gives a turn in progress to another provider, which goes on with what was said. What that is was read and joined before; it
-- must not have changed since.
-- ARGV  1 turn  2 fence of the attempt that is over  3 token of its lease where its holder gives the turn away, or ''
--       4 how long the lease has not been renewed, at least, where there is no token, ms  5 pieces in the journal
--       6 what was said, as it stands in the journal, or ''  7 where it ends  8 all cuts of the answer, with commas
--       9 new token  10 provider inbox  11 lease, ms  12 time to live, ms  13 inbox of the session instance that asks
--       14 token of the session at hand or ''  15 turns at hand  16 the newest of them or ''  17 its fence
--       18 tokens of a prompt
-- Returns  changed when the turn is not as it was read
--       or held when its holder has it still
--       or taken, fence, end of the lease, inbox that had the session or '', then what history() returns
-- uses session
local token, lease, ttl, own = ARGV[9], tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13]

local function isGivenUp(held)
  if ARGV[3] ~= '' then
    return held.token == ARGV[3]
  end
  return isLapsed(held) or held.lasts - (held.ends - now) >= tonumber(ARGV[4])
end

local held = pending()
if not held or held.turn ~= ARGV[1] or not exists() then
  return {'changed'}
end
local again = held.token == token -- the first reply was lost
if not again then
  if held.fence ~= ARGV[2] or redis.call('LLEN', JOURNAL) ~= tonumber(ARGV[5]) then
    return {'changed'}
  end
  if not isGivenUp(held) then
    return {'held'}
  end
end
local fence = again and tonumber(held.fence) or nextFence()
local before = redis.call('HGET', HEAD, 'at') or ''
redis.call('HSET', HEAD, 'fence', digits(fence), 'at', own, 'expires', digits(now + ttl))
redis.call('HSET', LEASE, 'until', digits(now + lease), 'lasts', digits(lease))
if not again then
  redis.call('HSET', LEASE, 'token', token, 'fence', digits(fence), 'provider', ARGV[10], 'length', ARGV[7],
    'cuts', ARGV[8])
  redis.call('DEL', JOURNAL)
  if ARGV[6] ~= '' then
    redis.call('RPUSH', JOURNAL, ARGV[6])
  end
end
keep(inUse(ttl, lease))
return {'taken', fence, now + lease, before, history(ARGV[14], tonumber(ARGV[15]), ARGV[16], ARGV[17],
  tonumber(ARGV[18]))}
