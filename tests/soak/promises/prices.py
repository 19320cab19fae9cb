"""What holds for every price that leaves the gate, whatever was asked and whatever happened before."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.tables import CHANGES
from pricesmith.guards.gate import gate
from pricesmith.guards.loops import Follow, refused
from pricesmith.testing.changes import NOW, clean_changes, hard_changes, open_state
from tests.laws.guard_walk import LIMITS as WALK_LIMITS
from tests.laws.guard_walk import Walk, stroll
from tests.laws.test_guard_laws import LENIENT, POSITIVE, duel, slipped
from tests.soak.promise import Seen, promise
from tests.unit.guards.cases import LIMITS, ask, many
from tests.unit.guards.test_discounts import baskets

ROUND = 2000
"""Products that are asked for in one round of the walk."""


@promise(
    "P01 P03 P04",
    "Over any history and restarts no price leaves below its floor, without a fresh cost, or further than 10 % a step, "
    "20 % a day, 35 % a week.",
    full=1_000_000,
    small=8_000,
    unit="steps",
)
def histories(size: int) -> Seen:
    """A step is one product asked for in one round. The walk's own books look at each price that leaves, and raise at a breach."""
    products = min(ROUND, max(size // 40, 1))
    walk = Walk(2, products)
    stroll(walk, size // products)
    told = f"{walk.sent} prices left, {walk.undone} of them back, restarts from the history table alone"
    return Seen(size // products * products, 0, told)


@promise("P02", "No piece of any basket brings less than it costs after coupons and bundles.", full=100_000, small=500, unit="baskets")
def net_prices(size: int) -> Seen:
    leaves, below = baskets(size, 2)
    assert leaves
    return Seen(size, below, f"{leaves} left")


@promise("P03", "A price whose cost is missing, impossible or stale is held.", full=100_000, small=2_000, unit="prices")
def held_costs(size: int) -> Seen:
    rng = np.random.default_rng(3)
    changes = clean_changes(rng, size)
    wrong = rng.choice([np.nan, np.inf, -np.inf, -1.0], size)
    kind = rng.integers(0, 4, size)
    old = NOW - pl.duration(microseconds=pl.Series(rng.integers(24 * 3_600_000_000 + 1, 10**13, size)))
    none = pl.lit(None)
    how = pl.lit(pl.Series(kind))
    spoilt = changes.with_columns(
        landed_cost=pl.when(how == 0).then(none).when(how == 1).then(pl.lit(pl.Series(wrong))).otherwise("landed_cost"),
        cost_at=pl.when(how == 2).then(none).when(how == 3).then(old).otherwise("cost_at"),
    ).cast(CHANGES.schema)
    floor, stale = (ask(name, spoilt, LIMITS).held == "" for name in ("hard_floor", "stale_data"))
    assert all((ask(name, changes, LIMITS).held == "").all() for name in ("hard_floor", "stale_data"))
    left = (floor & stale) | gate(spoilt, open_state(revenue=1e12), WALK_LIMITS).leaves
    return Seen(size, int(left.sum()), "missing, impossible, undated and old costs, a quarter each")


@promise("P05", "No entry that is not a number, or not a possible one, lets a price leave.", full=2_000_000, small=20_000, unit="rows")
def entries(size: int) -> Seen:
    """Spoilt tables; what leaves is looked at field by field."""
    rng, left, breaches = np.random.default_rng(5), 0, 0
    numeric = [name for name, kind in CHANGES.schema.items() if kind.is_numeric() and name not in LENIENT]
    part = min(size, 50_000)
    for _ in range(size // part):
        changes = hard_changes(rng, part)
        leaving = changes.filter(pl.Series(gate(changes, open_state(revenue=1e15, index_hour=0.0), WALK_LIMITS).leaves))
        left += leaving.height
        bad = pl.any_horizontal(_impossible(name, leaving.schema[name]) for name in ALWAYS) | (
            (pl.col("undo") != 1) & pl.any_horizontal(_impossible(name, leaving.schema[name]) for name in AHEAD)
        )
        breaches += leaving.filter(bad).height
    assert left
    return Seen(size // part * part, breaches, f"{left} sound rows left, {len(numeric)} numeric fields spoilt")


ALWAYS = ("price", "current_price", "landed_cost", "tax_rate", "fee_rate", "payment_rate", "discount_share")
"""Fields that every price needs, and those that it needs unless it goes back."""
AHEAD = ("low_24h", "high_24h", "price_7d", "median_30d", "changes_24h")


def _impossible(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    low = value <= 0 if name in POSITIVE else value < 0
    return (value.is_null() | low | ~value.is_finite()) if kind.is_float() else (value.is_null() | low)


@promise(
    "P21",
    "Slips of unit, pack and currency are held: at least 99.5 % of them, and at most 0.5 % of sound prices.",
    full=1_800_000,
    small=18_000,
    unit="prices",
)
def slips(size: int) -> Seen:
    """Fifteen files of each seed: fourteen with some slips, one wholly in another currency; a breach is a share beyond its bound."""
    count = min(2000, max(size // 45, 100))
    wrong, left, clean, held = slipped(max(size // (15 * count), 1), count)
    beyond = int(left > 0.005 * wrong) + int(held > 0.005 * clean)
    return Seen(wrong + clean, beyond, f"{1 - left / wrong:.3%} of {wrong} slips held, {held / clean:.3%} of {clean} sound prices held")


@promise(
    "P22",
    "Two sellers that follow each other move no price further than 15 % from what cost and demand alone would give.",
    full=1_600,
    small=49,
    unit="pairs of factors",
)
def followers(size: int) -> Seen:
    side = max(int(size**0.5), 2)
    factors = np.unique(np.concatenate([np.linspace(0.5, 2.0, max(side - 2, 2)), [0.9983, 1.270589]]))
    ours, theirs = (one.ravel() for one in np.meshgrid(factors, factors))
    drift = np.abs(duel(ours, theirs, 25) / 10000.0 - 1.0).max(axis=0)
    loops = [refused([Follow("us", "rival", a), Follow("rival", "us", b)]) for a, b in zip(ours, theirs, strict=True)]
    unseen = sum(bool(loop) != (product > 1 + 1e-9) for loop, product in zip(loops, ours * theirs, strict=True))
    return Seen(
        ours.size, int((drift > 0.15 + 1e-9).sum()) + unseen, f"at most {drift.max():.1%} in 25 days, loops refused before they start"
    )


@promise("P23", "One competitor's price moves ours at most 5 % a day, whatever it is.", full=10_000, small=500, unit="poisoned prices")
def one_competitor(size: int) -> Seen:
    """Days of steps that follow one or two sellers: a step goes through where the gate lets it, each from where the day began."""
    rng = np.random.default_rng(23)
    price, breaches = np.full(size, 10_000), 0
    began = price.copy()
    for _ in range(4):
        rival = price * np.exp(rng.normal(0.0, rng.choice([0.02, 0.1, 1.0]), size))
        wanted = np.clip(np.rint(rival), 1, None).astype(np.int64)
        day = {"low_24h": np.minimum(began, price).tolist(), "high_24h": np.maximum(began, price).tolist(), "price_7d": began.tolist()}
        about = {"sellers": 1, "follows": 1, "median_30d": 10_000.0, "anchor_price": 10_000.0, "landed_cost": 1000.0}
        influence = np.abs(rival / price - 1.0).tolist()
        rows = many(size, price=wanted.tolist(), current_price=price.tolist(), influence=influence, **day, **about)
        leaves = gate(rows, open_state(revenue=1e15), WALK_LIMITS).leaves
        price = np.where(leaves, wanted, price)
        breaches += int((np.abs(price / began - 1.0) > 0.05 + 1e-9).sum())
    moved = int((price != began).sum())
    assert moved
    return Seen(size, breaches, f"{moved} moved, at most {np.abs(price / began - 1.0).max():.2%} within the day")
