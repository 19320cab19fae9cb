"""A shop whose prices wander: proposals of any size go through the gate, what leaves is published, and an oracle that keeps its own books
looks at every price that left."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards.gate import Gated, gate
from pricesmith.guards.history import DAY, KEY, facts, index_moves, stood
from pricesmith.testing.changes import NOW, open_state

TAX, FEE, PAYMENT, DISCOUNT = 0.25, 0.1, 0.1, 0.2
"""The kept share after the discount is 0.8 / 1.25 x 0.8 = 0.512."""
LIMITS = GuardPolicy(index_hour=1.0, index_day=1.0, breaker_share=1.0)
"""The breakers are opened, so that the walk goes on; P20 is about them."""


class Walk:
    """`count` products, their costs, and every price that stood, as the ledger would have it."""

    def __init__(self, seed: int, count: int) -> None:
        self.rng, self.count, self.at = np.random.default_rng(seed), count, NOW
        self.price = self.rng.integers(300, 5000, count)
        self.cost = self.price * 0.3
        self.cost_at: list[dt.datetime | None] = [NOW] * count
        self.names = pl.DataFrame({"sku": [f"W{row}" for row in range(count)], "channel": ["web"] * count, "region": ["DE"] * count})
        self.applied = self._rows(self.price, np.ones(count, dtype=bool))
        self.books = [(self.at, self.price.copy())]
        self.sent = self.undone = 0

    def _rows(self, prices: np.ndarray, which: np.ndarray) -> pl.DataFrame:
        rows = self.names.with_columns(
            pl.Series("price", prices.astype(np.int64)), pl.lit(self.at).cast(pl.Datetime("us", "UTC")).alias("at")
        )
        return rows.filter(pl.Series(which))

    def wait(self, minutes: float) -> None:
        self.at += dt.timedelta(minutes=minutes)

    def new_costs(self, factor: np.ndarray, missing: np.ndarray, stale: np.ndarray) -> None:
        """Costs move, are lost, or are not confirmed."""
        self.cost = np.where(missing, np.nan, np.where(np.isnan(self.cost), self.price * 0.3, self.cost) * factor)
        self.cost_at = [known if old else self.at for known, old in zip(self.cost_at, stale, strict=True)]

    def meddle(self, factor: np.ndarray) -> None:
        """Somebody else sets prices in the shop."""
        self._stand(np.maximum(1, np.rint(self.price * factor)).astype(np.int64))

    def _stand(self, prices: np.ndarray) -> None:
        """A moment later, since the ledger keeps one price of a product for one moment."""
        self.at += dt.timedelta(microseconds=1)
        self.applied = pl.concat([self.applied, self._rows(prices, prices != self.price)])
        self.price = prices
        self.books.append((self.at, prices.copy()))

    def publish(self, wanted: np.ndarray, undo: np.ndarray | None = None) -> Gated:
        """Ask the gate for these prices, from nothing but the history table, and let stand what leaves."""
        known = facts(self.applied, self.names, self.at)
        asked = self.names.with_columns(pl.Series("price", wanted.astype(np.int64)))
        back = (
            stood(self.applied, asked, self.at) if undo is None else stood(self.applied, asked, self.at) * pl.Series(undo.astype(np.int8))
        )
        filled = {
            "currency": "EUR", "tax_rate": TAX, "fee_rate": FEE, "payment_rate": PAYMENT, "discount_share": DISCOUNT, "follows": 0,
            "uses_stock": 0, "forbidden": 0, "needs": 2, "agreed": 2, "rank": 0.5, "revenue": 1.0,
        }  # fmt: skip
        given = known.rename({"stands": "current_price"}).with_columns(
            asked["price"],
            pl.Series("landed_cost", self.cost, dtype=pl.Float64),
            pl.Series("cost_at", self.cost_at, dtype=pl.Datetime("us", "UTC")),
            (back if undo is not None else pl.Series([0] * self.count)).alias("undo"),
            *(pl.lit(value).alias(name) for name, value in filled.items()),
        )
        changes = given.select(
            (pl.col(name) if name in given.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in CHANGES.schema.items()
        )
        hour, day = index_moves(self.applied, self.names.with_columns(revenue=1.0), self.at)
        gated = gate(changes, open_state(at=self.at, index_hour=hour * 0, index_day=day * 0), LIMITS)
        self._audit(wanted, gated.leaves, changes["undo"].to_numpy() == 1)
        self._stand(np.where(gated.leaves, wanted, self.price).astype(np.int64))
        return gated

    def _audit(self, wanted: np.ndarray, leaves: np.ndarray, back: np.ndarray) -> None:
        """P01, P03, P04 of what leaves, from the books alone."""
        new, now = wanted[leaves].astype(float), self.price[leaves].astype(float)
        self.sent += int((new != now).sum())
        self.undone += int((leaves & back & (wanted != self.price)).sum())
        assert not np.isnan(self.cost[leaves]).any(), "P03: a price left without a cost"
        fresh = np.array([known is not None and self.at - known <= DAY for known in self.cost_at])
        assert (fresh | (back & (wanted > self.price)))[leaves].all(), "P03: a price left on an old cost"
        assert (new * 0.512 >= self.cost[leaves] * (1 - 1e-9)).all(), "P01: a price left below its floor"
        ahead = ~back[leaves]
        ends = [*(at for at, _ in self.books[1:]), self.at]
        day = np.array([prices[leaves] for (_, prices), end in zip(self.books, ends, strict=True) if end > self.at - DAY or end == self.at])
        week = next((prices for at, prices in reversed(self.books) if at <= self.at - 7 * DAY), self.books[0][1])[leaves]
        for before, share, name in ((now, 0.10, "step"), (day.min(0), 0.20, "day"), (day.max(0), 0.20, "day"), (week, 0.35, "week")):
            assert (np.abs(new / before - 1.0) <= share + 1e-9)[ahead].all(), f"P04: {name}"

    def forget(self) -> None:
        """A restart: all that is kept is the table, in whatever order it is read; books older than 8 days are closed."""
        self.applied = self.applied[self.rng.permutation(self.applied.height)]

    def prune(self) -> None:
        """Drop what no window reaches, so that long walks stay quick."""
        month = self.at - 31 * DAY
        last = self.applied.filter(pl.col("at") <= month).sort("at").group_by(KEY, maintain_order=True).last()
        self.applied = pl.concat([last.select(self.applied.columns), self.applied.filter(pl.col("at") > month)])
        kept = [number for number, (at, _) in enumerate(self.books) if at > self.at - 8 * DAY]
        self.books = self.books[max((kept or [len(self.books)])[0] - 1, 0) :]


def wild(rng: np.random.Generator, price: np.ndarray) -> np.ndarray:
    """Proposals: most are steps, some are slips."""
    factor = np.exp(rng.normal(0.0, rng.choice([0.03, 0.1, 0.3]), price.size))
    slips = rng.choice([1.0, 0.0, -1.0, 0.01, 0.1, 10.0, 100.0], price.size, p=[0.9, *[1 / 60] * 6])
    return np.rint(price * factor * slips).astype(np.int64)


def stroll(walk: Walk, rounds: int) -> None:
    """Rounds of everything that can happen."""
    rng, count = walk.rng, walk.count
    for _ in range(rounds):
        walk.wait(float(rng.choice([0, 1, 14, 15, 60, 400, 2000])))
        flags = [rng.random(count) < chance for chance in (0.02, 0.05)]
        walk.new_costs(np.exp(rng.normal(0.0, 0.03, count)), *flags)
        if rng.random() < 0.2:
            walk.meddle(np.where(rng.random(count) < 0.1, rng.choice([0.5, 0.01, 0.9, 1.2, 3.0], count), 1.0))
        if rng.random() < 0.2:
            walk.forget()
            old = walk.books[int(rng.integers(len(walk.books)))][1]
            walk.publish(old, np.ones(count, dtype=bool))
        else:
            walk.publish(wild(rng, walk.price))
        walk.prune()
