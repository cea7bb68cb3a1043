-- Whether Redis works: a write, a read and its clock.
-- KEYS  1 probe
-- ARGV  1 what to write
-- Returns what was read, and the time in milliseconds
local time = redis.call('TIME')
redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)
return {redis.call('GET', KEYS[1]), time[1] * 1000 + math.floor(time[2] / 1000)}
