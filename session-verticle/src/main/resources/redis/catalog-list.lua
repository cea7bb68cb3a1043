-- The next sessions in a list.
-- KEYS  1 list
-- ARGV  1 how many at most  2 3 score and id of the last one that is known; not there to begin with the first one
-- Returns ids and scores in turn
local from = 0
if ARGV[3] then
  local score = redis.call('ZSCORE', KEYS[1], ARGV[3])
  if score and tonumber(score) == tonumber(ARGV[2]) then
    from = redis.call('ZRANK', KEYS[1], ARGV[3]) + 1
  else
    -- It is gone, or is another one by now. No id ends like this one, and nothing fits between it and the one it marks.
    local mark = ARGV[3] .. '\0'
    redis.call('ZADD', KEYS[1], ARGV[2], mark)
    from = redis.call('ZRANK', KEYS[1], mark)
    redis.call('ZREM', KEYS[1], mark)
  end
end
return redis.call('ZRANGE', KEYS[1], from, from + ARGV[1] - 1, 'WITHSCORES')
