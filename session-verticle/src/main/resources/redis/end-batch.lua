-- A batch has the session no longer, or not after the turn that runs.
-- ARGV  1 batch
-- Returns  ended, inbox of the instance that has waited longest and may begin now, or ''
-- uses session
local reserved = reservation()
if not reserved or reserved.batch ~= ARGV[1] then
  return {'ended', ''}
end
if reserved.ends then
  redis.call('DEL', LEASE)
  local waiter = firstWaiter()
  return {'ended', waiter}
end
redis.call('HSET', LEASE, 'batch_closing', 1)
return {'ended', ''}
