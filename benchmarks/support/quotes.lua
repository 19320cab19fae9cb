-- wrk: random products of a million, one a request, or ITEMS of them a batch; prints one line of JSON.
math.randomseed(7)
local items = tonumber(os.getenv("ITEMS") or "1")
local function sku() return string.format("P%06d", math.random(0, tonumber(os.getenv("PRODUCTS")) - 1)) end

if items == 1 then
  request = function() return wrk.format("GET", "/api/v1/quotes/" .. sku() .. "?channel=web&region=DE") end
else
  wrk.headers["Content-Type"] = "application/json"
  request = function()
    local parts = {}
    for number = 1, items do parts[number] = '{"sku":"' .. sku() .. '","channel":"web","region":"DE"}' end
    return wrk.format("POST", "/api/v1/quotes", nil, '{"items":[' .. table.concat(parts, ",") .. "]}")
  end
end

done = function(summary, latency, _)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.status
  io.write(string.format('\nJSON {"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
