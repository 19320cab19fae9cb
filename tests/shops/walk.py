"""What a user of the commands has at hand: a shop folder, a shop, the words of the commands, and a count of what left."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from pricesmith.apps.cli import main
from tests.shops.catalogue import articles

NAME = "main"
DAYS = 100
SETTINGS = """
currency = "{currency}"
tax = "gross"

[model]
draws = 16

[holdout]
share = 0.3

[approval]
two_people_move = {two}

# The test does in a minute what takes a shop days: no pause between waves, and a whole price list at once.
[guards]
canary_minutes = 0
dwell_minutes = 0.001
index_hour = 0.5
index_day = 0.5

[[rule]]
kind = "margin_floor"
min_margin = 0.05

[[rule]]
kind = "max_change"
step = 0.08

[[rule]]
kind = "max_change"
where = {{ family = "product-00*" }}
step = 0.04
"""


class RealShop(Protocol):
    """A running shop, beside our adapter: what its customers and its keeper see and do."""

    key: str

    def shown(self) -> dict[str, int]: ...
    def touched(self) -> dict[str, str]: ...
    def sell(self, sku: str, units: int) -> int: ...
    def reprice(self, prices: Mapping[str, int]) -> None: ...


@dataclass
class Walk:
    """A shop folder on its way through the commands.

    left  product keys of every write call that reached the platform's adapter, in order
    said  all that the commands wrote to standard output and standard error
    """

    folder: Path
    shop: RealShop
    left: list[list[str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def call(self, command: str, *words: object) -> tuple[int, str, str]:
        """Run a command on the folder as the shell would; its status, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main.main([command, str(self.folder), *map(str, words)])
        self.said += [out.getvalue(), err.getvalue()]
        assert isinstance(ended.value.code, int)
        return ended.value.code, out.getvalue(), err.getvalue()

    def say(self, command: str, *words: object) -> str:
        """Standard output of a command that does what it is asked to."""
        status, out, err = self.call(command, *words)
        assert status == 0, out + err
        return out

    def ask(self, command: str, *words: object) -> Any:
        """The JSON document of a command."""
        return json.loads(self.say(command, *words, "--json"))

    def refused(self, command: str, *words: object) -> str:
        """The one line of a command that refuses."""
        status, _, err = self.call(command, *words)
        assert status in (1, 2), err
        last = err.strip().splitlines()[-1]
        assert last.startswith("error: "), err
        assert "Traceback" not in err
        return last

    def sent(self) -> list[str]:
        """Product keys written since the last time that this was asked."""
        skus = [sku for call in self.left for sku in call]
        self.left.clear()
        return skus


def begin(folder: Path, currency: str, two: float) -> None:
    """A shop folder before its first day: settings, and no data."""
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text(SETTINGS.format(currency=currency, two=two).lstrip(), encoding="utf-8")


def write_history(path: Path, prices: Mapping[str, int], today: dt.date, seed: int = 4) -> int:
    """Made orders of the days before: the real shop is a few minutes old. Returns how many.

    Each order is one unit; about base x (price / shop's price)^-elasticity a day, in weeks of 94 to 106 % of the price that stands in the
    shop now. Yesterday each product was sold, at that price.
    """
    rng = np.random.default_rng(seed)
    rows = []
    listed = sorted(article.sku for article in articles())
    for sku in listed:
        base, elasticity = rng.uniform(0.6, 2.4), rng.choice([1.2, 2.2, 4.0])
        factors = np.repeat(rng.choice([0.94, 0.97, 1.0, 1.03, 1.06], DAYS // 7 + 1), 7)[:DAYS]
        factors[-7:] = 1.0
        units = rng.poisson(base * factors**-elasticity)
        units[-1] = max(units[-1], 1)
        for day in range(DAYS):
            price = round(prices[sku] * factors[day])
            at = dt.datetime.combine(today, dt.time(12), dt.UTC) - dt.timedelta(days=DAYS - day)
            rows += [(f"{sku}-{day}-{unit}", at.isoformat(), sku, 1, f"{price // 100}.{price % 100:02d}") for unit in range(units[day])]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("order_id", "at", "sku", "units", "price"), *rows])
    return len(rows)
