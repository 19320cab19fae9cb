"""What publishing a run would do now: nothing is sent, and nothing written but a wait that the shop asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history import readings
from pricesmith.guards.batch_breaker import INDEX
from pricesmith.guards.gate import Gated, gate
from pricesmith.guards.measured import measured

from . import orders
from .foretold import firm
from .gate import changes_of, facts_of, lately_of, state_of
from .pace import PACED, in_turn
from .patience import asking
from .plan import Plan, intents, plan

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of every change of a run on one target, the canary aside.

    rows   keys, `current_price` (as decided on), `read` (in the shop now), `price`, `needs`, `agreed`, `verdict` (`send`, `same`, `held`,
           `wait`, `not_approved`, `rejected`, `not_in_shop`, `settled`: it came or ended before, and is not sent again,
           `overtaken`: by a newer run), `guard` and `code` where it is held, with what a guard measured it `against` and the nearest price
           that it lets through, its `bound`, where known
    stops  what would stop the whole channel, in the guards' words
    """

    plan: Plan
    rows: pl.DataFrame
    stops: tuple[str, ...]


def preview(desk: Desk, run: str, keys: Sequence[Key] | None = None) -> Preview:
    """Read the shop and ask every guard about each change that people agreed to. Raises ShopError where the shop cannot be read now."""
    now = desk.now()
    planned = plan(desk.book, run, desk.target, desk.settings, desk.policy, now, keys)
    wanted = intents(desk.book, planned.changes, run, desk.target, desk.policy, now, "publish").with_columns(attempt=pl.lit(0))
    with asking(desk) as shop:
        orders.read(desk)
        seen = readings.table(shop.prices([Key(*row) for row in planned.changes.select(KEY).iter_rows()]))
    placed = wanted.join(seen.select(*KEY, "read", "handle"), on=KEY, how="left", maintain_order="left")
    placed = placed.with_columns(settled=pl.struct(*KEY, "price").is_in(_settled(desk, run).implode()))
    found = placed.filter(pl.col("read").is_not_null() & (pl.col("read") != pl.col("price")) & ~pl.col("settled"))
    facts_of(desk, run)  # the channel's weights come from the run, even where no price of it is left to be judged
    may_leave = found.join(planned.ready.select(KEY), on=KEY, how="semi", maintain_order="left")
    codes, stops = _asked(desk, may_leave)  # others move no price level: they must not take the room of these
    rows = placed.join(codes, on=KEY, how="left", maintain_order="left").join(
        planned.changes.select(*KEY, "needs", "agreed", "rejected", "overtaken"), on=KEY, how="left", maintain_order="left"
    )
    verdict = (
        pl.when(pl.col("read").is_null()).then(pl.lit("not_in_shop"))
        .when(pl.col("read") == pl.col("price")).then(pl.lit("same"))
        .when("settled").then(pl.lit("settled"))
        .when("overtaken").then(pl.lit("overtaken"))
        .when("rejected").then(pl.lit("rejected"))
        .when(pl.col("agreed") < pl.col("needs")).then(pl.lit("not_approved"))
        .when("waits").then(pl.lit("wait"))
        .when(pl.col("code") != "").then(pl.lit("held"))
        .otherwise(pl.lit("send"))
    )  # fmt: skip
    columns = (*KEY, "current_price", "read", "price", "needs", "agreed", "verdict", "guard", "code", "against", "bound")
    return Preview(planned, rows.with_columns(verdict=verdict, current_price="previous").select(columns), stops)


def _settled(desk: Desk, run: str) -> pl.Series:
    """Keys and `price` of what was sent of the run and waits no longer: publishing queues the same price of a run once (`plan.queue`)."""
    ours = lately_of(desk, run).intents.filter(pl.col("kind") == "publish")
    done = ours.join(desk.book.waiting(desk.target).select("intent"), on="intent", how="anti", maintain_order="left")
    return done.select(*KEY, "price").unique(maintain_order=True).to_struct("settled")


def _asked(desk: Desk, rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Keys with `guard`, `code`, `waits`, `against` and `bound`, and what stops the channel.

    What a guard holds for what it is, all of the rows looked at together as in `foretold`, is held even where it must wait first.
    """
    now = desk.now()
    news = readings.news(desk.read("applied"), desk.target, rows.select(*KEY, "read", "currency", "handle"), now, readings.OURS)
    past = pl.concat([desk.read("applied").drop("seq"), news])
    changes, state = changes_of(desk, rows, past, now), state_of(desk, past, now, 1.0)
    turn, limits = in_turn(changes, state, desk.policy.guards), desk.policy.guards
    whole, now_due = gate(changes, state, limits), gate(changes.filter(turn), state, limits)
    told = _reasons(rows.select(KEY), turn, now_due).join(firm(whole.hits), on=KEY, how="left", maintain_order="left", suffix="_firm")
    waits = pl.col("waits") & pl.col("code_firm").is_null()
    told = told.with_columns(waits=waits, **{name: pl.coalesce(f"{name}_firm", name) for name in ("guard", "code")})
    sizes = measured(changes, told["code"].to_list(), state.at, limits)
    told = told.with_columns(**{name: pl.Series(values).fill_nan(None) for name, values in zip(("against", "bound"), sizes, strict=True)})
    stops = [*now_due.stops, *(stop for stop in whole.stops if stop.code not in INDEX)]
    return told.drop("guard_firm", "code_firm"), tuple(dict.fromkeys(f"{stop.guard} {stop.code}" for stop in stops))


def _reasons(keys: pl.DataFrame, turn: Flags, answer: Gated) -> pl.DataFrame:
    """Keys with `guard`, `code` and `waits`: where it is their turn (n,) what the guards answered; the others wait for the price level."""
    asked = keys.filter(turn).with_columns(
        guard=pl.Series(list(answer.guards), dtype=pl.String),
        code=pl.Series(list(answer.reasons), dtype=pl.String),
        waits=pl.Series(answer.waits, dtype=pl.Boolean),
    )
    found = keys.join(asked, on=KEY, how="left", maintain_order="left")
    return found.with_columns(pl.col("guard").fill_null(""), pl.col("code").fill_null(PACED), pl.col("waits").fill_null(True))
