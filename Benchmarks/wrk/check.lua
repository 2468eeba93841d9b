-- Sends one kind of request and checks every answer.
--   wrk ... URL -- file SIZE          GET; status 200 and a body of SIZE bytes
--   wrk ... URL -- call TOKEN BODY [PART...]
--                                     POST of the JSON text BODY; status 200, "success":true and every PART in the answer
-- Prints one line: requests, microseconds, wrong answers, failed connections, p50 and p99 in microseconds.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    wrong = 0
    if args[1] == "file" then
        size = tonumber(args[2])
        wrk.method = "GET"
    else
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/json"
        wrk.headers["X-Execution-Token"] = args[2]
        wrk.body = args[3]
        parts = {'"success":true'}
        for place = 4, #args do table.insert(parts, args[place]) end
    end
    prepared = wrk.format()
end

function request()
    return prepared
end

function response(status, headers, body)
    local right
    if size then
        right = #body == size
    else
        right = true
        for _, part in ipairs(parts) do right = right and string.find(body, part, 1, true) ~= nil end
    end
    if status ~= 200 or not right then
        if wrong == 0 then io.stderr:write("wrong answer " .. status .. ": " .. string.sub(body, 1, 300) .. "\n") end
        wrong = wrong + 1
    end
end

function done(summary, latency, requests)
    local errors, count = summary.errors, 0
    for _, thread in ipairs(threads) do count = count + thread:get("wrong") end
    io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, count,
        errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
