-- Drops entries of a sorted set, unless somebody has changed them meanwhile.
-- KEYS  1 sorted set
-- ARGV  members, and the score that each one had, in turn
-- Returns for each member 1 where it was dropped
local dropped = {}
for i = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  local same = score and tonumber(score) == tonumber(ARGV[i + 1])
  dropped[#dropped + 1] = same and redis.call('ZREM', KEYS[1], ARGV[i]) or 0
end
return dropped
