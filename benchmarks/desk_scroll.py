"""The prices table of 100,000 products in a real browser: frames while a wheel scrolls it, and waits for rows.

First a wheel with notches, turned as fast as a hand can: 30 of them a second, 3,000 pixels. Then each turn is sent when the one before has
been taken: about 12,000 pixels a second, 200 rows, on an idle machine. Server and browser share the machine, so figures by the clock hold
whatever else runs there; CPU milliseconds of the page's main thread do not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.support.measure import Timing, goal, report
from tests.browser import chrome
from tests.shops.processes import MissingError

CASE = "desk_scroll"
ROWS, NOTCH, WAITS = {"desktop": 5_000, "phone": 1_250}, 400, 12
"""Rows that are scrolled through (one is four times as high on a phone), pixels of a turn of the wheel, measurements of a wait."""
TURN, TURNS, SHARE = 100, 30, 5
"""Pixels of a person's turn of the wheel, how many a second, and the part of the rows that a person scrolls through: one in so many."""
LONG_MS, WAIT_MS = 50.0, 300.0
"""A frame that people see as a stall, and a wait that they notice; of the desk's goals."""
WATCH = """() => {
  const seen = (window.seen = { frames: [], tasks: [], waits: [] });
  let last = 0, since = 0;
  const on = (now) => {
    if (last) seen.frames.push(now - last);
    last = now;
    const place = window.place?.isConnected ? window.place : null, more = document.querySelector('a[data-more]');
    const ended = place && more && place.scrollTop + place.clientHeight >= place.scrollHeight - 1;
    if (ended && !since) since = now;
    if (!ended && since) { seen.waits.push(now - since); since = 0; }
    requestAnimationFrame(on);
  };
  requestAnimationFrame(on);
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: 'longtask' });
  const tall = document.querySelector('.scroll.tall');
  window.place = tall.scrollHeight > tall.clientHeight ? tall : document.scrollingElement;
}"""
REACHED = """() => {
  const rows = document.querySelectorAll('tr[data-row]').length, place = window.place;
  return [rows, !document.querySelector('a[data-more]') && place.scrollTop + place.clientHeight >= place.scrollHeight - 1];
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now()))))"
NOW = "() => performance.timeOrigin + performance.now()"


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds between frames, of tasks over 50 ms, and of stays at the end of the rows until more came.

    busy  CPU milliseconds of each task of the main thread;  wall: seconds
    """

    frames: list[float]
    tasks: list[float]
    waits: list[float]
    busy: list[float]
    wall: float

    @property
    def long(self) -> int:
        return sum(one > LONG_MS for one in self.frames)


def during(page: Page, work: Callable[[], None]) -> Seen:
    """What the page did meanwhile. Expects WATCH to run in it."""
    browser = page.context.browser
    assert browser is not None
    page.evaluate("() => Object.values(window.seen).forEach((one) => one.splice(0))")
    browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
    page.evaluate("() => performance.mark('begun')")
    begun = time.perf_counter()
    work()
    page.evaluate("() => performance.mark('ended')")
    wall, seen = time.perf_counter() - begun, page.evaluate("() => window.seen")
    return Seen(seen["frames"], seen["tasks"], seen["waits"], _busy(browser.stop_tracing()), wall)


