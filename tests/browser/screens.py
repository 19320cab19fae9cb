"""Pictures of every page of the demo shop, by `make screens`: <page>.jpg is wide, light, English; <page>.zh.jpg a phone, dark, Chinese."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from pricesmith.apps.cli.main import main as pricesmith
from pricesmith.flows import batch
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office, record_run
from tests.browser import chrome
from tests.browser.pages import addresses

LOOKS = {"": ("en-GB", "desktop", "light"), ".zh": ("zh-CN", "phone", "dark")}
HIGHEST = 1800
"""Pixels after which a long page is cut."""


def take(folder: Path, out: Path) -> list[Path]:
    """Serve a priced shop and take its pictures."""
    places = addresses(Reading(office(folder)))
    with chrome.served(folder) as address, chrome.browser() as browser:
        return [shot(browser, address + place, name, ending, out) for name, place in places.items() for ending in LOOKS]


def beside(folder: Path, out: Path) -> list[Path]:
    """The page of two runs: the newest beside one of the same shop as it was known four weeks before."""
    reading = Reading(office(folder))
    newest = reading.run(reading.latest() or "")
    loaded = batch.load(folder)
    priced = batch.price(loaded, newest.as_of - dt.timedelta(days=28))
    earlier = record_run(folder, priced, loaded.prepared.tables["competitor_prices"], "pricesmith").run
    place = f"/runs/{newest.name}/compare?other={earlier}"
    with chrome.served(folder) as address, chrome.browser() as browser:
        return [shot(browser, address + place, "run.compare", ending, out) for ending in LOOKS]


def shot(browser: Browser, address: str, name: str, ending: str, out: Path) -> Path:
    language, width, light = LOOKS[ending]
    wide, high = chrome.WIDTHS[width]
    context = browser.new_context(viewport={"width": wide, "height": high}, locale=language, color_scheme=light, timezone_id="UTC")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address, wait_until="load")
    height = min(HIGHEST, int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": wide, "height": max(high, height)})
    path = out / f"{name}{ending}.jpg"
    page.screenshot(path=path, type="jpeg", quality=72)
    context.close()
    return path


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        try:
            pricesmith(["demo", f"{place}/shop", "--no-serve"])
        except SystemExit as ended:
            if ended.code:
                raise
        shop = Path(place) / "shop"
        for path in [*take(shop, out), *beside(shop, out)]:
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
