-- Ends a turn without its provider: keeps what was said, or nothing where that is nothing.
-- ARGV  1 turn  2 token of its lease  3 '1' when the lease must have lapsed  4 pieces in its journal
--       5 the answer or ''  6 tokens of it  7 what is known of the turn, JSON  8 the node's time, ms
--       9 input tokens  10 output tokens  11 time to live, ms
-- Returns  changed when the turn is not as it was found
--       or settled, 1 when nothing is left of the turn, 1 when the session comes to stay, when it was made,
--          when it expires, inbox of the instance that has waited longest or '', in whose list it is or nil
-- uses session
local held = pending()
if not held or held.turn ~= ARGV[1] or held.token ~= ARGV[2] or not exists()
    or ARGV[3] == '1' and not isLapsed(held)
    or redis.call('LLEN', JOURNAL) ~= tonumber(ARGV[4]) then
  return {'changed'}
end
local waiter = firstWaiter()
if ARGV[5] == '' then
  leaveNoTrace(held)
  return {'settled', 1, 0, 0, 0, waiter}
end
local record, stays, created, expires, owner = append(held, nextFence(), ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), '',
  ARGV[9], ARGV[10], 0, '1', tonumber(ARGV[11]), held.cuts)
return {'settled', 0, stays, created, expires, waiter, owner}
