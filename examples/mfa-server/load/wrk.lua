-- wrk … -- FILE TYPE LIMIT [ORIGIN]: sends the lines of a file one after the other, and stops
-- after LIMIT answers (0: when the time is over). Text before a tab is a cookie. With an empty
-- file it sends GET requests.
-- Prints the number of answers, answers per second, p50 and p99 in milliseconds, and the number
-- of answers per status.
local lines, cookies, sent, seen, limit = {}, {}, 0, 0, 0
statuses = {}

function setup(thread) only = thread end

function init(args)
  for line in io.lines(args[1]) do
    local tab = line:find("\t", 1, true)
    cookies[#lines + 1] = tab and line:sub(1, tab - 1)
    lines[#lines + 1] = tab and line:sub(tab + 1) or line
  end
  wrk.headers["Content-Type"] = args[2]
  limit = tonumber(args[3])
  wrk.headers["Origin"] = args[4]
  if #lines > 0 then wrk.method = "POST" end
end

function request()
  local nth = sent % #lines + 1
  sent = sent + 1
  wrk.headers["Cookie"] = cookies[nth] or nil
  return wrk.format(nil, nil, nil, lines[nth])
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
  seen = seen + 1
  if seen == limit then wrk.thread:stop() end
end

function done(summary, latency)
  local counts = {}
  for status, count in pairs(only:get("statuses")) do counts[#counts + 1] = count .. " × " .. status end
  print(string.format("RESULT %d %.1f %.2f %.2f %s", summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, table.concat(counts, ", ")))
end
