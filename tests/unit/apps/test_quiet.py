"""No command lets a warning of NumPy out, whatever stands in the shop: what is not known is counted apart, not divided by."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricesmith.flows.publishing.office import office
from tests.unit.apps.test_commands import run

DAYS = [dt.date(2026, 1, 1) + dt.timedelta(days=k) for k in range(90)]
SETTINGS = """currency = "EUR"
tax = "net"
[[rule]]
kind = "max_change"
step = 0.2
[[rule]]
kind = "same_price"
by = "family"
[[rule]]
kind = "index_limit"
max_move = 0.1
[[rule]]
kind = "category_floor"
quantity = "margin"
share = 0.5
[[rule]]
kind = "competitor_band"
high = 1.2
hard = false
"""
PRODUCTS = """sku,category,family,unit_cost,active,price
a,x,f,4,1,
b,x,f,4,1,
never,x,f,4,1,
stated,y,,3,1,7.99
free,y,,,1,
once,y,,2,1,
gone,y,,2,0,
nothing,,,0,1,
"""


@pytest.fixture
def strict() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Products of a family, one that never sold or but once, is given away, has no cost or one of 0, or is not priced any more."""
    folder = tmp_path / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "data" / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    rows = [f"{day},{sku},{3 + (k + n) % 4},{8 + k // 45}.49" for k, day in enumerate(DAYS) for n, sku in enumerate(("a", "b", "gone"))]
    rows += [f"{day},nothing,0,5" for day in DAYS] + [f"{DAYS[3]},once,1,4", f"{DAYS[4]},free,2,0"]
    (folder / "data" / "sales.csv").write_text("date,sku,units,price\n" + "\n".join(rows) + "\n", encoding="utf-8")
    offers = f"observed_at,sku,competitor,price\n{DAYS[-1]},a,x,8\n{DAYS[-1]},never,x,8\n"
    (folder / "data" / "competitor_prices.csv").write_text(offers, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("strict")
@pytest.mark.real  # long
def test_every_command_is_quiet(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.csv").write_text(f"date,sku,price\n{DAYS[-1]},a,9\n{DAYS[-1]},never,9\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    assert run("price", shop, "--out", out, "--report", tmp_path / "report.html", "--by", "ann") == 0
    place = office(shop)
    name = str(place.book.read("runs", columns=["run"])["run"][0])
    told = [("check", shop), ("fit", shop), ("predict", shop, "--scenario", tmp_path / "plan.csv", "--out", out), ("features", shop)]
    told += [("explain", shop, sku) for sku in ("a", "never", "stated", "once", "nothing")]
    told += [("override", shop, name, "--set", "a=8.99", "--set", "b=8.99", "--by", "ben", "--why", "flyer")]
    told += [("runs", shop, name), ("drill", shop), ("approve", shop, name, "--by", "cleo"), ("outcome", shop, name)]
    told += [("connect", shop, "web", "--platform", "csv_feed", "--url", "feed.csv"), ("publish", shop, name, "--to", "web")]
    told += [("audit", shop, "--verify"), ("backtest", shop, "--horizon", "14", "--folds", "2")]
    for words in told:
        status = run(*words)
        said = capsys.readouterr()
        assert "Warning" not in said.out + said.err, (words, said.err)
        assert status == 0 or "unexpected" not in said.err, (words, said.err)
