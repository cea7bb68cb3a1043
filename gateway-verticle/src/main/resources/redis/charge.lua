-- Charges all windows of one caller or, where one has no room, none. Time is Redis's.
-- KEYS  one for each window
-- ARGV  1 cost; then for each window: its kind, its limit, its length in milliseconds
-- Returns whether it was charged (1 or 0), and of the tightest window: limit, what remains, milliseconds until all of it is
--         there again, milliseconds until the same cost has room (0 where it was charged)
--
-- Kinds, each of which takes no more than the limit in any stretch of the length (fixed: of the calendar's stretches):
--   log    list: when each unit was charged, in microseconds, the oldest first. Exact. 11 bytes a unit
--   slots  hash: what was charged in each hundredth of the length, by the hundredth's number since 1970; "sum" of all;
--          "first" and "last" of the numbers. One that is only partly over counts in full
--   fixed  hash: "number" of the stretch since 1970, "sum" of what was charged in it
-- Where the clock was set back, what lies in the future counts as charged now: it never takes longer than the length until it
-- is free again.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost = tonumber(ARGV[1])

local SLOTS = 100

-- How many entries at the head of a list are not after a time: looked for at growing steps, for mostly it is none or a few.
local function countUpTo(key, size, time)
  local function isUpTo(i)
    return tonumber(redis.call('LINDEX', key, i)) <= time
  end
  if size == 0 or not isUpTo(0) then
    return 0
  end
  local inside, outside = 0, 1
  while outside < size and isUpTo(outside) do
    inside, outside = outside, outside * 2
  end
  outside = math.min(outside, size)
  while outside - inside > 1 do
    local middle = math.floor((inside + outside) / 2)
    if isUpTo(middle) then
      inside = middle
    else
      outside = middle
    end
  end
  return outside
end

local function append(key, count)
  while count > 0 do
    local times = {}
    for i = 1, math.min(count, 1000) do
      times[i] = now
    end
    redis.call('RPUSH', key, unpack(times))
    count = count - #times
  end
end

local kinds = {log = {}, slots = {}, fixed = {}}

-- Each kind: look() forgets what is over and sets used, what is charged now. Then wait(needed) tells when so much of it is
-- over, reset() when all is, and charge() charges. Times are microseconds from now.

function kinds.log.look(window)
  local size = redis.call('LLEN', window.key)
  if size > 0 and tonumber(redis.call('LINDEX', window.key, -1)) > now then
    local past = countUpTo(window.key, size, now)
    if past > 0 then
      redis.call('LTRIM', window.key, 0, past - 1)
    else
      redis.call('DEL', window.key)
    end
    append(window.key, size - past)
    redis.call('PEXPIRE', window.key, math.ceil(window.length / 1000))
  end
  local over = countUpTo(window.key, size, now - window.length)
  if over > 0 then
    redis.call('LTRIM', window.key, over, -1)
  end
  window.used = size - over
end

function kinds.log.wait(window, needed)
  return redis.call('LINDEX', window.key, needed - 1) + window.length - now
end

function kinds.log.reset(window)
  return redis.call('LINDEX', window.key, -1) + window.length - now
end

function kinds.log.charge(window)
  append(window.key, cost)
  redis.call('PEXPIRE', window.key, math.ceil(window.length / 1000))
end

local function take(key, slot)
  local count = redis.call('HGET', key, slot)
  if not count then
    return 0
  end
  redis.call('HDEL', key, slot)
  return tonumber(count)
end

function kinds.slots.look(window)
  window.slot = window.length / SLOTS
  window.now = math.floor(now / window.slot)
  local known = redis.call('HMGET', window.key, 'sum', 'first', 'last')
  if not known[1] then
    window.used, window.first, window.last = 0, window.now, window.now
    return
  end
  local sum, first, last = tonumber(known[1]), tonumber(known[2]), tonumber(known[3])
  local oldest = window.now - SLOTS
  if last < oldest then
    redis.call('DEL', window.key)
    window.used, window.first, window.last = 0, window.now, window.now
    return
  end
  if last > window.now then
    local future = 0
    for slot = math.max(first, window.now + 1), last do
      future = future + take(window.key, slot)
    end
    redis.call('HINCRBY', window.key, window.now, future)
    last = window.now
    first = math.min(first, last)
    redis.call('HSET', window.key, 'first', first, 'last', last)
    redis.call('PEXPIRE', window.key, math.ceil(window.slot * (SLOTS + 1) / 1000))
  end
  if first < oldest then
    for slot = first, oldest - 1 do
      sum = sum - take(window.key, slot)
    end
    first = oldest
    redis.call('HSET', window.key, 'sum', sum, 'first', first)
  end
  window.used, window.first, window.last = sum, first, last
end

local function ofSlot(window, slot)
  return (slot + 1) * window.slot + window.length - now
end

function kinds.slots.wait(window, needed)
  for slot = window.first, window.last do
    needed = needed - (redis.call('HGET', window.key, slot) or 0)
    if needed <= 0 then
      return ofSlot(window, slot)
    end
  end
  return ofSlot(window, window.last)
end

function kinds.slots.reset(window)
  return ofSlot(window, window.last)
end

function kinds.slots.charge(window)
  redis.call('HINCRBY', window.key, window.now, cost)
  redis.call('HSET', window.key, 'sum', window.used + cost, 'first', window.first, 'last', window.now)
  redis.call('PEXPIRE', window.key, math.ceil(window.slot * (SLOTS + 1) / 1000))
  window.last = window.now
end

function kinds.fixed.reset(window)
  return (window.number + 1) * window.length - now
end

function kinds.fixed.look(window)
  window.number = math.floor(now / window.length)
  local known = redis.call('HMGET', window.key, 'number', 'sum')
  local number = tonumber(known[1] or 0)
  window.used = number >= window.number and tonumber(known[2]) or 0
  if number > window.number then
    redis.call('HSET', window.key, 'number', window.number)
    redis.call('PEXPIRE', window.key, math.ceil(kinds.fixed.reset(window) / 1000))
  end
end

kinds.fixed.wait = kinds.fixed.reset

function kinds.fixed.charge(window)
  redis.call('HSET', window.key, 'number', window.number, 'sum', window.used + cost)
  redis.call('PEXPIRE', window.key, math.ceil(kinds.fixed.reset(window) / 1000))
end

local windows = {}
local refusing, longest = nil, 0
for i, key in ipairs(KEYS) do
  local window = {
    key = key,
    kind = kinds[ARGV[3 * i - 1]],
    limit = tonumber(ARGV[3 * i]),
    length = ARGV[3 * i + 1] * 1000
  }
  window.kind.look(window)
  local needed = window.used + cost - window.limit
  if needed > 0 then
    -- A cost above the limit never has room.
    local wait = cost > window.limit and window.length or window.kind.wait(window, needed)
    if not refusing or wait > longest then
      refusing, longest = window, wait
    end
  end
  windows[i] = window
end

local tightest = refusing
if not refusing then
  for _, window in ipairs(windows) do
    window.kind.charge(window)
    window.used = window.used + cost
    if not tightest or window.limit - window.used < tightest.limit - tightest.used then
      tightest = window
    end
  end
end

return {
  refusing and 0 or 1,
  tightest.limit,
  math.max(0, tightest.limit - tightest.used),
  tightest.used > 0 and math.ceil(tightest.kind.reset(tightest) / 1000) or 0,
  math.ceil(longest / 1000)
}
