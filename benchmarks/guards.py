"""Every guard over every price change, beside a plain Python loop that asks the same of one change at a time.

One check is one change judged by all nineteen guards, its reason found. Run: python -m benchmarks.guards [changes ...]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.support.measure import goal, report, timed
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.guards.gate import gate
from pricesmith.testing.changes import NOW, clean_changes, open_state

CASE = "guards"
SIZES = (100_000, 1_000_000)
LOOP_UP_TO = 100_000
WANTED = 1_000_000
LIMITS, STATE = GuardPolicy(), open_state(revenue=1e15)


def by_hand(rows: list[dict[str, Any]]) -> list[str]:
    """The guards that judge one change, written as a shop would without columns: first reason of each, "" where it leaves."""
    return [_one(row) for row in rows]


def _one(row: dict[str, Any]) -> str:
    price, now, at = row["price"], row["current_price"], NOW
    kept = (1.0 - row["fee_rate"] - row["payment_rate"]) / (1.0 + row["tax_rate"]) * (1.0 - row["discount_share"])
    ratio = price / now
    steps = (
        (now, now, LIMITS.max_step),
        (row["low_24h"], row["high_24h"], LIMITS.max_day),
        (row["price_7d"], row["price_7d"], LIMITS.max_week),
    )
    tests = (
        ("below_floor", price * kept < row["landed_cost"] or price < row["min_price"]),
        ("above_ceiling", price > LIMITS.ceiling * row["median_30d"] or price > row["max_price"]),
        ("move", any(price > low * (1 + share) or price < high * (1 - share) for low, high, share in steps)),
        ("frequency", row["changes_24h"] >= LIMITS.changes_day or (at - row["changed_at"]).total_seconds() < 60 * LIMITS.dwell_minutes),
        ("ratio", not LIMITS.ratio_low <= ratio <= LIMITS.ratio_high or row["currency"] != STATE.currency),
        ("not_approved", row["agreed"] < row["needs"]),
        ("canary_wait", row["rank"] >= STATE.wave),
        ("cost_stale", (at - row["cost_at"]).total_seconds() > 3600 * LIMITS.cost_hours),
        ("one_seller", row["follows"] and row["sellers"] < LIMITS.sellers and abs(ratio - 1) > LIMITS.one_seller_day),
        ("drift", row["follows"] and abs(price / row["anchor_price"] - 1) > LIMITS.drift),
    )
    return next((code for code, broken in tests if broken), "")


def main(sizes: tuple[int, ...] = SIZES) -> None:
    for count in sizes:
        changes = clean_changes(np.random.default_rng(count), count)
        gated, timing = timed(lambda changes=changes: gate(changes, STATE, LIMITS), 7, 60.0)
        report(CASE, "pricesmith", count, timing, leaves=int(gated.leaves.sum()))
        a_second = count / timing.cpu
        goal(CASE, f"{count:,} changes through all guards at >= {WANTED:,} a second", f"{a_second:,.0f} a CPU second", a_second >= WANTED)
        if count <= LOOP_UP_TO:
            rows = changes.to_dicts()
            found, plain = timed(lambda rows=rows: by_hand(rows), 3, 60.0)
            report(CASE, "Python loop, ten of the guards", count, plain, leaves=found.count(""))


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
