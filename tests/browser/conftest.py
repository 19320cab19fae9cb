"""Desks and a browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser

from tests.browser import chrome
from tests.browser.walking import Visit, visiting
from tests.desk.place import Place, place
from tests.shops.processes import MissingError

QUIET = """[guards]
canary_minutes = 0
dwell_minutes = 1e-7
index_hour = 0.9
index_day = 0.9
competitor_hours = 99999
stock_hours = 99999
"""
"""Settings under which a walk need not wait."""
BAD = "2026-02-31,nobody,1,1.0,0,1.0\n"
"""A sale on a day that there is not."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is served."""

    address: str
    folder: Path
    run: str

    @property
    def prices(self) -> dict[str, float]:
        """What stands in the shop."""
        feed = pl.read_csv(self.folder / "feed.csv", schema_overrides={"sku": pl.String})
        return dict(zip(feed["sku"], feed["price"], strict=True))


def selling(folder: Path) -> Place:
    """A priced shop whose prices stand in a file, and one of whose sales cannot be read."""
    found = place(folder)
    path = folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[guards]\n", QUIET), encoding="utf-8")
    rows = found.desk.reading.run(found.run).decided.filter(pl.col("current_price") > 0)
    rows.select("sku", price=pl.col("current_price") / 100).write_csv(folder / "feed.csv", float_precision=2)
    with (folder / "data" / "sales.csv").open("a", encoding="utf-8") as file:
        file.write(BAD)
    return found


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("browser") / "shop")


@pytest.fixture(scope="session")
def served(desk: Place) -> Iterator[str]:
    with chrome.served(desk.folder) as address:
        yield address


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop of one's own."""
    found = selling(tmp_path / "shop")
    with chrome.served(found.folder) as address:
        yield Shop(address, found.folder, found.run)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop for walks that do not get into one another's way."""
    found = selling(tmp_path_factory.mktemp("walks") / "shop")
    with chrome.served(found.folder) as address:
        yield Shop(address, found.folder, found.run)


browser = pytest.fixture(scope="module")(chrome.browser_or_skip)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with visiting(browser) as visit:
        yield visit


@pytest.fixture(scope="session")
def axe() -> str:
    try:
        return chrome.axe()
    except MissingError as reason:
        pytest.skip(str(reason))
