-- Takes in a turn that was acknowledged elsewhere, or a session that was made elsewhere; again, it changes nothing.
-- ARGV  1 turn, or '' for the session alone  2 the user's message  3 the answer  4 what is known of the turn, JSON that begins
--       with the place of its answer  5 its fence  6 '1' when its holder sealed it, '' when others settled it
--       7 hash of its idempotency key or ''  8 fingerprint  9 tokens of both messages  10 input tokens  11 output tokens
--       12 cost  13 '1' when these are estimated  14 time of its end, the node's, ms  15 time to live, ms
--       16 '1' to make the session where there is none  17 '1' when it was made after one of its name was deleted
--       18 when it was made, the node's time, ms  19 model or ''  20 settings, JSON  21 metadata, JSON
--       22 tokens of its system prompt  23 token, of a session that is made or changed
--       24 a turn that must be there, or ''  25 in whose list a session is that is made, or '' for the tenant's
-- Returns  missing | dropped
--       or known | replaced | appended | made, when the session was made, when it expires, 1 when the turn's lease was freed,
--          in whose list it is or nil
-- uses session
local turn, record, whole, key, at = ARGV[1], ARGV[4], ARGV[6] == '1', ARGV[7], ARGV[14]
local ttl, remade = tonumber(ARGV[15]), ARGV[17] == '1'

if turn ~= '' then
  local deleted = not remade and redis.call('HGET', GRAVE, 'deleted')
  if isBuried(turn, '') or deleted and tonumber(ARGV[5]) <= tonumber(deleted) then
    return {'dropped'}
  end
end
local made, after = not exists(), ARGV[24]
if made and ARGV[16] ~= '1' or after ~= '' and (made or redis.call('HEXISTS', TURNS, after) == 0) then
  return {'missing'}
end
if made then
  redis.call('DEL', MESSAGES, TURNS, USED, ORDER)
  redis.call('HSET', HEAD, 'token', ARGV[23], 'settings', ARGV[20], 'metadata', ARGV[21], 'prompt_tokens', ARGV[22],
    'created', ARGV[18], 'updated', ARGV[18], 'turns', 0, 'tokens', 0, 'input_tokens', 0, 'output_tokens', 0,
    'cost', 0, 'fence', redis.call('HGET', GRAVE, 'fence') or 0)
  if ARGV[25] ~= '' then
    redis.call('HSET', HEAD, 'owner', ARGV[25])
  end
  redis.call('HDEL', GRAVE, 'deleted') -- what comes now is of this session
end
if ARGV[19] ~= '' then
  redis.call('HSETNX', HEAD, 'model', ARGV[19])
end

-- Counts what the session cost, or no longer.
local function count(sign, tokens, input, output, cost)
  redis.call('HINCRBY', HEAD, 'tokens', digits(sign * tokens))
  redis.call('HINCRBY', HEAD, 'input_tokens', digits(sign * input))
  redis.call('HINCRBY', HEAD, 'output_tokens', digits(sign * output))
  redis.call('HINCRBYFLOAT', HEAD, 'cost', sign < 0 and '-' .. cost or cost)
end

local function recordAt(place)
  return (string.gsub(record, '^{"answer":%d+', '{"answer":' .. digits(place)))
end

local function store()
  local before = redis.call('HGET', TURNS, turn)
  if not before then
    local place = redis.call('RPUSH', MESSAGES, ARGV[2], ARGV[3]) - 1
    redis.call('HSET', TURNS, turn, recordAt(place))
    redis.call('HINCRBY', HEAD, 'turns', 1)
    count(1, ARGV[9], ARGV[10], ARGV[11], ARGV[12])
    return 'appended'
  end
  if not whole or string.find(before, '"token":"', 1, true) then
    return 'known'
  end
  -- Others settled it with what they knew of it; its holder knew all.
  local place = tonumber(string.match(before, '^{"answer":(%d+)'))
  local user, answer = redis.call('LINDEX', MESSAGES, place - 1), redis.call('LINDEX', MESSAGES, place)
  local tokens, about = string.match(answer, '^(%d+) ([^\n]*)\n')
  local usage = cjson.decode(about).usage
  count(-1, string.match(user, '^%d+') + tokens, usage.input_tokens, usage.output_tokens,
    string.format('%.17g', usage.estimated_cost))
  redis.call('LSET', MESSAGES, place - 1, ARGV[2])
  redis.call('LSET', MESSAGES, place, ARGV[3])
  redis.call('HSET', TURNS, turn, recordAt(place))
  count(1, ARGV[9], ARGV[10], ARGV[11], ARGV[12])
  redis.call('HSET', HEAD, 'token', ARGV[23]) -- who has it at hand has what was there before
  return 'replaced'
end

local outcome = made and 'made' or 'known'
local held = pending()
local freed = held and held.turn == turn
if turn ~= '' then
  outcome = store()
  if outcome ~= 'known' and ARGV[13] == '1' then
    redis.call('HSET', HEAD, 'estimated', 1)
  end
  if freed then
    free()
    held = nil
  end
  if key ~= '' and redis.call('HSETNX', USED, key, ARGV[8] .. ' ' .. turn) == 1 then
    if redis.call('RPUSH', ORDER, key) > MAX_KEYS then
      redis.call('HDEL', USED, redis.call('LPOP', ORDER))
    end
  end
  if tonumber(redis.call('HGET', HEAD, 'fence') or 0) < tonumber(ARGV[5]) then
    redis.call('HSET', HEAD, 'fence', ARGV[5])
  end
end
redis.call('HSETNX', HEAD, 'kept', 1)
if outcome ~= 'known' then
  if tonumber(redis.call('HGET', HEAD, 'updated') or 0) < tonumber(at) then
    redis.call('HSET', HEAD, 'updated', at)
  end
  local expires = math.max(now + ttl, tonumber(redis.call('HGET', HEAD, 'expires') or 0))
  redis.call('HSET', HEAD, 'expires', digits(expires))
  keep(math.max(expires - now, held and held.lasts + GRACE or 0))
end
local head = redis.call('HMGET', HEAD, 'created', 'expires', 'owner')
return {outcome, head[1], head[2], freed and 1 or 0, head[3]}
