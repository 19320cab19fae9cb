"""`pricesmith publish`: send the approved prices of a run to a shop; a dry run unless --live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricesmith.contracts.errors import UsageError

from . import options
from .recorded import keys_of, placed, price

if TYPE_CHECKING:
    import polars as pl

    from pricesmith.contracts.durable import Document
    from pricesmith.contracts.shop import Key
    from pricesmith.flows.publishing.desk import Desk
    from pricesmith.flows.publishing.office import Office
    from pricesmith.flows.publishing.sending.preview import Preview
    from pricesmith.flows.publishing.sending.reasons import Reason
    from pricesmith.flows.publishing.sending.send import Sent

SHOWN = 20
WORDS = {
    "send": "to be sent",
    "same": "stand in the shop already",
    "wait": "may leave later",
    "held": "held by a guard",
    "not_approved": "not approved",
    "rejected": "rejected",
    "not_in_shop": "not found in the shop",
    "settled": "settled before, not sent again",
    "overtaken": "overtaken by a newer run, not sent",
}
AGAIN = "Run the same command again at that time, or with --wait to stay until all have left; what the desk publishes goes on by itself."
LATER = (
    "What may leave later is no fault: with --live it takes its turn, and the command says when that is. A price that the ledger sees\n"
    "in this shop for the first time counts as changed then: the first prices leave [guards] dwell_minutes after the first --live."
)


@click.command(
    name="publish",
    short_help="Show what would be sent to a shop; --live sends it.",
    epilog="Example:  pricesmith publish myshop 20261126-1f0c93ab --to main --live",
)
@options.folder
@options.run
@click.option("--to", "target", metavar="NAME", required=True, help="Shop of the section [shop.NAME].")
@click.option("--live", is_flag=True, help="Send. Without it nothing is sent.")
@click.option("--wait", is_flag=True, help="With --live: stay until the last wave of the canary has left.")
@click.option("--keep", is_flag=True, help="Without --live and --sku: keep what would be sent for the price desk, which shows it.")
@options.skus
@options.as_json
def command(folder: Path, run: str, target: str, live: bool, wait: bool, keep: bool, skus: tuple[str, ...], as_json: bool) -> None:
    """Compare the prices of RUN with those in the shop and show what would be sent, and what a guard would hold.

    With --live the approved ones are sent: a first wave of 1 % (at least 20 prices: [guards] canary_least), then 10, 50 and 100 %; each
    price is read back. Run the command again (or use --wait) for the waves that follow. Where prices did not come into the shop, it says
    why and what to do. The first --live on a new shop sends nothing yet: it reads the prices there, and a price rests
    for [guards] dwell_minutes (15) after it was first seen.
    """
    from pricesmith.flows.publishing.office import desk, office
    from pricesmith.flows.publishing.sending import send

    from .progress import steps

    place = office(folder)
    send.known(place.book, run)
    at = desk(place, target)
    keys = keys_of(place.book, run, skus)
    if wait and (keys is not None or not live):
        raise UsageError("--wait goes with --live and a whole run", hint="leave --sku out, or call again for the later waves")
    if keep and (keys is not None or live):
        raise UsageError("--keep goes with a dry run of the whole run", hint="leave --live and --sku out")
    if not live:
        dry(place, at, run, keys, keep, as_json)
        return
    with steps(1) as step:
        sent = waited(folder, run, target) if wait else send.publish(at, run, keys, progress=step)
    try:
        say(place, run, target, sent, as_json)
    finally:
        if sent.stopped:
            raise send.stopped(sent)


def say(place: Office, run: str, target: str, sent: Sent, as_json: bool) -> None:
    """Say what left before it is judged, which may fail or be stopped."""
    from pricesmith.flows.publishing.sending.still import of_others

    from .judged import judged, print_judged

    if as_json:
        figures = {"fates": sent.fates, "open": sent.open, "next_at": sent.next_at, "stopped": sent.stopped, "reasons": sent.reasons}
        print_judged({"run": run, "to": target, "live": True, **figures}, place, run)
    else:
        click.echo(told(sent, others=min(sent.open, of_others(place.book, target, run))))
        judged(place, run)


def dry(place: Office, at: Desk, run: str, keys: Sequence[Key] | None, keep: bool, as_json: bool) -> None:
    """Say what would be sent, and keep it where that is wanted."""
    from pricesmith.flows.desk.publishing.moved import under
    from pricesmith.flows.desk.reading import keeping
    from pricesmith.flows.publishing.sending.preview import preview

    from .judged import judged
    from .output import print_json

    since = under(place, at.target)
    found = preview(at, run, keys)
    if keep:
        keeping.dry_run(place, at.target, found, since)
    if as_json:
        changes = found.rows.to_dicts()
        print_json({"run": run, "to": at.target, "live": False, "stops": found.stops, "changes": changes, "judged": judged(place, run)})
    else:
        click.echo(shown(found, place.policy.currency))
        judged(place, run)


def waited(folder: Path, run: str, target: str) -> Sent:
    """Publish as a durable job, to its last wave, and say what it waits for; what a crash cuts off `pricesmith work` makes good."""
    from functools import partial

    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.office import office
    from pricesmith.flows.publishing.sending.publication import JOB, key_of, publication
    from pricesmith.flows.publishing.sending.send import Sent

    place = office(folder)
    given: Document = {"folder": str(folder.resolve()), "run": run, "target": target}
    tell = Waiting(place).tell
    with wiring.durable_of(folder, place.policy, {JOB: partial(publication, tell=tell)}) as durable:
        return Sent.of(durable.run(JOB, key_of(run, target, place.now()), given))


class Waiting:
    """Says on standard error what a publication waits for, each state of it once."""

    def __init__(self, place: Office) -> None:
        self.place = place
        self.last: object = None

    def tell(self, sent: Sent) -> None:
        """What left so far, how many are still to come and why, and when it looks again."""
        state = (dict(sent.fates), sent.open, sent.why)
        if state != self.last:
            next_at = self.place.now() + dt.timedelta(seconds=sent.wait)
            click.echo(told(replace(sent, next_at=next_at), again=False), err=True)
        self.last = state


def shown(found: Preview, currency: str) -> str:
    """The dry run for people."""
    from pricesmith.apps.report.numbers import aligned

    rows = found.rows
    if rows.is_empty():
        return f"run {found.plan.run} changes no price of this shop's channel and region"
    counts = dict(rows["verdict"].value_counts().iter_rows())
    lines = ["dry run: nothing is sent", *(f"  {counts[name]:>6} {words}" for name, words in WORDS.items() if name in counts)]
    lines += [f"  the channel would stop: {worded(*stop.split())}" for stop in found.stops]
    header = ["product", "in the shop", "new", "", ""]
    table = [_line(row, currency) for row in _first(rows).iter_rows(named=True)]
    rest = [f"... and {rows.height - SHOWN} more, of each kind the smaller moves (--json lists them all)"] if rows.height > SHOWN else []
    after = [] if "send" not in counts else ["", "the same command with --live sends them"]
    return "\n".join([*lines, "", *aligned([header, *table]), *rest, *_meaning(rows), *after])


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    """Those that are listed: by what would become of them, in the order of the desk, and the largest moves of each first."""
    import polars as pl

    from pricesmith.flows.desk.publishing.dry import ORDER

    rank = pl.col("verdict").replace_strict({name: place for place, name in enumerate(ORDER)}, default=len(ORDER), return_dtype=pl.Int64)
    move = (pl.col("price") / pl.col("read") - 1.0).abs().fill_null(float("inf"))
    return rows.sort(rank, -move, "sku", "channel", "region").head(SHOWN)


def _meaning(rows: pl.DataFrame) -> list[str]:
    """What the guards mean whose codes stand in a dry run, and how what waits leaves in the end."""
    import polars as pl

    marked = rows.filter(pl.col("verdict").is_in(["held", "wait"])).select("guard", "code").unique(maintain_order=True)
    if marked.is_empty():
        return []
    lines = ["", *(worded(*row) for row in marked.iter_rows())]
    return [*lines, "", LATER] if (rows["verdict"] == "wait").any() else lines


def worded(guard: str, code: str = "") -> str:
    """What a guard's code says, and the guard and code by which docs/guards.md is searched: `G4 dwell: the price changed ...`."""
    from pricesmith.apps.web.words import Words

    if not code:
        guard, code = "", guard
    return f"{guard} {code}: {Words('en').code('guardcode', code)}".strip()


