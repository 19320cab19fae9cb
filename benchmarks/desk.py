"""Every page of the price desk, as HTML and as its JSON twin, over 100,000 products with two years of weekly history."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.testclient import TestClient

from benchmarks.support.measure import Timing, goal, report
from pricesmith.apps.service.app import application
from pricesmith.apps.service.limits import Limits
from pricesmith.apps.service.routes import every
from pricesmith.apps.service.serving import desk_of
from pricesmith.apps.web.render import lay_out
from pricesmith.flows.desk.prices.table import COLUMNS
from pricesmith.flows.desk.reading.warming import warm

CASE = "desk"
CALLS = 7
MOST_MS, MOST_BYTES, LONGEST_WAIT = 300.0, 300_000, 20.0
FORMS = {
    "html": {"accept": "text/html", "accept-language": "en"},
    "chinese": {"accept": "text/html", "accept-language": "zh"},
    "json": {"accept": "application/json"},
}
"""How a page is asked for: a Chinese letter takes three bytes."""
LAST = "/what-if/frontier"
"""Is still being worked out when it is measured, so that what comes after it would be measured beside it."""
QUESTIONS: dict[str, list[dict[str, str | list[str]]]] = {
    "prices": [
        {"search": "product 19"},
        {"sort": "name", "order": "up"},
        {"sort": "move", "action": "change", "evidence": "pooled"},
        {"page": "900", "size": "100"},
        {"group": "category"},
        {"group": "brand"},
        {"category": "C3", "group": "category"},
        {"group": "brand", "page": "9"},
        {"size": "200"},
        {"size": "200", "columns": list(COLUMNS)},
    ],
    "prices.every": [{"direction": "up"}],
    "what_if": [{"changes": "move_limit?percent=5"}],
    "what_if.frontier": [],
    "rules": [{"add": "max_change"}],
    "receipts": [{"search": "SKU0019"}],
    "outcome.run": [],
}
"""Questions that pages are asked beside the plain one, by name of the route."""


@dataclass(frozen=True, slots=True)
class Answer:
    """CPU milliseconds of the first call and of the median one, milliseconds on the clock, bytes of one answer.

    worked  seconds until an answer was there that the page did not wait for, LONGEST_WAIT at most
    """

    first: float
    cpu: float
    wall: float
    size: int
    worked: float


def main(products: int = 100_000) -> None:
    command = [sys.executable, "-m", "benchmarks.support.desk_shop", str(products)]
    folder = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    measure(folder, products)


def measure(folder: Path, products: int) -> None:
    """Warm the desk as `serve` does, and ask every page."""
    desk = desk_of(folder)
    begun = time.process_time(), time.perf_counter()
    lay_out()
    warm(desk.reading)
    report(CASE, "pricesmith warm", products, Timing(time.process_time() - begun[0], time.perf_counter() - begun[1], 1), task="warm")
    client = TestClient(application(desk, every(), Limits(1e6, 1e6)), base_url="http://localhost", follow_redirects=False)
    found = {}
    run = desk.reading.latest() or ""
    for address in addresses(run, str(desk.reading.run(run).decided["sku"][products // 2])):
        html, chinese, json = (asked(client, address, form) for form in FORMS)
        found |= {f"{address} html": html, f"{address} chinese": chinese, f"{address} json": json}
        figures = {
            "first_ms": round(html.first),
            "html_ms": round(html.cpu),
            "json_ms": round(json.cpu),
            "html": html.size,
            "chinese": chinese.size,
            "json": json.size,
        }
        more = {"worked_s": round(html.worked, 1)} if html.worked else {}
        report(CASE, "pricesmith page", products, Timing(html.cpu / 1e3, html.wall / 1e3, CALLS), task=address[:70], **figures, **more)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    report(CASE, "pricesmith desk", products, Timing(0.0, 0.0, 1), task="memory", peak_gb=round(memory, 2), load=os.getloadavg()[0])
    _goals(found)


def addresses(run: str, sku: str) -> list[str]:
    """Every page, plain and with its questions."""
    found = []
    for route in every():
        if route.template and route.method == "GET":
            path = route.path.replace("{run}", run).replace("{sku:path}", quote(sku))
            asks = [{}, *QUESTIONS.get(route.name, [])]
            found += [path + (f"?{urlencode(one, doseq=True)}" if one else "") for one in asks]
    return sorted(found, key=lambda address: address.startswith(LAST))


def asked(client: TestClient, address: str, form: str) -> Answer:
    """The first call, then, once nothing is being worked out any more, the median of CALLS."""
    first, _, _ = _call(client, address, form)
    begun, waited = time.perf_counter(), False
    while _working(client, address) and time.perf_counter() - begun < LONGEST_WAIT:
        waited = True
        time.sleep(0.5)
    worked = time.perf_counter() - begun if waited else 0.0
    calls = [_call(client, address, form) for _ in range(CALLS)]
    cpu, wall = (statistics.median(call[number] for call in calls) for number in range(2))
    return Answer(first, cpu, wall, calls[-1][2], worked)


def _call(client: TestClient, address: str, form: str) -> tuple[float, float, int]:
    """CPU and clock milliseconds, and bytes."""
    begun = time.process_time(), time.perf_counter()
    reply = client.get(address, headers=FORMS[form])
    cpu, wall = 1e3 * (time.process_time() - begun[0]), 1e3 * (time.perf_counter() - begun[1])
    if reply.status_code != 200:
        raise AssertionError(f"{address}: {reply.status_code} {reply.text[:300]}")
    return cpu, wall, len(reply.content)


def _working(client: TestClient, address: str) -> bool:
    return bool(client.get(address, headers={"accept": "application/json"}).json().get("working"))


def _goals(found: dict[str, Answer]) -> None:
    slow = max(found, key=lambda name: found[name].cpu)
    late = max(found, key=lambda name: found[name].first)
    large = max(found, key=lambda name: found[name].size)
    behind = max(found, key=lambda name: found[name].wall)
    most, first, size = found[slow].cpu, found[late].first, found[large].size
    goal(CASE, f"every page <= {MOST_MS:g} ms", f"{most:.0f} CPU ms at most ({slow})", most <= MOST_MS)
    clock = f"{found[behind].wall:.0f} ms at most ({behind}), load {os.getloadavg()[0]:.1f}"
    goal(CASE, f"every page <= {MOST_MS:g} ms on the clock", clock, found[behind].wall <= MOST_MS)
    goal(CASE, f"the first look at every page <= {MOST_MS:g} ms", f"{first:.0f} CPU ms at most ({late})", first <= MOST_MS)
    goal(CASE, f"every page <= {MOST_BYTES // 1000} kB", f"{size / 1e3:.0f} kB at most ({large})", size <= MOST_BYTES)


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
