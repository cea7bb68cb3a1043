-- What all steps of a turn share: it stands before each of them in place of the line "-- uses session".
-- KEYS  1 head  2 messages  3 lease  4 journal  5 turns  6 keys  7 key order  8 grave  9 waiters: all of one session
local HEAD, MESSAGES, LEASE, JOURNAL, TURNS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local USED, ORDER, GRAVE, WAITERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9]

-- An orphan of a session with a short life waits so long for the sweep; a fence of one without a trace is kept so long.
local GRACE = 60000
-- Who waits for a session asks at least so often.
local ASKING = 1500
local MAX_KEYS = 10000

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function digits(number)
  return string.format('%.0f', number)
end

local function exists()
  return redis.call('EXISTS', HEAD) == 1
end

-- All that belongs to the session lives for so long from now on.
local function keep(millis)
  for i = 1, 7 do
    redis.call('PEXPIRE', KEYS[i], digits(millis))
  end
end

-- How long it lives with a turn in progress, at least.
local function inUse(ttl, lease)
  return math.max(ttl, lease + GRACE)
end

-- The turn in progress, or nil.
local function pending()
  local fields = redis.call('HMGET', LEASE, 'turn', 'token', 'fence', 'until', 'provider', 'begin',
    'user', 'key', 'begun', 'length', 'lasts', 'cuts')
  if not fields[1] then
    return nil
  end
  return {turn = fields[1], token = fields[2], fence = fields[3], ends = tonumber(fields[4]),
    provider = fields[5], begin = fields[6], user = fields[7], key = fields[8],
    begun = tonumber(fields[9]), length = tonumber(fields[10]), lasts = tonumber(fields[11]),
    cuts = fields[12] or ''}
end

-- A lease that ends later than it can was given before the clock went back.
local function isOver(ends, lasts)
  return ends <= now or ends - now > lasts
end

local function isLapsed(held)
  return isOver(held.ends, held.lasts)
end

-- What is needed to settle a turn, or to go on with it.
local function orphan(held)
  local head = redis.call('HMGET', HEAD, 'model', 'prompt_tokens', 'tokens')
  return {'lapsed', held.turn, held.token, held.user, head[1], head[2] or 0, head[3] or 0,
    redis.call('LRANGE', JOURNAL, 0, -1), held.fence, held.cuts, held.begin}
end

-- Whether the session of this turn was deleted under it or its batch ('' where it has none).
local function isBuried(turn, batch)
  return redis.call('EXISTS', GRAVE) == 1
    and (redis.call('HEXISTS', GRAVE, 't:' .. turn) == 1
      or batch ~= '' and redis.call('HEXISTS', GRAVE, 'b:' .. batch) == 1)
end

-- Why this token may not write, or nil.
local function refusal(held, turn, token)
  if isBuried(turn, '') or not exists() then
    return {'gone'}
  end
  if not held or held.turn ~= turn or held.token ~= token then
    return {'lost'}
  end
  return nil
end

local function nextFence()
  local last = redis.call('HGET', HEAD, 'fence') or redis.call('HGET', GRAVE, 'fence') or 0
  return math.max(now, tonumber(last) + 1)
end

-- The batch that has the session to itself, or nil.
local function reservation()
  local fields = redis.call('HMGET', LEASE, 'batch', 'batch_until', 'lasts', 'batch_closing')
  local ends = tonumber(fields[2] or '')
  if not fields[1] or ends and isOver(ends, tonumber(fields[3])) then
    return nil
  end
  return {batch = fields[1], ends = ends, lasts = fields[3], closing = fields[4] == '1'}
end

-- The next turn of the batch has so long to come; where none comes, the session is free.
local function pause(reserved, closing)
  redis.call('DEL', LEASE)
  if not closing then
    redis.call('HSET', LEASE, 'batch', reserved.batch, 'batch_until', digits(now + reserved.lasts),
      'batch_closing', '', 'lasts', reserved.lasts)
    redis.call('PEXPIRE', LEASE, reserved.lasts)
  end
