"""The dry run of a run to a shop, as it was last made: what would be sent, what stands there already, and what a guard would hold."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows.desk.approval.accepted import Judged, judged
from pricesmith.flows.desk.approval.foreseen import Caught
from pricesmith.flows.desk.reading.drawer import take
from pricesmith.flows.desk.reading.finding import named
from pricesmith.flows.desk.reading.keeping import DRY, dry_name
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.publishing.sending.pace import PACED
from pricesmith.guards.measured import MEASURES

from .moved import Under, moved

PAGE = 100
OPEN = "not_approved"
"""Verdict on changes of which nothing can be said yet: without a question for them they are counted, not listed."""
ORDER = ("send", "held", "wait", OPEN, "rejected", "not_in_shop", "settled", "overtaken", "same")


class DryWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """to: the shop."""

    to: str = ""
    verdict: str = ""
    page: int = 1


class Dry(msgspec.Struct, frozen=True):
    """What publishing would do. counts: changes by verdict (one of ORDER); stops: guards that would stop the whole channel.

    paced  of those that wait: because the price level may not move faster

    past   something moved on since, so that a new one may say something else
    moved  what did: `answers`, `sent`, `stops`, `exceptions`, `attested`, `settings`, `rules`, or `unknown`
    """

    at: dt.datetime
    counts: dict[str, int]
    stops: list[str]
    past: bool = False
    moved: list[str] = []
    paced: int = 0


class DryRow(msgspec.Struct, frozen=True):
    """One change, minor units. read: in the shop now.

    against, bound  what a guard measured it by, and the furthest that it lets through, null where it knows neither
    unit            of both: `price` (what the price was compared with, minor units), `hours`, `minutes`, `ratio` or `count`
    setting         of [guards]: the threshold that says so, "" where none does
    """

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    read: int | None
    price: int
    verdict: str
    guard: str
    code: str
    needs: int
    agreed: int
    against: float | None = None
    bound: float | None = None
    setting: str = ""
    unit: str = ""


class DryRun(msgspec.Struct, frozen=True):
    """One page of a dry run; `dry` is null before it was made. folded: changes that are not approved, counted and not listed."""

    run: str
    target: str
    currency: str
    wanted: DryWanted
    dry: Dry | None = None
    caught: list[Caught] = []
    rows: list[DryRow] = []
    found: int = 0
    folded: int = 0
    pages: int = 1
    judged: Judged = Judged()


def last(reading: Reading, run: str, target: str, at: dt.datetime) -> Dry | None:
    """The last one that was made."""
    kept = take(reading.folder, DRY, dry_name(run, target))
    if kept is None:
        return None
    counts = {name: kept.document["counts"][name] for name in ORDER if name in kept.document["counts"]}
    if "under" not in kept.document:
        return Dry(dt.datetime.fromisoformat(kept.document["at"]), counts, kept.document["stops"], True, ["unknown"])
    paced = kept.tables["rows"].filter((pl.col("verdict") == "wait") & (pl.col("code") == PACED)).height
    before = msgspec.convert(kept.document["under"], Under)
    parts = moved(reading, run, target, before, at)
    return Dry(before.at, counts, kept.document["stops"], bool(parts), parts, paced)


def dry_run(reading: Reading, run: str, wanted: DryWanted, at: dt.datetime) -> DryRun:
    """Raises UnknownChoice for a run that is not there."""
    laid = reading.run(run)
    kept = take(reading.folder, DRY, dry_name(run, wanted.to))
    empty = DryRun(run, wanted.to, laid.currency, wanted)
    if kept is None:
        return empty
    table = kept.tables["rows"].with_columns(pl.col("guard", "code").fill_null(""))
    missing = [pl.lit(None, pl.Float64).alias(name) for name in ("against", "bound") if name not in table.columns]  # kept by older versions
    table = table.with_columns(*missing, setting=_told("setting"), unit=_told("unit"))
    held = table.filter(pl.col("verdict") == "held").group_by("guard", "code").len().sort("len", "code", descending=[True, False])
    found = table.filter(pl.col("verdict") == wanted.verdict if wanted.verdict else pl.col("verdict") != OPEN)
    folded = 0 if wanted.verdict else table.height - found.height
    pages = max(-(-found.height // PAGE), 1)
    rank = pl.col("verdict").replace_strict({name: place for place, name in enumerate(ORDER)}, default=len(ORDER), return_dtype=pl.Int64)
    shown = named(found.sort(rank, *KEY).slice((min(max(wanted.page, 1), pages) - 1) * PAGE, PAGE), laid)
    return msgspec.structs.replace(
        empty, dry=last(reading, run, wanted.to, at), caught=[Caught(*row) for row in held.iter_rows()],
        rows=[DryRow(**row) for row in shown.select(DryRow.__struct_fields__).iter_rows(named=True)], found=found.height,
        folded=folded, pages=pages, judged=judged(reading, laid, at),
    )  # fmt: skip


def _told(name: str) -> pl.Expr:
    """A field of the Measure of each code, "" where it has none."""
    known = {code: getattr(one, name) for code, one in MEASURES.items()}
    return pl.col("code").replace_strict(known, default="", return_dtype=pl.String)
