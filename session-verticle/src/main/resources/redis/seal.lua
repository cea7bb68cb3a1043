-- Appends a turn with its answer, and frees the session.
-- ARGV  1 turn  2 token of its lease  3 the answer  4 tokens of it  5 what is known of the turn, JSON
--       6 the node's time, ms  7 model of the session where it has none, or ''  8 input tokens  9 output tokens  10 cost
--       11 '1' when these are estimated  12 time to live, ms  13 the cuts of the answer, with commas
-- Returns  gone | lost
--       or repeated, record of the turn, when the same holder has sealed it before; where no turn has begun since it goes on
--          as below
--       or sealed, record of the turn, 1 when the session comes to stay, when it was made, when it expires,
--          inbox of the instance that has waited longest or '', in whose list it is or nil
-- uses session
local turn, token = ARGV[1], ARGV[2]
local before = redis.call('HGET', TURNS, turn)
if before and string.find(before, '"token":"' .. token .. '"', 1, true) then
  if pending() then
    return {'repeated', before}
  end
  local head = redis.call('HMGET', HEAD, 'created', 'expires', 'owner')
  local waiter = firstWaiter()
  return {'repeated', before, 0, head[1], head[2], waiter, head[3]}
end
local held = pending()
local refused = refusal(held, turn, token)
if refused then
  return refused
end
local record, stays, created, expires, owner = append(held, held.fence, ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7],
  ARGV[8], ARGV[9], ARGV[10], ARGV[11], tonumber(ARGV[12]), ARGV[13])
local waiter = firstWaiter()
return {'sealed', record, stays, created, expires, waiter, owner}
