-- What is known of a session besides its messages.
-- Returns  lapsed …  (see session.lua) | none
--       or found, the fields of the head with their values, the turn in progress or nil
-- uses session
if not exists() then
  return {'none'}
end
local held = pending()
if held and isLapsed(held) then
  return orphan(held)
end
return {'found', redis.call('HGETALL', HEAD), held and held.turn or false}
