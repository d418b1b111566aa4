"""What the server runs whole. Each script checks every operation before it writes the first thing of it.

Rule 1: arguments are flat: a count, then the fields of each operation in order; the answer has one entry for each operation.
Rule 2: only commands of Redis 7.0; all keys of one operation begin with its shard's tag.
Rule 3: whoever writes for a shard shows the number of its hold; an older one changes nothing (`'moved'`).

Keys of a shard `{a:NN}`: itself a hash (person → cell, `m` → hold, `s` → last inbox number, which
is the server's microsecond, so that the oldest of all shards is known); `:in` inbox, `:tr` tries, `:new` rows that
the holder has not heard of, `:out` outbox, `:t` and `:tb` timers, `:c` cases, `:co` indexes of open ones,
`:th:CODE` a case's thread, `:au` audit, `:q` put aside,
`:sx` what erased persons had seen, `:er` a mark that somebody was erased (`traces`).
"""

from typing import Final

from bot.storage.redis.wire import Script

_COMMON: Final = """
local i = 0
local function nxt() i = i + 1; return ARGV[i] end
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local ticket = time[1] * 1000000 + time[2]
local function hold(base)
  local m = redis.call('HGET', base, 'm')
  if not m then return 0, 0, '' end
  local f, u, o = string.match(m, '^(%d+) (%d+) (.*)$')
  return tonumber(f), tonumber(u), o
end
local function held(base, fence)
  local f, u = hold(base)
  return fence > 0 and f == fence and u > clock
end
local function version(cell) if cell then return (struct.unpack('>I4', cell)) end return 0 end
local function has_seen(marks, mark, second)
  for at = 1, #marks, 8 do
    if string.sub(marks, at, at + 4) == mark then
      local x, y, z = string.byte(marks, at + 5, at + 7)
      local age = (second - (x * 65536 + y * 256 + z)) % 16777216
      if age < 172800 or age > 16000000 then return true end
    end
  end
  return false
end
local function marks_of(cell) local n = struct.unpack('>I2', string.sub(cell, 5, 6)); return string.sub(cell, 7, 6 + n) end
local function accept(base, person, name, second, blob)
  local mark = string.sub(name, 17, 21)
  local cell = redis.call('HGET', base, person)
  if cell and has_seen(marks_of(cell), mark, second) then return nil, cell end
  local old = redis.call('HGET', base .. ':sx', person)
  if old and has_seen(old, mark, second) then return nil, cell end
  if redis.call('HEXISTS', base .. ':in', name) == 1 then return nil, cell end
  ticket = math.max(ticket + 1, tonumber(redis.call('HGET', base, 's') or 0) + 1)
  local number = string.format('%.0f', ticket)
  redis.call('HSET', base, 's', number)
  redis.call('HSET', base .. ':in', name, number .. ' ' .. blob)
  return ticket, cell
end
"""

ACCEPT: Final = Script(
    "accept",
    _COMMON
    + """
local out, bells = {}, {}
for n = 1, tonumber(nxt()) do
  local base, fence, name, second, want, blob = nxt(), tonumber(nxt()), nxt(), tonumber(nxt()), nxt(), nxt()
  local seq, cell = accept(base, string.sub(name, 1, 16), name, second, blob)
  local mine = held(base, fence)
  local behind = redis.call('LLEN', base .. ':new')
  if seq and not mine then redis.call('RPUSH', base .. ':new', name); bells[base] = true end
  out[n] = {seq or 0, mine and 1 or 0, behind, (want == '1' and cell) or ''}
end
return out
""",
)
"""Fields: base, fence, name (person 16 + event 10), second, cell wanted, row. Gives: number (0: seen), mine, behind, cell."""

TOLD_AT_ONCE: Final = 500
"""Names that one operation tells; whoever gets so many asks again."""

