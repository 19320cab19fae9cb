"""Price quotes over HTTP, a million products loaded, beside a plain FastAPI endpoint: requests a second of one core, latency, memory.

The server has one core, wrk the other; both servers run at the same time and are asked in turns. CPU seconds are those of the server.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.support.measure import Timing, goal, installed, report, timed
from pricesmith.apps.service.quotes.parse import Parser
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.policy import Policy
from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.in_force import ROWS, RUNS, InForce
from pricesmith.flows.desk.quotes.quotes_kept import Kept, save

CASE = "quotes"
SCRIPT = Path(__file__).parent / "support" / "quotes.lua"
AT = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
CONNECTIONS, SECONDS, ROUNDS = 32, 4, 5
BATCH = 1000
HEAD = (
    b"GET /api/v1/quotes/P000123?channel=web&region=DE HTTP/1.1\r\nHost: prices.example\r\nUser-Agent: shop/1.0\r\n"
    b"Accept: application/json\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer ps_abcdef_0123456789012345678901234567890123456789\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Round:
    """What wrk saw in some seconds, and what the server spent on it."""

    requests: int
    seconds: float
    cpu: float
    p50_ms: float
    p99_ms: float
    failed: int


class Server:
    """A process that answers on one core."""

    def __init__(self, name: str, words: Sequence[str], port: int, shop: Path) -> None:
        self.name, self.port = name, port
        environment = {**os.environ, "QUOTES": str(shop)}
        self.process = subprocess.Popen(["taskset", "-c", "0", sys.executable, *words], env=environment, stderr=subprocess.DEVNULL)

    def wait(self) -> None:
        """Until a product is answered."""
        end = time.monotonic() + 180.0
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask("P000001")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise SystemExit(f"{self.name} does not answer")

    def ask(self, sku: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://localhost:{self.port}/api/v1/quotes/{sku}?channel=web&region=DE", timeout=5.0) as reply:
            found: dict[str, Any] = json.load(reply)
            return found

    def cpu(self) -> float:
        """CPU seconds of the process so far, without its children."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(found[1]) / 1024 if found else float("nan")

    def load(self, products: int, items: int, connections: int, seconds: int) -> Round:
        """Ask as fast as answers come."""
        before = self.cpu()
        words = [
            "taskset",
            "-c",
            "1",
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "-s",
            str(SCRIPT),
            f"http://localhost:{self.port}",
        ]
        environment = {**os.environ, "PRODUCTS": str(products), "ITEMS": str(items)}
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
        seen = json.loads(done.stdout.rpartition("JSON ")[2])
        return Round(cpu=self.cpu() - before, **seen)


def main(products: int = 1_000_000) -> None:
    _parsing()
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        print(json.dumps({"case": CASE, "absent": "wrk (apt-get install wrk): nothing was asked over HTTP"}))
        return
    with tempfile.TemporaryDirectory() as name:
        shop = _shop(Path(name), products)
        with _servers(shop) as servers:
            for server in servers:
                server.wait()
            _same(servers, products)
            _singles(servers, products)
            _batches(servers, products)


def _parsing() -> None:
    """Bytes of one request -> a checked request, beside the C parser with callbacks."""
    count = 100_000

    def ours() -> None:
        parser = Parser()
        for _ in range(count):
            parser.feed(HEAD)
            parser.next()

    report(CASE, "pricesmith parser, head checked and known again", count, timed(ours)[1], task="parse")
    if installed(CASE, "httptools"):
        import httptools

        class Heard:
            def on_message_begin(self) -> None:
                self.headers: dict[bytes, bytes] = {}

            def on_url(self, url: bytes) -> None:
                self.url = url

            def on_header(self, name: bytes, value: bytes) -> None:
                self.headers[name.lower()] = value

        parser = httptools.HttpRequestParser(Heard())

        def peer() -> None:
            for _ in range(count):
                parser.feed_data(HEAD)
                parser.get_method()

        report(CASE, "httptools", count, timed(peer)[1], task="parse")