def _line(row: Mapping[str, Any], currency: str) -> list[str]:
    why = f"{row['guard']} {row['code']}" if row["verdict"] in ("held", "wait") else ""
    why = f"{row['agreed']} of {row['needs']} people" if row["verdict"] == "not_approved" else why
    return [placed(row), price(row["read"], currency), price(row["price"], currency), WORDS[row["verdict"]], why]


def told(sent: Sent, *, again: bool = True, others: int = 0) -> str:
    """What was sent, for people. again: with what to do for the rest;  others: of what is still to come, prices of other runs"""
    from pricesmith.flows.publishing.sending import send

    from .recorded import moment

    nothing = "nothing was sent" if sent.stopped else "nothing was due"
    words = ", ".join(f"{count} {fate}" for fate, count in sorted(sent.fates.items())) or nothing
    why = [*([f"  {send.stopped(sent).what}"] if sent.stopped else []), *because(sent.reasons)]
    if not sent.open:
        return "\n".join([words, *why])
    next_at = None if sent.stopped else sent.next_at
    due = f", the next at {moment(next_at)}" if next_at and sent.wait else ", the next now" if next_at else ""
    lines = [f"{words}; {sent.open} still to come{due}"]
    lines += [f"  of them {others} of other runs of this shop"] if others else []
    lines += [*(f"  {worded(*code.split())}" for code in sent.why), *why]
    return "\n".join([*lines, *([AGAIN] if next_at and again else [])])


def because(told: Sequence[Reason]) -> list[str]:
    """Why prices did not come into the shop, the commonest reasons with how many prices each is about, and what to do."""
    from pricesmith.apps.web.words import Words, catalogue
    from pricesmith.flows.publishing.sending.reasons import SHOWN

    words, lines = Words("en"), list[str]()
    for one in told[:SHOWN]:
        guard, _, code = one.code.rpartition(":")
        said = worded(guard, code) if guard else words.code("guardcode", code)
        lines.append(f"  {one.count:>6} {one.fate}: {said}" + (f": {one.detail}" if one.detail else ""))
        lines += [f"         what to do: {words('ap_remedy_' + code)}"] if f"ap_remedy_{code}" in catalogue() else []
    return lines