TAKE: Final = Script(
    "take",
    _COMMON
    + f"local most = {TOLD_AT_ONCE}"
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence = nxt(), tonumber(nxt())
  local rows = {}
  if held(base, fence) then
    for _ = 1, most do
      local name = redis.call('LPOP', base .. ':new')
      if not name then break end
      local row = redis.call('HGET', base .. ':in', name)
      if row then rows[#rows + 1] = name; rows[#rows + 1] = row end
    end
  end
  out[n] = rows
end
return out
""",
)
"""Fields: base, fence. Gives: name, row, name, row … of what the holder had not heard of."""

COMMIT: Final = Script(
    "commit",
    _COMMON
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence, person, want, name, cell, sx = nxt(), tonumber(nxt()), nxt(), tonumber(nxt()), nxt(), nxt(), nxt()
  local outs, timers, drops, gone, asides, audits = {}, {}, {}, {}, {}, {}
  local cases = {}
  for k = 1, tonumber(nxt()) do outs[k] = {nxt(), nxt()} end
  if nxt() == '1' then
  for k = 1, tonumber(nxt()) do timers[k] = {nxt(), nxt(), nxt()} end
  for k = 1, tonumber(nxt()) do drops[k] = nxt() end
  for k = 1, tonumber(nxt()) do gone[k] = nxt() end
  for k = 1, tonumber(nxt()) do asides[k] = nxt() end
  for k = 1, tonumber(nxt()) do audits[k] = {nxt(), nxt()} end
  for k = 1, tonumber(nxt()) do
    local c = {code = nxt(), want = tonumber(nxt()), blob = nxt(), open = nxt(), wipe = nxt(), add = {}}
    for j = 1, tonumber(nxt()) do c.add[j] = nxt() end
    cases[k] = c
  end
  end
  local held_now = redis.call('HGET', base, person)
  local v = version(held_now)
  local answer = 'ok'
  if not held(base, fence) then answer = 'moved'
  elseif name ~= '' and redis.call('HEXISTS', base .. ':in', name) == 0 then answer = (v == want + 1) and 'landed' or 'seen'
  elseif v ~= want then answer = 'stale'
  else
    for _, c in ipairs(cases) do
      if c.want >= 0 and version(redis.call('HGET', base .. ':c', c.code)) ~= c.want then answer = 'stale' end
    end
  end
  if answer == 'ok' then
    if name ~= '' then redis.call('HDEL', base .. ':in', name) end
    redis.call('HDEL', base .. ':tr', name)
    if cell == '' then redis.call('HDEL', base, person) else redis.call('HSET', base, person, cell) end
    if sx ~= '' then redis.call('HSET', base .. ':sx', person, (redis.call('HGET', base .. ':sx', person) or '') .. sx) end
    if sx ~= '' and name ~= '' then redis.call('SET', base .. ':er', ticket) end
    for _, g in ipairs(gone) do redis.call('HDEL', base .. ':out', g) end
    for _, d in ipairs(drops) do redis.call('ZREM', base .. ':t', d); redis.call('HDEL', base .. ':tb', d) end
    for _, a in ipairs(asides) do redis.call('HDEL', base .. ':in', a); redis.call('HDEL', base .. ':tr', a) end
    for _, o in ipairs(outs) do redis.call('HSET', base .. ':out', o[1], o[2]) end
    for _, t in ipairs(timers) do redis.call('ZADD', base .. ':t', t[2], t[1]); redis.call('HSET', base .. ':tb', t[1], t[3]) end
    for _, c in ipairs(cases) do
      if c.wipe == '1' then redis.call('DEL', base .. ':th:' .. c.code) end
      if c.blob == '' then redis.call('HDEL', base .. ':c', c.code) else redis.call('HSET', base .. ':c', c.code, c.blob) end
      if c.open == '' then redis.call('HDEL', base .. ':co', c.code) else redis.call('HSET', base .. ':co', c.code, c.open) end
      for _, e in ipairs(c.add) do redis.call('RPUSH', base .. ':th:' .. c.code, e) end
    end
    for _, a in ipairs(audits) do redis.call('XADD', base .. ':au', '*', 'a', a[2]) end
  end
  out[n] = answer
end
return out
""",
)
"""One event of a person each. Fields: base, fence, person, version, inbox name or '', cell or '', marks for `:sx` or '', the count of
outbox rows (number, row), and '0' if that is all. Else '1', then with their counts timers (name, due, row), timers to drop, outbox
numbers to drop, inbox names to drop, audit (place, entry), cases (code, version or -1, row or '', its index if it is open or '', wipe,
count of entries, entries). Gives `ok`, `landed`, `moved`, `seen` or `stale`."""

SETTLE: Final = Script(
    "settle",
    _COMMON
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence, seq, row, person, cell, code = nxt(), tonumber(nxt()), nxt(), nxt(), nxt(), nxt(), nxt()
  local want, case
  if code ~= '' then want, case = tonumber(nxt()), nxt() end
  if not held(base, fence) then out[n] = 'moved'
  elseif row ~= '' and redis.call('HEXISTS', base .. ':out', seq) == 0 then out[n] = 'gone'
  elseif code ~= '' and version(redis.call('HGET', base .. ':c', code)) ~= want then out[n] = 'stale'
  elseif cell ~= '' and version(redis.call('HGET', base, person)) ~= version(cell) then out[n] = 'stale'
  else
    if row == '' then redis.call('HDEL', base .. ':out', seq) else redis.call('HSET', base .. ':out', seq, row) end
    if cell ~= '' then redis.call('HSET', base, person, cell) end
    if code ~= '' then redis.call('HSET', base .. ':c', code, case) end
    out[n] = 'ok'
  end
end
return out
""",
)
"""Fields: base, fence, outbox number, new row or '', person, new cell or '', case or ''; of a case also the version it must have, its row.
A row to be sent again that another has sent stays gone (`gone`).
A cell never takes the place of one of another version: it was made from a commit that did not land (`stale`)."""

RING: Final = Script(
    "ring",
    _COMMON
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence, member, name, second, head, tail = nxt(), tonumber(nxt()), nxt(), nxt(), tonumber(nxt()), nxt(), nxt()
  out[n] = {-1, ''}
  if held(base, fence) then
    out[n] = {0, ''}
    local body = redis.call('HGET', base .. ':tb', member)
    redis.call('ZREM', base .. ':t', member); redis.call('HDEL', base .. ':tb', member)
    if body then
      local blob = head .. string.char(198) .. struct.pack('>I4', #body) .. body .. tail
      local seq = accept(base, string.sub(name, 1, 16), name, second, blob)
      if seq then out[n] = {seq, blob} end
    end
  end
end
return out
""",
)
"""Timers become arrivals; -1 where the shard is not held.
Fields: base, fence, timer, name, second, and the row's bytes before and after its sealed body."""

REWRAP: Final = Script(
    "rewrap",
    _COMMON
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence, code, old, new = nxt(), tonumber(nxt()), nxt(), nxt(), nxt()
  if not held(base, fence) then out[n] = 'moved'
  elseif redis.call('HGET', base .. ':c', code) ~= old then out[n] = 'stale'
  else redis.call('HSET', base .. ':c', code, new); out[n] = 'ok' end
end
return out
""",
)
"""Fields: base, fence, case, its row as it was read, its row under other wraps. A row that was written meanwhile stays (`stale`)."""

SALTS: Final = 16384
"""A number of a hold is a second's number times this, and a part made of its owner's name: where a server that took over does not know
the last hold, it may give its number again, but not to another worker."""

HOLD: Final = Script(
    "hold",
    _COMMON
    + f"local salts = {SALTS}"
    + """
local owner, lasts, horizon = nxt(), tonumber(nxt()), nxt()
local salt = tonumber(string.sub(redis.sha1hex(owner), 1, 8), 16) % salts
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence, floor = nxt(), tonumber(nxt()), tonumber(nxt())
  local f, u, o = hold(base)
  if fence > 0 then
    if f == fence and o == owner then
      redis.call('HSET', base, 'm', f .. ' ' .. (clock + lasts) .. ' ' .. owner)
      out[n] = {f}
    else out[n] = {0} end
  elseif u > clock and u <= clock + 2 * lasts and o ~= owner then out[n] = {0, u - clock}
  else
    local dirty = (f > 0 and o ~= '' and o ~= owner) and 1 or 0
    local fresh = (math.max(math.floor(f / salts), math.floor(clock / 1000), math.floor(floor / salts)) + 1) * salts + salt
    redis.call('HSET', base, 'm', fresh .. ' ' .. (clock + lasts) .. ' ' .. owner)
    redis.call('DEL', base .. ':new')
    out[n] = {fresh, dirty, redis.call('HGETALL', base .. ':in'), redis.call('HGETALL', base .. ':tr'),
      redis.call('HGETALL', base .. ':out'),
      redis.call('ZRANGEBYSCORE', base .. ':t', '-inf', horizon, 'WITHSCORES')}
  end
end
return out
""",
)
"""Owner, milliseconds, a time; fields: base, own fence (0: take it if it is free), the highest one ever had. Gives {fence} when renewed,
{0} when lost, {0, for how many milliseconds more} when another's, else {fence, whether the last holder did not end well, inbox, tries,
outbox, timers until that time}. A hold that ends later than any can was given by a clock that has been put back: it counts no more."""

SOON: Final = Script(
    "soon",
    _COMMON
    + """
local from, to = nxt(), nxt()
local out = {}
for n = 1, tonumber(nxt()) do out[n] = redis.call('ZRANGEBYSCORE', nxt() .. ':t', from, to, 'WITHSCORES') end
return out
""",
)
"""Two times; bases. Gives for each the timers between them: name, due, name, due …"""

RELEASE: Final = Script(
    "release",
    _COMMON
    + """
local out = {}
for n = 1, tonumber(nxt()) do
  local base, fence = nxt(), tonumber(nxt())
  local f = hold(base)
  if f == fence then redis.call('HSET', base, 'm', f .. ' 0 ') end
  out[n] = 1
end
return out
""",
)
"""Fields: base, fence. The hold ends well: nothing is in hand."""

TRIED: Final = Script(
    "tried",
    _COMMON
    + """
local base, fence, name, times = nxt(), tonumber(nxt()), nxt(), nxt()
if not held(base, fence) then return 0 end
if times == '0' then redis.call('HDEL', base .. ':in', name); redis.call('HDEL', base .. ':tr', name)
else redis.call('HSET', base .. ':tr', name, times) end
return 1
""",
)
"""Base, fence, name, how often the row was handed out; 0 drops the row."""

ASIDE: Final = Script(
    "aside",
    _COMMON
    + """
local base, fence, name, at, sealed, mark = nxt(), tonumber(nxt()), nxt(), nxt(), nxt(), nxt()
if name ~= '' then
  if not held(base, fence) then return 'moved' end
  local known = redis.call('HDEL', base .. ':in', name)
  redis.call('HDEL', base .. ':tr', name)
  if known == 0 then return 'ok' end
  local person = string.sub(name, 1, 16)
  redis.call('HSET', base .. ':sx', person, (redis.call('HGET', base .. ':sx', person) or '') .. mark)
end
if sealed ~= '' then redis.call('ZADD', base .. ':q', at, sealed) end
return 'ok'
""",
)
"""Base, fence, inbox name or '', time, what to keep or '', the mark of the event."""

MEMBERS: Final = Script(
    "members",
    _COMMON
    + """
local me, lasts = nxt(), tonumber(nxt())
if lasts > 0 then redis.call('ZADD', KEYS[1], clock, me) else redis.call('ZREM', KEYS[1], me) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', clock - math.max(lasts, 1))
redis.call('ZREMRANGEBYSCORE', KEYS[1], clock + math.max(lasts, 1), '+inf')
local stale = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {redis.call('ZCARD', KEYS[1]), stale[2] and lasts - (clock - tonumber(stale[2])) or lasts}
""",
)
"""This worker, milliseconds (0: it leaves). Gives how many workers there are, and in how many milliseconds the one that was silent the
longest counts no more. Those who were heard later than now were heard before the clock was put back: who lives says so again."""

NOTE: Final = Script(
    "note",
    """
local key, now, want, expires, drop, value = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6]
local held = redis.call('HGET', KEYS[1], key)
local version = 0
if held then
  local v, e = struct.unpack('>I4d', held)
  if e == 0 or e > now then version = v end
end
if want >= 0 and want ~= version then return -1 end
if drop == '1' then
  redis.call('HDEL', KEYS[1], key); redis.call('ZREM', KEYS[1] .. ':o', key)
  return 0
end
redis.call('HSET', KEYS[1], key, struct.pack('>I4d', version + 1, tonumber(expires)) .. value)
redis.call('ZADD', KEYS[1] .. ':o', 0, key)
return version + 1
""",
)
"""Key, now, version or -1, end or 0, whether to drop, value. Gives the version, -1 if it was another."""

ALL: Final = (ACCEPT, TAKE, COMMIT, SETTLE, REWRAP, RING, HOLD, SOON, RELEASE, TRIED, ASIDE, MEMBERS, NOTE)
