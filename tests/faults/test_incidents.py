"""P20: six incidents, replayed through the whole gate in time, with canary, breaker and a history that is read anew at each step.

Each is given every chance: two people agreed with it, costs are known and low, stock and clocks are fine.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards.gate import gate
from pricesmith.guards.history import facts, index_moves
from pricesmith.guards.rank import ranks, wave_index, wave_share
from pricesmith.testing.changes import NOW, clean_changes, open_state

COUNT = 2500
LIMITS = GuardPolicy()
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Shop:
    """A channel whose worker asks the gate every 10 minutes about all that has not left."""

    base: pl.DataFrame
    at: dt.datetime = NOW
    tripped: str = ""
    window: list[tuple[dt.datetime, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.applied = self.base.select("sku", "channel", "region", pl.col("current_price").alias("price")).with_columns(
            pl.lit(NOW - 40 * 24 * 60 * MINUTE).cast(pl.Datetime("us", "UTC")).alias("at")
        )
        rows = self.base.with_columns(category=pl.format("c{}", pl.int_range(pl.len()) % 7))
        self.rank = pl.Series("rank", ranks(rows))

    def tell(self, wanted: np.ndarray) -> pl.DataFrame:
        known = facts(self.applied, self.base, self.at).rename({"stands": "current_price"})
        columns = known.columns[3:]
        return self.base.with_columns(
            *(known[name].cast(CHANGES.schema[name]) for name in columns),
            pl.Series("price", wanted.astype(np.int64)),
            self.rank,
            *(
                pl.lit(self.at - 30 * MINUTE).cast(pl.Datetime("us", "UTC")).alias(name)
                for name in ("cost_at", "competitor_at", "stock_at")
            ),
        )

    def publish(self, wanted: np.ndarray, hours: float = 6.0, **state: object) -> np.ndarray:
        """(n,) True where a wrong price reached a customer within that time."""
        began, left, after = None, np.zeros(self.base.height, dtype=bool), 0
        end = self.at + hours * 60 * MINUTE
        while self.at <= end and after < 3:
            after += self.tripped != ""
            due = wave_share(wave_index(began, self.at, LIMITS), COUNT, LIMITS)
            self.window = [entry for entry in self.window if entry[0] > self.at - 10 * MINUTE]
            hour, day = index_moves(self.applied, self.base.select("sku", "channel", "region", "revenue"), self.at)
            seen = open_state(
                at=self.at, wave=due, tripped=self.tripped, index_hour=hour, index_day=day, judged=sum(entry[1] for entry in self.window),
                caught=sum(entry[2] for entry in self.window), revenue=float(self.base["revenue"].sum()), **state,
            )  # fmt: skip
            open_rows = np.flatnonzero(~left)
            changes = self.tell(wanted)[open_rows]
            gated = gate(changes, seen, LIMITS)
            self.window.append((self.at, changes.height, gated.caught))
            self.tripped = self.tripped or gated.stop
            went = open_rows[gated.leaves]
            if went.size:
                began = began or self.at
                left[went] = True
                moved = (
                    self.base[went]
                    .select("sku", "channel", "region")
                    .with_columns(
                        pl.Series("price", wanted[went].astype(np.int64)), pl.lit(self.at).cast(pl.Datetime("us", "UTC")).alias("at")
                    )
                )
                self.applied = pl.concat([self.applied, moved.select(self.applied.columns)])
            self.at += 10 * MINUTE
        return left


@pytest.fixture
def shop() -> Shop:
    return made()


def made(**columns: object) -> Shop:
    """Goods from 2 to 400 euros whose costs are a fifth of their prices at most, so that the floor is far away."""
    base = clean_changes(np.random.default_rng(20), COUNT, step=0.0)
    now = base["current_price"]
    cheap = base.with_columns(
        (now * pl.Series(np.random.default_rng(21).uniform(0.002, 0.2, COUNT))).alias("landed_cost"),
        pl.lit(None, pl.Int64).alias("min_price"),
        pl.lit(0, pl.Int8).alias("follows"),
    )
    return Shop(cheap.with_columns(*(pl.lit(value).cast(CHANGES.schema[name]).alias(name) for name, value in columns.items())))


def stopped(shop: Shop, wanted: np.ndarray, **state: object) -> set[str]:
    """The incident reaches less than 1 % of the products and stops the channel; the guards that saw it."""
    first = gate(shop.tell(wanted), open_state(wave=0.01, **state), LIMITS)
    left = shop.publish(wanted, **state)
    assert left.mean() < 0.01
    assert shop.tripped
    return set(first.hits["guard"])


def current(shop: Shop) -> np.ndarray:
    return shop.base["current_price"].to_numpy()


def test_a_good_run_reaches_everyone(shop: Shop) -> None:
    """Else the others would prove nothing: a rise of 1 to 2 % leaves in four waves, 3 hours long."""
    wanted = np.ceil(current(shop) * 1.01)
    assert shop.publish(wanted, hours=0.9).sum() == 25
    assert not shop.tripped
    assert shop.publish(wanted, hours=0.9).sum() == 25


def test_a_good_run_ends(shop: Shop) -> None:
    assert shop.publish(np.ceil(current(shop) * 1.01), hours=3.2).all()
    assert not shop.tripped


def test_making_of_a_fly() -> None:
    """Both sellers are ours to watch: each product follows a rival that has just gone up 27 %; 10 days of it make $2 M $23 M."""
    shop = made(follows=1, sellers=1)
    seen = stopped(shop, np.rint(current(shop) * 1.270589 * 0.9983))
    assert {"G3", "G14", "G15"} <= seen


def test_listings_at_one_penny(shop: Shop) -> None:
    assert {"G1", "G3", "G5", "G6", "G7"} <= stopped(shop, np.ones(COUNT))


def test_everything_capped_at_49_95(shop: Shop) -> None:
    wanted = np.minimum(current(shop), 4995.0)
    capped = wanted < current(shop)
    assert capped.sum() > 100
    assert {"G3", "G6"} <= stopped(shop, np.where(capped, wanted, np.ceil(current(shop) * 1.001)))


def test_cameras_at_94_48(shop: Shop) -> None:
    cameras = np.arange(COUNT) % 10 == 0
    assert {"G3", "G6"} <= stopped(shop, np.where(cameras, 9448.0, np.ceil(current(shop) * 1.001)))


@pytest.mark.parametrize(
    ("rate", "known"), [(0.134, {"DKK": 0.134}), (7.46, {"DKK": 0.134}), (1.08, {"USD": 0.926}), (0.926, {"USD": 0.926})]
)
def test_wrong_exchange_rate(shop: Shop, rate: float, known: dict[str, float]) -> None:
    assert "G7" in stopped(shop, np.rint(current(shop) * rate), rates=known, rates_at=NOW)


def test_half_price_by_an_operator(shop: Shop) -> None:
    """Little Swan: prices at 40 to 50 % of what they were."""
    wanted = np.rint(current(shop) * np.random.default_rng(1).uniform(0.4, 0.5, COUNT))
    assert {"G3", "G7"} <= stopped(shop, wanted)


def test_half_of_cost_by_an_operator() -> None:
    shop = made()
    wanted = np.rint(shop.base["landed_cost"].to_numpy() * np.random.default_rng(1).uniform(0.4, 0.5, COUNT))
    assert "G1" in stopped(shop, np.maximum(wanted, 1))


@pytest.mark.parametrize("step", [0.905, 1.095])
def test_small_enough_for_every_price_but_not_for_all_of_them(step: float) -> None:
    """Every product moves 9.5 % the same way: no price is caught, and the index stops the third wave."""
    shop = made()
    assert 0.05 < shop.publish(np.rint(current(shop) * step)).mean() < 0.35
    assert shop.tripped == "index_hour"


def test_a_rush_of_orders_takes_the_cut_back() -> None:
    """A cut that every guard let through: orders rush in, nothing more is cut, and prices go back."""
    shop = made()
    before = current(shop)
    shop.publish(np.ceil(before * 0.97), hours=0.5)
    cut = gate(shop.tell(before), open_state(at=shop.at, orders=400, usual=30.0), LIMITS)
    assert cut.stop == "order_rush"
    assert not cut.leaves.any()
    back = shop.tell(before).with_columns(pl.lit(1, pl.Int8).alias("undo"))
    assert gate(back, open_state(at=shop.at, orders=400, usual=30.0, tripped="order_rush"), LIMITS).leaves.all()
