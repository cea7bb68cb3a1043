-- The session as it is, for a turn beside it.
-- ARGV  1 token of the session at hand or ''  2 turns at hand  3 the newest of them or ''  4 its fence  5 tokens of a prompt
-- Returns  lapsed …  (see session.lua)
--       or none, time in ms
--       or found, time in ms, then what history() returns
-- uses session
local held = pending()
if held and isLapsed(held) then
  return orphan(held)
end
if not exists() then
  return {'none', now}
end
return {'found', now, history(ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]))}
