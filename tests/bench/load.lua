-- wrk's script. Its argument is a Lua file that returns a list of things to ask; of several, each request is any of them:
--   {method, path, body, headers, targets, unique}
-- targets: a file with a line for each caller, TOKEN or TOKEN <TAB> ID, of which each request takes any; {id} in the path is the
-- ID. unique: the name of a header that is another one each time. done() prints one line of JSON.
-- number: of the thread, so that no two draw the same; each has a state of its own, in which a local of this file would hide it.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local heads, tails, n = {}, {}, 0
local MARK = "@unique@"

local function add(spec, token, id)
  local headers = {}
  for name, value in pairs(spec.headers or {}) do headers[name] = value end
  if token then headers["Authorization"] = "Bearer " .. token end
  if spec.unique then headers[spec.unique] = MARK end
  local text = wrk.format(spec.method or "GET", (spec.path:gsub("{id}", id or "")), headers, spec.body)
  local from, to = text:find(MARK, 1, true)
  n = n + 1
  heads[n] = from and text:sub(1, from - 1) or text
  tails[n] = from and text:sub(to + 1) or false
end

function init(args)
  math.randomseed(os.time() * 16 + number)
  for _, spec in ipairs(dofile(args[1])) do
    if spec.targets then
      for line in io.lines(spec.targets) do add(spec, line:match("^(%S+)%s*(%S*)")) end
    else
      add(spec)
    end
  end
end

function request()
  local i = math.random(n)
  if not tails[i] then return heads[i] end
  return heads[i] .. string.format("%08x%08x%08x", math.random(0, 2147483647), math.random(0, 2147483647), math.random(0, 2147483647)) .. tails[i]
end

function done(summary, latency)
  local e = summary.errors
  print(string.format('{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"bad_status":%d,"bad_socket":%d}', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
