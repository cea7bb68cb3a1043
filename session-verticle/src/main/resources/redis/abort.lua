-- Frees session and key as if the turn had never been.
-- ARGV  1 turn  2 token of its lease
-- Returns  gone | lost
--       or freed, 1 when the session is gone with it, inbox of the instance that has waited longest or ''
--       or freed, 0 when the same holder has freed it before and another turn is in progress by now
-- uses session
local turn, token = ARGV[1], ARGV[2]
local held = pending()
if redis.call('HGET', HEAD, 'aborted') == token then -- the first reply was lost
  if held then
    return {'freed', 0}
  end
  local waiter = firstWaiter()
  return {'freed', 0, waiter}
end
local refused = refusal(held, turn, token)
if refused then
  return refused
end
local gone = leaveNoTrace(held)
if not gone and exists() then -- in the window before its expiry it may be over
  redis.call('HSET', HEAD, 'aborted', token)
end
local waiter = firstWaiter()
return {'freed', gone and 1 or 0, waiter}