def _shop(folder: Path, products: int) -> Path:
    """A shop whose prices in force are kept, and a ledger of one act on which they rest."""
    (folder / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    book = wiring.ledger_of(folder, Policy(currency="EUR"))
    book.append(Act(AT, "bench", "began", "quotes"), {})
    chain = str(book.read("audit")["chain"][-1])
    price = np.random.default_rng(0).integers(100, 20_000, products)
    fixed = {
        "channel": "web", "region": "DE", "currency": "EUR", "source": "applied", "cause": "publish", "shop": "main",
        "run": "20261102-made", "at": AT, "listed": True, "follows": False, "old": False,
    }  # fmt: skip
    rows = pl.DataFrame({"sku": [f"P{number:06d}" for number in range(products)], "price": price})
    rows = rows.with_columns(pl.lit(value).cast(ROWS[name]).alias(name) for name, value in fixed.items()).select(ROWS.names())
    prices = InForce(1, chain, "20261102-made", rows.cast(dict(ROWS)), RUNS.to_frame())
    save(wiring.store(), folder, Kept(prices, AT, AT))
    return folder


@contextmanager
def _servers(shop: Path) -> Iterator[list[Server]]:
    ours, peer = 18_766, 18_767
    found = [Server("pricesmith quotes", ["-m", "pricesmith", "quotes", str(shop), "--port", str(ours)], ours, shop)]
    try:
        if installed(CASE, "fastapi", "uvicorn"):
            words = f"-m uvicorn benchmarks.support.fastapi_quotes:app --port {peer} --no-access-log --log-level error"
            found.append(Server("FastAPI, uvicorn, pydantic", words.split(), peer, shop))
        yield found
    finally:
        for server in found:
            server.process.terminate()
            server.process.wait()


def _same(servers: Sequence[Server], products: int) -> None:
    """Both give the same answer."""
    for number in np.random.default_rng(1).integers(0, products, 50):
        answers = [server.ask(f"P{number:06d}") for server in servers]
        assert all(answer == answers[0] for answer in answers), answers


def _singles(servers: Sequence[Server], products: int) -> None:
    rounds = _rounds(servers, products, 1, CONNECTIONS)
    for server, seen in rounds.items():
        _report(server, seen, "single")
    own = rounds[servers[0]]
    each, clock, p99 = (_median([value(one) for one in own]) for value in (_per_cpu, _per_second, lambda one: one.p99_ms))
    goal(CASE, ">= 30,000 validated quotes a CPU second of one core", f"{each:,.0f} ({clock:,.0f} on the clock)", each >= 30_000)
    share = _median([one.cpu / one.seconds for one in own])
    beside = "".join(f"; {one.name.split(',')[0]} {_median([seen.p99_ms for seen in rounds[one]]):.1f} ms" for one in servers[1:])
    figure = f"{p99:.2f} ms, with {100 * share:.0f} % of the core left to it{beside}"
    goal(CASE, f"p99 <= 2 ms with {CONNECTIONS} connections that never pause", figure, p99 <= 2.0)
    failed = sum(one.failed for seen in rounds.values() for one in seen)
    goal(CASE, "no request fails", f"{failed} of {sum(one.requests for seen in rounds.values() for one in seen):,}", failed == 0)


def _batches(servers: Sequence[Server], products: int) -> None:
    rounds = _rounds(servers, products, BATCH, 1)
    for server, seen in rounds.items():
        _report(server, seen, f"batch of {BATCH:,}")
    own = rounds[servers[0]]
    cpu, p50 = 1000.0 / _median([_per_cpu(one) for one in own]), _median([one.p50_ms for one in own])
    goal(CASE, f"a batch of {BATCH:,} in <= 3 ms", f"{cpu:.2f} CPU ms ({p50:.2f} ms on the clock, p50)", cpu <= 3.0)


def _rounds(servers: Sequence[Server], products: int, items: int, connections: int) -> dict[Server, list[Round]]:
    for server in servers:
        server.load(products, items, connections, 1)
    found: dict[Server, list[Round]] = {server: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            found[server].append(server.load(products, items, connections, SECONDS))
    return found


def _report(server: Server, seen: Sequence[Round], task: str) -> None:
    """CPU seconds per request, the median round."""
    requests = round(_median([one.requests for one in seen]))
    timing = Timing(requests / _median([_per_cpu(one) for one in seen]), _median([one.seconds for one in seen]), len(seen))
    figures = {
        "per_cpu_s": round(_median([_per_cpu(one) for one in seen])),
        "per_s": round(_median([_per_second(one) for one in seen])),
        "p50_ms": _median([one.p50_ms for one in seen]),
        "p99_ms": _median([one.p99_ms for one in seen]),
        "resident_mb": round(server.resident_mb()),
    }
    report(CASE, server.name, requests, timing, task=task, **figures)


def _per_cpu(one: Round) -> float:
    return one.requests / max(one.cpu, 0.01)


def _per_second(one: Round) -> float:
    return one.requests / one.seconds


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
