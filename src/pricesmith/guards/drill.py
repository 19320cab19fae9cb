"""The glitch drill: every known way to publish wrong prices, tried on a shop's own products at the last gate. Nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from pricesmith.contracts.guard import State
from pricesmith.contracts.publishing import GuardPolicy

from .gate import gate
from .rank import wave_share

CONTROL = "clean"
"""The glitch that is none: a guard that stops everything proves nothing."""
CROWN, DOLLAR, FLY = 0.134, 0.926, 1.270589 * 0.9983


@dataclass(frozen=True, slots=True)
class Glitch:
    """One thing that went wrong somewhere.

    title   what it does to the prices
    spoil   the batch and the channel with the glitch, from the batch as it stands (each price that of the shop) and a channel in order
    """

    title: str
    spoil: Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one glitch.

    tried    prices in the batch
    left     of these, how many would have reached customers with the first wave
    stop     why the channel stopped, "" where it did not
    guards   numbers of the guards that saw it
    codes    the reasons of the prices that were held, the most frequent first
    """

    name: str
    title: str
    tried: int
    left: int
    stop: str
    guards: tuple[str, ...]
    codes: tuple[str, ...]


def drill(base: pl.DataFrame, state: State, limits: GuardPolicy) -> tuple[Outcome, ...]:
    """Try every glitch on a batch that leaves as it stands.

    base   table CHANGES whose prices are those of the shop, with `rank`
    state  a channel in order; its wave is set to the first
    """
    first = replace(state, wave=wave_share(0, base.height, limits))
    return tuple(_try(name, glitch, base, first, limits) for name, glitch in GLITCHES.items())


def _try(name: str, glitch: Glitch, base: pl.DataFrame, state: State, limits: GuardPolicy) -> Outcome:
    changes, channel = glitch.spoil(base, state)
    gated = gate(changes, channel, limits)
    held = gated.hits.filter(pl.col("code") != "canary_wait")
    numbers = sorted(set(held["guard"]), key=lambda number: int(number.removeprefix("G")))
    codes = held.filter(pl.col("stops") == 0)["code"].value_counts(sort=True).sort("count", "code", descending=[True, False])["code"]
    return Outcome(name, glitch.title, changes.height, int(gated.leaves.sum()), gated.stop, tuple(numbers), tuple(codes))


def _scaled(factor: float) -> Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]:
    """Every price times a factor, at least one minor unit."""
    price = pl.max_horizontal((pl.col("current_price") * factor).round(), 1).cast(pl.Int64)
    return _with(price.alias("price"))


def _with(*columns: pl.Expr, **channel: object) -> Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]:
    """Columns of the batch and fields of the channel replaced."""

    def spoil(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
        return base.with_columns(columns), replace(state, **channel)  # type: ignore[arg-type]

    return spoil


def _rated(rate: float) -> Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]:
    """Every price in another currency, of which one is worth `rate` of ours."""

    def spoil(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
        other = "DKK" if state.currency != "DKK" else "SEK"
        return _scaled(1.0 / rate)(base, replace(state, rates={other: rate}, rates_at=state.at))

    return spoil


def _one_price(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    return base.with_columns(pl.col("current_price").quantile(0.5, "nearest").cast(pl.Int64).alias("price")), state


def _twice(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    return pl.concat([base, base]), state


def _aged(column: str, days: int, *more: pl.Expr) -> Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]:
    def spoil(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
        old = pl.lit(state.at - dt.timedelta(days=days)).cast(pl.Datetime("us", "UTC")).alias(column)
        return base.with_columns(old, *more), state

    return spoil


def _blank(column: str, value: float | None, kind: pl.DataType) -> Callable[[pl.DataFrame, State], tuple[pl.DataFrame, State]]:
    return _with(pl.lit(value, kind).alias(column))


_FOLLOWS = (
    pl.lit(1, pl.Int8).alias("follows"),
    pl.col("current_price").cast(pl.Float64).alias("anchor_price"),
    pl.lit(0, pl.Int64).alias("alternations_48h"),
)
_ONE = (pl.lit(1, pl.Int64).alias("sellers"), pl.lit(None, pl.Float64).alias("influence"))


def _poisoned(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    spoilt, channel = _scaled(0.91)(base, state)
    fresh = pl.lit(state.at).cast(pl.Datetime("us", "UTC")).alias("competitor_at")
    return spoilt.with_columns(*_FOLLOWS, *_ONE, fresh), channel


def _loop(base: pl.DataFrame, state: State) -> tuple[pl.DataFrame, State]:
    spoilt, channel = _scaled(FLY)(base, state)
    fresh = pl.lit(state.at).cast(pl.Datetime("us", "UTC")).alias("competitor_at")
    return spoilt.with_columns(*_FOLLOWS, *_ONE, fresh), channel


GLITCHES: dict[str, Glitch] = {
    CONTROL: Glitch("nothing wrong: every price as it stands", lambda base, state: (base, replace(state, wave=1.0))),
    "blank_minimum": Glitch(
        "a blank minimum is read as one cent", _with(pl.lit(None, pl.Int64).alias("min_price"), pl.lit(1, pl.Int64).alias("price"))
    ),
    "cost_missing": Glitch("the costs are missing", _blank("landed_cost", None, pl.Float64())),
    "cost_zero": Glitch("the costs are 0", _blank("landed_cost", 0.0, pl.Float64())),
    "units_for_cents": Glitch("prices 100 times too high: units where cents are meant", _scaled(100.0)),
    "cents_for_units": Glitch("prices 100 times too low: cents where units are meant", _scaled(0.01)),
    "exchange_rate": Glitch("prices in another currency, far from ours", _rated(CROWN)),
    "exchange_rate_near": Glitch("prices in another currency, near ours", _rated(DOLLAR)),
    "same_price": Glitch("one price on everything", _one_price),
    "half_price": Glitch("an operator halves every price", _scaled(0.5)),
    "stale_costs": Glitch("the costs are three days old", _aged("cost_at", 3)),
    "stale_rivals": Glitch("prices follow offers that are two days old", _aged("competitor_at", 2, *_FOLLOWS)),
    "poisoned_rival": Glitch("one rival lures every price down by 9 %", _poisoned),
    "competitor_loop": Glitch("prices follow a rival that follows us, 27 % a day", _loop),
    "double_send": Glitch("every change is sent twice", _twice),
    "order_rush": Glitch("orders rush in after a cut", _with(orders=100_000, usual=10.0)),
    "switch_unreadable": Glitch("whether the channel is stopped cannot be read", _with(stopped=None)),
    "wrong_code": Glitch("the code is not what was attested", _with(attested=False)),
}
"""Every glitch by name."""
