-- Where a turn is, or its answer. One whose lease has lapsed is in progress: it may be taken over.
-- ARGV  1 turn, or '' for the one in progress  2 token of the session whose answer to it is remembered, or ''
-- Returns  ended … | pending …  (see session.lua)
--       or same when what is remembered is still stored, or none
-- uses session
local held = pending()
local turn = ARGV[1]
if turn == '' then
  return held and known(held, held.turn) or {'none'}
end
if ARGV[2] ~= '' and redis.call('HGET', HEAD, 'token') == ARGV[2] and redis.call('HEXISTS', TURNS, turn) == 1 then
  return {'same'}
end
return known(held, turn) or {'none'}
