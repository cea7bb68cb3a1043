-- Who collects garbage, and what time it is.
-- KEYS  1 collector
-- ARGV  1 who asks  2 for how many milliseconds it wants to be the one; 0 to be it no longer
-- Returns 0 where another one is, 1 where it is from now on, 2 where it was before; and the time in milliseconds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local collector = redis.call('GET', KEYS[1])
if collector and collector ~= ARGV[1] then
  return {0, now}
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return {collector and 2 or 1, now}
