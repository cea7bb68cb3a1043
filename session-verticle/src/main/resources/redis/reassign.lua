-- Gives a turn to another provider, with a new lease. What was said is cut off.
-- ARGV  1 turn  2 token of its lease  3 new token  4 provider inbox  5 lease, ms
-- Returns  gone | lost
--       or reassigned, fence, end of the lease
-- uses session
local held = pending()
if held and held.token == ARGV[3] then -- the first reply was lost
  return {'reassigned', tonumber(held.fence), held.ends}
end
local refused = refusal(held, ARGV[1], ARGV[2])
if refused then
  return refused
end
local fence, lease = nextFence(), tonumber(ARGV[5])
redis.call('HSET', HEAD, 'fence', digits(fence))
redis.call('HSET', LEASE, 'token', ARGV[3], 'fence', digits(fence), 'provider', ARGV[4], 'until', digits(now + lease),
  'lasts', digits(lease), 'length', 0, 'cuts', held.cuts == '' and '0' or held.cuts .. ',0')
redis.call('DEL', JOURNAL)
return {'reassigned', fence, now + lease}
