-- Frees session and key as if the turn had never been.
-- ARGV  1 turn  2 token of its lease
-- Returns  gone | lost
--       or freed, 1 when the session is gone with it, inbox of the instance that has waited longest or ''
-- uses session
local held = pending()
local refused = refusal(held, ARGV[1], ARGV[2])
if refused then
  return refused
end
local gone = leaveNoTrace(held)
local waiter = firstWaiter()
return {'freed', gone and 1 or 0, waiter}
