-- A turn takes the lease of its session, which is made where there is none.
-- ARGV  1 turn  2 token of the lease  3 lease, ms  4 time to live, ms  5 provider inbox  6 the request without text and
--       key, JSON  7 the user's message  8 hash of its idempotency key or ''  9 fingerprint  10 batch or ''  11 '1' when
--       it is the last of it  12 inbox of the session instance that asks  13 token of the session at hand or ''
--       14 turns at hand  15 the newest of them or ''  16 its fence  17 tokens of a prompt  18 the node's time, ms
--       of a session to be made: 19 model or ''  20 settings, JSON  21 tokens of its system prompt  22 token
--       23 in whose list it is, or '' for the tenant's
-- Returns  buried | lapsed … | otherwise | ended … | pending …  (see session.lua)
--       or busy, ms until it is free at the latest or -1
--       or changed, when this is not the session at hand, or has fewer turns
--       or granted, fence, end of the lease, inbox that had the session or '', then what history() returns
-- uses session
local turn, token, lease, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key, batch, last, own = ARGV[8], ARGV[10], ARGV[11] == '1', ARGV[12]

if isBuried(turn, batch) then
  return {'buried'}
end
if not exists() then
  -- Of one whose head was lost; a batch may have the name before there is a session.
  redis.call('DEL', MESSAGES, JOURNAL, TURNS, USED, ORDER)
  if pending() then
    redis.call('DEL', LEASE)
  end
end
local held = pending()
local again = held and held.turn == turn and held.token == token -- the first reply was lost
if held and not again then
  if isLapsed(held) then
    return orphan(held)
  end
end
if not again then
  local found = knownOrKeyed(held, turn, key, ARGV[9], batch, last)
  if found then
    return found
  end
  if held then
    waits(own)
    return {'busy', -1}
  end
  local reserved = reservation()
  if reserved and reserved.batch ~= batch then
    waits(own)
    return {'busy', reserved.ends - now}
  end
  if not reserved then
    local first, longest = firstWaiter()
    local since = waitsSince(redis.call('HGET', WAITERS, own))
    if first ~= '' and first ~= own and (not since or longest < since) then
      waits(own)
      return {'busy', -1}
    end
  end
end

if not again and tonumber(ARGV[14]) > 0 then
  local head = redis.call('HMGET', HEAD, 'token', 'turns')
  if head[1] ~= ARGV[13] or tonumber(head[2]) < tonumber(ARGV[14]) then
    return {'changed'}
  end
end
local fence = again and tonumber(held.fence) or nextFence()
if not exists() then
  redis.call('HSET', HEAD, 'token', ARGV[22], 'settings', ARGV[20], 'metadata', '{}', 'prompt_tokens', ARGV[21],
    'created', ARGV[18], 'updated', ARGV[18], 'turns', 0, 'tokens', 0, 'input_tokens', 0, 'output_tokens', 0,
    'cost', 0)
  if ARGV[19] ~= '' then
    redis.call('HSET', HEAD, 'model', ARGV[19])
  end
  if ARGV[23] ~= '' then
    redis.call('HSET', HEAD, 'owner', ARGV[23])
  end
end
local before = redis.call('HGET', HEAD, 'at') or ''
redis.call('HSET', HEAD, 'fence', digits(fence), 'at', own, 'expires', digits(now + ttl))
if again then
  -- The lease alone: the first reply may have come through after all, and the turn have gone on.
  redis.call('HSET', LEASE, 'until', digits(now + lease), 'lasts', digits(lease))
else
  redis.call('DEL', LEASE, JOURNAL)
  redis.call('HSET', LEASE, 'turn', turn, 'token', token, 'fence', digits(fence), 'until', digits(now + lease),
    'lasts', digits(lease), 'provider', ARGV[5], 'begin', ARGV[6], 'user', ARGV[7], 'key', key, 'begun', ARGV[18],
    'length', 0)
  if batch ~= '' then
    redis.call('HSET', LEASE, 'batch', batch, 'batch_until', '', 'batch_closing', last and '1' or '')
  end
  if key ~= '' and redis.call('HSET', USED, key, ARGV[9] .. ' ' .. turn) == 1 then
    if redis.call('RPUSH', ORDER, key) > MAX_KEYS then
      redis.call('HDEL', USED, redis.call('LPOP', ORDER))
    end
  end
end
redis.call('HDEL', WAITERS, own)
keep(inUse(ttl, lease))
return {'granted', fence, now + lease, before, history(ARGV[13], tonumber(ARGV[14]), ARGV[15], ARGV[16],
  tonumber(ARGV[17]))}