end

-- The turn in progress has ended, however.
local function free()
  local reserved = reservation()
  redis.call('DEL', JOURNAL)
  if reserved then
    pause(reserved, reserved.closing)
  else
    redis.call('DEL', LEASE)
  end
end

-- The turn ends as if it had never been, and a session that only it had made with it. Returns whether it had.
local function leaveNoTrace(held)
  local head = redis.call('HMGET', HEAD, 'kept', 'expires', 'fence')
  if held.key ~= '' then
    redis.call('HDEL', USED, held.key)
    redis.call('LREM', ORDER, -1, held.key)
  end
  free()
  if head[1] then
    for _, key in ipairs({HEAD, MESSAGES, TURNS, USED, ORDER}) do
      redis.call('PEXPIREAT', key, head[2])
    end
  else
    redis.call('DEL', HEAD, MESSAGES, TURNS, USED, ORDER)
    redis.call('HSET', GRAVE, 'fence', head[3])
    if redis.call('PTTL', GRAVE) < GRACE then
      redis.call('PEXPIRE', GRAVE, GRACE)
    end
  end
  return not head[1]
end

-- What is known of a turn, or nil.
local function known(held, turn)
  local record = exists() and redis.call('HGET', TURNS, turn)
  if record then
    local answer = string.match(record, '^{"answer":(%d+)')
    return {'ended', turn, record, redis.call('LINDEX', MESSAGES, answer),
      redis.call('HGET', HEAD, 'token')}
  end
  if held and held.turn == turn then
    return {'pending', turn, held.fence, held.provider, held.begin}
  end
  return nil
end

-- The same of a turn that wants to begin, or of the one that was begun under its key ('' where it has none). A stored
-- turn of a batch that has the session needs not run, and the batch goes on.
local function knownOrKeyed(held, turn, key, fingerprint, batch, last)
  local found = known(held, turn)
  if not found and key ~= '' then
    local used = redis.call('HGET', USED, key)
    if used then
      local asked, first = string.match(used, '^(%S+) (%S+)$')
      if asked ~= fingerprint then
        return {'otherwise'}
      end
      found = known(held, first)
    end
  end
  if found and found[1] == 'ended' and not held and batch ~= '' then
    local reserved = reservation()
    if reserved and reserved.batch == batch then
      pause(reserved, reserved.closing or last)
    end
  end
  return found
end

-- The cuts of an answer as they stand in the record of its turn. A holder that was not told of those before it knows fewer
-- than there are.
local function cutsOf(held, told)
  local function count(cuts)
    local _, commas = string.gsub(cuts, ',', '')
    return cuts == '' and 0 or commas + 1
  end
  local cuts = count(told) < count(held.cuts) and held.cuts or told
  return cuts == '' and '' or '"cuts":[' .. cuts .. '],'
end

-- Appends a turn with its answer, and frees the session.
-- about  token of the answer's holder and what else is known, a JSON object without place, fence, duration and cuts
-- at     what the clock of whoever ends it says
-- model  of the session where it has none, or ''
-- cuts   of the answer, with commas, as far as its holder knows
-- Returns the record of the turn, whether the session comes to stay with it, when it was made, when it expires, its owner
local function append(held, fence, answer, tokens, about, at, model, input, output, cost, estimated, ttl, cuts)
  local place = redis.call('RPUSH', MESSAGES, held.user, answer) - 1
  local record = '{"answer":' .. digits(place) .. ',"fence":' .. digits(fence) .. ',"took":'
    .. digits(math.max(0, at - held.begun)) .. ',' .. cutsOf(held, cuts) .. string.sub(about, 2)
  redis.call('HSET', TURNS, held.turn, record)
  redis.call('HINCRBY', HEAD, 'turns', 1)
  redis.call('HINCRBY', HEAD, 'tokens', string.match(held.user, '^%d+') + tokens)
  redis.call('HINCRBY', HEAD, 'input_tokens', input)
  redis.call('HINCRBY', HEAD, 'output_tokens', output)
  redis.call('HINCRBYFLOAT', HEAD, 'cost', cost)
  if estimated == '1' then
    redis.call('HSET', HEAD, 'estimated', 1)
  end
  if model ~= '' then
    redis.call('HSETNX', HEAD, 'model', model)
  end
  local stays = redis.call('HSETNX', HEAD, 'kept', 1)
  local expires = digits(now + ttl)
  redis.call('HSET', HEAD, 'updated', digits(at), 'expires', expires, 'fence', digits(fence))
  keep(ttl)
  free()
  local head = redis.call('HMGET', HEAD, 'created', 'owner')
  return record, stays, head[1], expires, head[2]
