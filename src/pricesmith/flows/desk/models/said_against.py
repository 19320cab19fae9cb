"""What the newest test of a model says against it, told beside its prices: what forecast better, and what that is in money."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from pricesmith.contracts.tables import ORDERS, SALES
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.ledger import Reading, Run

from .page import Answer, Biased, Kept, Test, covers, model_of, test

SOLD = (SALES.name, ORDERS.name)
FOLLOWED = (0.8, 1.25)
"""Shares of the foretold answer to price moves: an interval that lies outside them altogether is told beside the prices."""


BIASED = 0.1
"""Share by which what a price list expects in all may miss what was sold without being told beside the prices."""


class Covered(msgspec.Struct, frozen=True):
    """What the newest test of a model leaves to be said beside its figures.

    kind   `few` or `many` as `models.covers` says of `share`, `right` where the intervals were, `untested`, `testing`: the first test is
           under way, or `ended`: it ended without a result
    share  of the products that sold within the range beside their price over the `days` ahead; in tests of before that told it, where
           days is 0, of the periods in the 90 % interval of their forecast; None without a test
    worse  the method that forecast better than the model, "" where none surely did;  loss: by what share, and the ends of its 90 % interval
    small  that difference is surely below `backtest.SMALL`: no reason to wait
    misses loss of the model and of that method, shares of what is sold
    revenue, money  expected of all prices of the run, major units a day, and how much of it the model tells wrong beyond that method;
                    None without a run
    answered  `less` or `more` than foretold came in answer to price moves, where the 90 % interval of its share lies outside FOLLOWED;
           `open` where that interval holds no answer at all too, as few prices moved; else ""
    answer that share, and the ends of its interval; None where there is nothing to say of it
    sums   units that a price list expects over units sold, less 1, and the ends of its 90 % interval, where beyond BIASED and no chance
    starts, asked  days of the past that the test began from, and how many were asked for; 0 where there was none
    job    of the first test, "" where none is under way or ended so
    tested, since  ISO moments where what was sold was written anew after the test: of the test, and of that; else ""
    """

    kind: str
    share: float | None
    period: str = "day"
    worse: str = ""
    loss: tuple[float, float, float] = (0.0, 0.0, 0.0)
    answered: str = ""
    answer: tuple[float, float, float] | None = None
    small: bool = False
    misses: tuple[float, float] | None = None
    currency: str = ""
    revenue: float | None = None
    money: float | None = None
    job: str = ""
    tested: str = ""
    since: str = ""
    sums: tuple[float, float, float] | None = None
    days: int = 0
    starts: int = 0
    asked: int = 0


def covered(reading: Reading, run: Run) -> Covered:
    """What the newest test of the model of a run says of it, or that there is none."""
    found = _newest(reading.folder, model_of(run))
    found = found if found.kind else msgspec.structs.replace(found, kind="right")
    if found.misses is None:
        return found
    revenue = float(run.decided["expected_revenue"].fill_nan(None).sum())
    own, other = found.misses
    return msgspec.structs.replace(found, currency=run.currency, revenue=revenue, money=(own - other) * revenue)


def said_against(folder: Path, model: str) -> Covered | None:
    """The same of a model by its name, without a run; None where it says nothing against the model. kind: "" in place of `right`."""
    found = _newest(folder, model)
    return found if found.kind or found.worse or found.answer or found.sums else None


def _newest(folder: Path, model: str) -> Covered:
    for file in kept.backtest_files(folder):
        one = kept.read(file, Kept)
        if one is not None and one.name == model:
            found = test(one)
            tested, since = _since(folder, found.at)
            share, days = (found.ranges.coverage90, found.ranges.days) if found.ranges else (found.scores[0].coverage90 or 0.0, 0)
            told = Covered(
                covers(share), share, found.period, tested=tested, since=since, days=days, starts=found.origins, asked=found.asked
            )
            answered, answer = off(found.followed)
            told = msgspec.structs.replace(told, answered=answered, answer=answer, sums=biased(found.expected))
            return _worse(told, found) if found.verdict == "worse" else told
    return Covered("untested", None)


def _since(folder: Path, at: dt.datetime) -> tuple[str, str]:
    """`Covered.tested` and `Covered.since`. at: of the test."""
    last = wiring.newest(wiring.files_of(folder), *SOLD)
    return (at.isoformat(), last.isoformat()) if last is not None and last > at else ("", "")


def _worse(told: Covered, found: Test) -> Covered:
    gain, low, high = found.gain
    loss = {one.label: one.pinball for one in found.scores}
    own, other = loss["model"], loss[found.best]
    misses = None if own is None or other is None else (own, other)
    return msgspec.structs.replace(told, worse=found.best, loss=(-gain, -high, -low), small=found.small, misses=misses)


def biased(found: Biased | None) -> tuple[float, float, float] | None:
    """As `Covered.sums`."""
    if found is None or abs(found.bias) <= BIASED or found.bias_lo <= 0.0 <= found.bias_hi:
        return None
    return found.bias, found.bias_lo, found.bias_hi


def off(found: Answer | None) -> tuple[str, tuple[float, float, float] | None]:
    """As `Covered.answered` and `Covered.answer`."""
    if found is None:
        return "", None
    share = found.share, found.share_lo, found.share_hi
    if found.share_hi < FOLLOWED[0] or found.share_lo > FOLLOWED[1]:
        return "less" if found.share_hi < FOLLOWED[0] else "more", share
    return ("open", share) if found.share_lo <= 0.0 else ("", None)
