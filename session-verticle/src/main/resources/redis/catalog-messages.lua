-- Messages of a session from a position on.
-- ARGV  1 position of the first  2 how many at most  3 bytes after which no more are fetched
-- Returns  lapsed …  (see session.lua) | none
--       or found, how many there are in all, the messages
-- uses session
local STEP = 10
if not exists() then
  return {'none'}
end
local held = pending()
if held and isLapsed(held) then
  return orphan(held)
end
local total = redis.call('LLEN', MESSAGES)
local next, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local stop = math.min(total, next + ARGV[2])
local page, bytes = {}, 0
while next < stop and bytes <= most do
  local some = redis.call('LRANGE', MESSAGES, next, math.min(next + STEP, stop) - 1)
  for _, message in ipairs(some) do
    table.insert(page, message)
    bytes = bytes + #message
  end
  next = next + #some
end
return {'found', total, page}
