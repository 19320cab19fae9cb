"""The way of prices through a real shop: read all, change some, read back, sell at the new price, put everything back."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.shop import Key, Reading, Shop, ShopSource, Surroundings, Writing
from pricesmith.contracts.tables import INPUT
from pricesmith.testing.check_shop import Bench, check_partial, check_prices, check_refusals, fates
from pricesmith.testing.fake_shop import VirtualClock
from tests.shops.benches import policy_of
from tests.shops.catalogue import articles

COUNT = 200


class Both(Shop, ShopSource, Protocol):
    """A shop that can be read, written and pulled from."""


@dataclass(frozen=True)
class Live:
    """A real shop and what its customers and its own clock say.

    shop     our adapter
    truth    prices that customers see, in minor units, by product key
    touched  when each variant, by product key, was last changed, as the platform says
    sell     a customer buys so many units of a product key; the unit price paid, in minor units
    """

    shop: Both
    truth: Callable[[], Mapping[str, int]]
    touched: Callable[[], Mapping[str, str]]
    sell: Callable[[str, int], int]


def connect(platform: str, currency: str, secret: str, url: str, **more: Any) -> Any:
    """Our adapter on the network, with the clock of this machine."""
    real = Surroundings(lambda: dt.datetime.now(dt.UTC), time.sleep, np.random.default_rng(0))
    return SHOPS[platform].open(policy_of(platform, currency, url=url, **more), secret, real)


def write_all(shop: Shop, wanted: Mapping[Key, int], found: Mapping[Key, Reading]) -> list[Key]:
    """Write the prices that differ from those found; the keys that were written."""
    differing = [Writing(key, price, found[key].currency, found[key].handle) for key, price in wanted.items() if found[key].price != price]
    for start in range(0, len(differing), shop.capability.batch):
        part = differing[start : start + shop.capability.batch]
        assert set(fates(shop.write(part)).values()) == {"applied"}
    return [writing.key for writing in differing]


def journey(live: Live) -> None:
    """Read all, change 60 of 200, find exactly these changed, sell one, undo, find all as before: 100 % equal at each step."""
    before = live.shop.prices()
    assert len(before) == COUNT
    old = {key: reading.price for key, reading in before.items()}
    assert {key.sku: price for key, price in old.items()} == dict(live.truth())
    touched = live.touched()
    changed = {key: round(price * 1.07) for number, (key, price) in enumerate(sorted(old.items())) if number % 10 < 3}
    written = write_all(live.shop, old | changed, before)
    assert set(written) == set(changed)
    wanted = {key.sku: price for key, price in (old | changed).items()}
    assert {key.sku: reading.price for key, reading in live.shop.prices().items()} == wanted
    assert live.truth() == wanted
    now = live.touched()
    assert {sku for sku in now if now[sku] != touched[sku]} <= {key.sku for key in changed}, "others were touched"
    sku = min(changed).sku
    assert live.sell(sku, 2) == changed[min(changed)]
    assert write_all(live.shop, old | changed, live.shop.prices()) == [], "equal prices are not written again"
    assert set(write_all(live.shop, old, live.shop.prices())) == set(changed)
    assert {key: reading.price for key, reading in live.shop.prices().items()} == old
    assert live.truth() == {key.sku: price for key, price in old.items()}


def promises(live: Live, skus: Sequence[str]) -> None:
    """The conformance suite, on some products of the real shop."""
    keys = [Key(sku, "web", "DE") for sku in skus]
    bench = Bench(live.shop, lambda: {key: live.truth()[key.sku] for key in keys}, VirtualClock())
    before = live.shop.prices(keys)
    for check in (check_prices, check_refusals, check_partial):
        check(bench, before[keys[0]].currency)
    write_all(live.shop, {key: reading.price for key, reading in before.items()}, live.shop.prices(keys))


def pulled(live: Live, folder: Path, currency: str) -> dict[str, int]:
    """Fill a shop folder, let `pricesmith check` judge it; the rows of each table."""
    (folder / "data").mkdir()
    (folder / "shop.toml").write_text(f'currency = "{currency}"\ntax = "gross"\n')
    counts: dict[str, int] = {}
    for name, table in INPUT.items():
        rows = live.shop.pull(table)
        if rows is not None:
            rows.frame.drop("_file", "_line").write_csv(folder / "data" / f"{name}.csv")
            counts[name] = rows.frame.height
    command = [sys.executable, "-m", "pricesmith", "check", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert not report["blocked"], report
    assert not report["quarantine"], report["quarantine"][:3]
    assert "missing_tax_rate" not in {warning["code"] for warning in report["warnings"]}
    assert {name: report["tables"][name]["accepted"] for name in counts} == counts
    return counts


def stock_of(skus: Sequence[str]) -> dict[str, int]:
    return {article.sku: article.stock for article in articles() if article.sku in skus}