end

-- Since when an instance waits, if it still does. One that has asked later than now did so before the clock went back.
local function waitsSince(entry)
  local since, asked = string.match(entry or '', '^(%d+) (%d+)$')
  if since and math.abs(now - asked) <= ASKING then
    return tonumber(since)
  end
  return nil
end

-- The instance that has waited longest, or ''; with the time since when.
local function firstWaiter()
  local entries = redis.call('HGETALL', WAITERS)
  local first, longest = '', nil
  for i = 1, #entries, 2 do
    local since = waitsSince(entries[i + 1])
    if not since then
      redis.call('HDEL', WAITERS, entries[i])
    elseif not longest or since < longest then
      first, longest = entries[i], since
    end
  end
  return first, longest
end

-- Notes that an instance waits for the session.
local function waits(inbox)
  local since = waitsSince(redis.call('HGET', WAITERS, inbox)) or now
  redis.call('HSET', WAITERS, inbox, digits(since) .. ' ' .. digits(now))
  redis.call('PEXPIRE', WAITERS, 10 * ASKING)
end

-- Whether this turn stands at this place, as it was stored under this fence.
local function stands(turn, fence, place)
  local record = redis.call('HGET', TURNS, turn)
  local start = '{"answer":' .. digits(place) .. ',"fence":' .. fence .. ','
  return record and string.sub(record, 1, #start) == start
end

-- What its instance does not have at hand, newest last.
-- token, turns  of the session as it is at hand there, or '' and 0
-- last, fence   the newest turn at hand, or '': a server that has lost its last writes may count as many with other ones
-- window        tokens of a prompt
-- Returns whether what is at hand needs only this, how many turns are before it, head, messages, records of the turns
local function history(token, turns, last, fence, window)
  local head = redis.call('HMGET', HEAD, 'token', 'model', 'prompt_tokens', 'created', 'updated', 'expires',
    'turns', 'input_tokens', 'output_tokens', 'cost', 'estimated', 'kept', 'settings', 'metadata', 'owner')
  local all = tonumber(head[7] or 0)
  local atHand = token == head[1] and turns <= all and (turns == 0 or stands(last, fence, 2 * turns - 1))
  local floor = atHand and turns or 0
  local room = window - (head[3] or 0)
  local first = all
  local chunks = {}
  while first > floor and room >= 0 do
    local from = math.max(floor, first - 16)
    local chunk = redis.call('LRANGE', MESSAGES, 2 * from, 2 * first - 1)
    local fits = #chunk / 2
    while fits > 0 do
      room = room - string.match(chunk[2 * fits - 1], '^%d+') - string.match(chunk[2 * fits], '^%d+')
      if room < 0 then
        break
      end
      fits = fits - 1
    end
    first = from + fits
    table.insert(chunks, {chunk, 2 * fits})
  end
  local messages, ids = {}, {}
  for i = #chunks, 1, -1 do
    for j = chunks[i][2] + 1, #chunks[i][1] do
      table.insert(messages, chunks[i][1][j])
    end
  end
  local records = {}
  for i = 2, #messages, 2 do
    table.insert(records, redis.call('HGET', TURNS, string.match(messages[i], '^%d+ {"turn":"([^"]+)"')))
  end
  local only = atHand and first == floor
  if only then
    head[13], head[14] = false, false
  end
  return only and 1 or 0, first, head, messages, records
end
