-- Whether a turn has to wait for those before it.
-- ARGV  1 turn  2 hash of its idempotency key or ''  3 fingerprint  4 batch or ''  5 '1' when it is the last of it
-- Returns  buried | lapsed … | otherwise | ended … | pending …  (see session.lua)
--       or next when its batch has the session, or order
-- uses session
if isBuried(ARGV[1], ARGV[4]) then
  return {'buried'}
end
local held = pending()
if held and isLapsed(held) then
  return orphan(held)
end
local found = knownOrKeyed(held, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1')
if found then
  return found
end
local reserved = reservation()
return {reserved and reserved.batch == ARGV[4] and 'next' or 'order'}
