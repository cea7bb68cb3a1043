-- How many sessions there are.
-- KEYS  1 index
-- Returns the number of those that have not expired
local time = redis.call('TIME')
local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
return redis.call('ZCOUNT', KEYS[1], now, '+inf')
