-- A turn in progress with all that is needed to settle it.
-- ARGV  1 turn, or '' for whichever it is  2 '1' when only one is meant whose lease has lapsed
-- Returns  lapsed …  (see session.lua), also when the lease has not, or none
-- uses session
local held = pending()
if held and (ARGV[1] == '' or held.turn == ARGV[1]) and (ARGV[2] ~= '1' or isLapsed(held)) then
  return orphan(held)
end
return {'none'}
