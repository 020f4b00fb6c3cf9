import { LuaScript } from './lua-script.js'

/**
 * Both scripts get calls as a flat list of runs: command, places of the first and the last key in KEYS, number of arguments of
 * each call, then the arguments of one key after another. The rules are all in TypeScript; nothing here knows what it counts.
 *
 * KEYS 1 root of the partition, 2 header of one state of it; the rest as the calls say.
 */
const EACH_CALL = (from: number, call: string) => `
local at = ${from}
while at <= #ARGV do
  local command, first, last, count = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  at = at + 4
  for key = first, last do
    ${call}
    at = at + count
  end
end`

const CALL = 'redis.call(command, KEYS[key], unpack(ARGV, at, at + count - 1))'

/** What a call of the committer is named that adds ARGV 2 to the field ARGV 1. */
export const ADD = 'ADD'

/**
 * Redis writes down what a script did, not the script. So a sum is written as what it came to: an append-only file that ends
 * inside a transaction leaves its MULTI open, and the next start does that part again, behind which the same batch follows once
 * more. HINCRBY would count it twice.
 */
const ADD_OR_CALL = `if command == '${ADD}' then
      local sum = (tonumber(redis.call('HGET', KEYS[key], ARGV[at])) or 0) + tonumber(ARGV[at + 1])
      redis.call('HSET', KEYS[key], ARGV[at], string.format('%.0f', sum))
    else
      ${CALL}
    end`

/** Values of one moment: live generation, header, then the answers of the calls. */
export const READ = new LuaScript(`
local answers = { redis.call('HGET', KEYS[1], 'gen'), redis.call('HMGET', KEYS[2], 'next', 'stamp', 'stream', 'caughtUpAt', 'base', 'tally') }
${EACH_CALL(1, `answers[#answers + 1] = ${CALL}`)}
return answers`)

/**
 * The generic committer: compare, apply, set. ARGV 1-2 field of the root and its expected value, 3-4 expected next and stamp,
 * 5-8 new stamp, next, stream time and tally, then the calls. 1: applied, now or by an earlier sending of the same; 0: nothing changed.
 *
 * Lua has no rollback. So a state has no `next` from the first write to the last: one that a bug left half applied is no
 * state, and is made anew. The first write is also where a full or read-only Redis refuses, with nothing applied; once a
 * script has written, Redis refuses no more.
 */
export const COMMIT = new LuaScript(`
local header = redis.call('HMGET', KEYS[2], 'next', 'stamp')
if header[2] == ARGV[5] then return 1 end
local guard = redis.call('HGET', KEYS[1], ARGV[1]) or '0'
if guard ~= ARGV[2] or (header[1] or '0') ~= ARGV[3] or (header[2] or '') ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[2], 'next', '')
${EACH_CALL(9, ADD_OR_CALL)}
redis.call('HSET', KEYS[2], 'next', ARGV[6], 'stamp', ARGV[5], 'stream', ARGV[7], 'tally', ARGV[8])
return 1`)

/** Notes in the header when the state held everything, if it is still that state. */
export const CATCH_UP = new LuaScript(`
if (redis.call('HGET', KEYS[1], 'gen') or '0') ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[2], 'next') or '0') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'caughtUpAt', ARGV[3])
return 1`)

/**
 * Makes another generation the live one, in one step. ARGV 1 live one expected, 2 new one, 3-4 field of the root and its expected
 * value ('' for none), 5 `next` to set, from where the tally begins anew, or ''. The old one stays listed in the root until its keys are deleted.
 */
export const SWITCH = new LuaScript(`
local live = redis.call('HGET', KEYS[1], 'gen') or '0'
if live == ARGV[2] then return 1 end
if live ~= ARGV[1] or (ARGV[3] ~= '' and redis.call('HGET', KEYS[1], ARGV[3]) ~= ARGV[4]) then return 0 end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[2], 'next', ARGV[5], 'base', ARGV[5], 'tally', '') end
redis.call('HDEL', KEYS[1], 'g' .. ARGV[2])
redis.call('HSET', KEYS[1], 'gen', ARGV[2], 'g' .. live, 'old')
return 1`)