def _busy(trace: bytes) -> list[float]:
    """CPU milliseconds of each task of the busiest main thread of a page, between the marks: tracing itself is work too."""
    events = json.loads(trace)["traceEvents"]
    begun, ended = (max(one["ts"] for one in events if one["name"] == mark) for mark in ("begun", "ended"))
    found: dict[tuple[int, int], list[float]] = {
        (one["pid"], one["tid"]): [] for one in events if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    for one in events:
        thread = found.get((one["pid"], one["tid"]))
        if thread is not None and one["name"] == "ThreadControllerImpl::RunTask" and one["ph"] == "X" and begun < one["ts"] < ended:
            thread.append(one.get("tdur", 0.0) / 1e3)
    return max(found.values(), key=sum)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("products", nargs="?", type=int, default=100_000)
    parser.add_argument("--rows", type=int, help=f"rows to scroll through (default {ROWS})")
    given = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks.support.desk_shop", str(given.products)]
    folder = Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    try:
        chrome.program()
    except MissingError as reason:
        print(json.dumps({"case": CASE, "absent": str(reason)}))
        return
    with chrome.served(folder) as address, chrome.browser() as browser:
        for width, (wide, high) in chrome.WIDTHS.items():
            page = browser.new_context(viewport={"width": wide, "height": high}, locale="en-GB").new_page()
            page.set_default_timeout(60_000)
            warmed(page, address)
            scrolled(page, width, given.products, min(given.rows or ROWS[width], given.products))
            if width == "desktop":
                waited(page, address, given.products)
            page.context.close()


def warmed(page: Page, address: str) -> None:
    """Open the table, until the desk has read what it keeps."""
    for _ in range(60):
        page.goto(f"{address}/prices")
        begun = time.perf_counter()
        page.reload(wait_until="load")
        if time.perf_counter() - begun < 1.0:
            return
        time.sleep(1.0)


def scrolled(page: Page, width: str, products: int, rows: int) -> None:
    """Frames at rest, which tell of the machine, and frames on the way down and up again."""
    page.evaluate(WATCH)
    box = page.locator(".scroll.tall").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
    ways: dict[str, Callable[[], None]] = {
        "rest": lambda: page.wait_for_timeout(3000),
        "by hand": lambda: _turned(page, rows // SHARE),
        "down": lambda: _down(page, rows),
        "up": lambda: _up(page),
    }
    found = {}
    for way, work in ways.items():
        found[way] = during(page, work)
        _told(f"{way}, {width}", products, found[way], rows=0 if way == "rest" else page.evaluate(REACHED)[0])
    _goals(width, "by hand", [found["by hand"]])
    _goals(width, "as fast as a browser can", [found["down"], found["up"]])


def _goals(width: str, way: str, moved: list[Seen]) -> None:
    worst, longest = max(max(one.frames) for one in moved), max(max(one.tasks, default=0.0) for one in moved)
    busy = max(max(one.busy) for one in moved)
    stalls = f"{sum(one.long for one in moved)} of {sum(len(one.frames) for one in moved):,} frames"
    text = f"{stalls}, worst {worst:.0f} ms, longest task {longest:.0f} ms, load {os.getloadavg()[0]:.1f}"
    goal(
        CASE,
        f"scrolling {way} keeps the page busy <= {LONG_MS:g} ms at a time, {width}",
        f"longest task {busy:.0f} CPU ms",
        busy <= LONG_MS,
    )
    goal(CASE, f"no frame over {LONG_MS:g} ms on the clock, scrolling {way}, {width}", text, worst <= LONG_MS)


def _turned(page: Page, rows: int) -> None:
    """Turns of a wheel as a person makes them, until so many rows are there."""
    begun, turns = time.perf_counter(), 0
    while page.evaluate(REACHED)[0] < rows:
        for _ in range(TURNS):
            page.mouse.wheel(0, TURN)
            turns += 1
            page.wait_for_timeout(max(1e3 * (begun + turns / TURNS - time.perf_counter()), 0.0))


def _down(page: Page, rows: int) -> None:
    while True:
        for _ in range(10):
            page.mouse.wheel(0, NOTCH)
        shown, ended = page.evaluate(REACHED)
        if shown >= rows or ended:
            return


def _up(page: Page) -> None:
    while page.evaluate("() => window.place.scrollTop") > 0:
        for _ in range(10):
            page.mouse.wheel(0, -3 * NOTCH)


def _told(task: str, products: int, seen: Seen, rows: int) -> None:
    report(
        CASE, "pricesmith desk", products, Timing(sum(seen.busy) / 1e3, seen.wall, 1), task=task, rows=rows, frames=len(seen.frames),
        median_ms=round(statistics.median(seen.frames), 1), worst_ms=round(max(seen.frames)), over_50_ms=seen.long,
        longest_task_ms=round(max(seen.tasks, default=0.0)), longest_task_cpu_ms=round(max(seen.busy)),
        waits=len(seen.waits), longest_wait_ms=round(max(seen.waits, default=0.0)),
    )  # fmt: skip


def waited(page: Page, address: str, products: int) -> None:
    """From a click to new rows on the screen: another page of the table, another order, a filter, a jump to the end of the rows."""
    acts = {"next page": _next, "sort": _sort, "filter": _filter, "end of the rows": _end}
    for name, act in acts.items():
        found = []
        for number in range(WAITS):
            page.goto(f"{address}/prices?page={50 * number + 1}" if act is not _filter else f"{address}/prices")
            page.wait_for_timeout(700)
            found.append(act(page))
        median, worst = statistics.median(found), max(found)
        timing = Timing(0.0, median / 1e3, WAITS)
        report(CASE, "pricesmith desk", products, timing, task=name, median_ms=round(median), worst_ms=round(worst))
        goal(CASE, f"new rows after {name} <= {WAIT_MS:g} ms", f"median {median:.0f} ms, worst {worst:.0f} ms", median <= WAIT_MS)


def _next(page: Page) -> float:
    """The link at the end as a link, as where the script does not run: a whole page."""
    page.evaluate("() => document.querySelector('p.next')?.replaceChildren(...document.querySelectorAll('p.next a'))")
    return _opened(page, "p.next a")


def _sort(page: Page) -> float:
    return _opened(page, 'thead a[href*="sort=name&"]')


def _opened(page: Page, selector: str) -> float:
    begun = page.evaluate(NOW)
    with page.expect_navigation(wait_until="load"):
        page.evaluate("(one) => document.querySelector(one).click()", selector)
    return float(page.evaluate(PAINTED) - begun)


def _filter(page: Page) -> float:
    return float(
        page.evaluate(
            """async () => {
              const before = document.querySelector('#table'), field = document.querySelector('select[name=action]');
              const begun = performance.now();
              field.value = field.value === 'keep' ? 'change' : 'keep';
              field.dispatchEvent(new Event('change', { bubbles: true }));
              while (before.isConnected) await new Promise((on) => requestAnimationFrame(on));
              await new Promise((on) => requestAnimationFrame(() => setTimeout(on)));
              return performance.now() - begun;
            }"""
        )
    )


def _end(page: Page) -> float:
    return float(
        page.evaluate(
            """async () => {
              const place = document.querySelector('.scroll.tall'), count = () => document.querySelectorAll('tr[data-row]').length;
              const before = count(), begun = performance.now();
              place.scrollTop = place.scrollHeight;
              while (count() === before) await new Promise((on) => requestAnimationFrame(on));
              await new Promise((on) => requestAnimationFrame(() => setTimeout(on)));
              return performance.now() - begun;
            }"""
        )
    )


if __name__ == "__main__":
    main()
