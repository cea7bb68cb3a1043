-- Mends what is wrong with the keys of one session.
-- ARGV  1 time to live of a session, ms  2 of a grave, ms  3 of waiters, and of a batch without a session, ms
-- Returns  mended, how many keys were mended or dropped
--       and, where there is a session: the time, when it expires, was made and changed, 1 where it is kept, and when the
--           lease of its turn ends, or 0 where it has none, and in whose list it is or nil
-- uses session
local strays = 0

local function bound(key, millis)
  if redis.call('PTTL', key) == -1 then
    redis.call('PEXPIRE', key, millis)
    strays = strays + 1
  end
end

local function drop(...)
  strays = strays + redis.call('UNLINK', ...)
end

bound(GRAVE, ARGV[2])
bound(WAITERS, ARGV[3])
local left = redis.call('PTTL', HEAD)
local running = redis.call('HEXISTS', LEASE, 'turn') == 1

if left == -2 then
  drop(MESSAGES, JOURNAL, TURNS, USED, ORDER)
  if not running and reservation() then
    bound(LEASE, ARGV[3])
  else
    drop(LEASE)
  end
  return {'mended', strays}
end

if left == -1 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', HEAD, left)
  redis.call('HSET', HEAD, 'expires', digits(now + left))
  strays = strays + 1
end
local ends = 0
if running then
  local held = pending()
  if not (held.token and held.fence and held.user and held.key and held.begun) then
    drop(LEASE) -- nobody can end this turn
  else
    if not held.ends or not held.lasts then
      -- Nobody knows when it ends, so it has.
      redis.call('HSET', LEASE, 'until', digits(now), 'lasts', held.lasts or 0)
      strays = strays + 1
      held = pending()
    end
    ends = isLapsed(held) and now or held.ends
  end
end
if ends == 0 then
  drop(JOURNAL)
end
for _, key in ipairs({MESSAGES, LEASE, JOURNAL, TURNS, USED, ORDER}) do
  bound(key, left)
end
local head = redis.call('HMGET', HEAD, 'created', 'updated', 'kept', 'owner')
return {'mended', strays, now, now + left, tonumber(head[1] or 0), tonumber(head[2] or 0), head[3] and 1 or 0, ends,
  head[4]}
