"""One run on its way: what it needs by class of risk, who agreed, where it can go, and what stands in its way."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.connecting.start_prices import Started, started
from pricesmith.flows.desk.models.said_against import Covered, covered
from pricesmith.flows.desk.own_prices.own import overrides_of
from pricesmith.flows.desk.own_prices.replaced import Replaced, replaced
from pricesmith.flows.desk.publishing.attestation import Attestation, attestation
from pricesmith.flows.desk.publishing.ever import NONE, Ever, by_run
from pricesmith.flows.desk.publishing.pace import Pace, pace
from pricesmith.flows.desk.publishing.shops import Shop, counts, shops
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.rules.caution import Borrowed, borrowed
from pricesmith.flows.desk.runs.answered import Partly, partly
from pricesmith.flows.desk.runs.in_force import Behind, behind
from pricesmith.flows.desk.runs.makings import Making, making
from pricesmith.flows.desk.today.ages import SALES_DAYS
from pricesmith.flows.publishing.answers.approval import EVERY, covering
from pricesmith.flows.publishing.answers.people import folded, same_person
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.sending.switch import state_of
from pricesmith.preparation.list_share import doubted

from .accepted import Judged, judged
from .approved_file import ApprovedFile, approved_file
from .contradicted import Contradicted, contradicted
from .elsewhere import Too, ready_too
from .foreseen import Foreseen, Known, aside, foreseen
from .leaving import Leaving, leaving
from .left_apart import Apart, apart_soon
from .reached import Reached, reached, sent_on
from .risk import risk
from .standing import standing, taken

ANSWERS = 30
"""Answers of people that the page shows, the newest first."""


class Class(msgspec.Struct, frozen=True):
    """Changes that need as many people. profit_change: their sum, major units a day; largest: the largest move, a share of the price.

    whys    why they need so many: code of `risk.WHYS` -> changes;  states: of `standing.STATES` -> changes
    agreed  the least number of people who agreed with any of those that are still open; null where none is
    partly  those that are still open and that some people agreed with
    accept, reject  what an answer to all of them still reaches;  leaving: what an acceptance takes of that by itself
    """

    needs: int
    changes: int
    up: int
    down: int
    profit_change: float
    largest: float | None
    whys: dict[str, int]
    states: dict[str, int]
    agreed: int | None
    partly: list[Partly]
    accept: Reached
    reject: Reached
    leaving: Leaving


class Verdict(msgspec.Struct, frozen=True):
    """What a person answered. products: how many it names, 0 where it is the whole run.

    holds  an acceptance that counts: of exactly these prices, not run out, not of who asked, not replaced by a later answer
    sent   products that were sent while it counted: for these it stays, whatever was answered later
    """

    approver: str
    answer: str
    products: int
    at: dt.datetime
    expires: dt.datetime
    why: str | None
    holds: bool
    sent: int = 0


class Stop(msgspec.Struct, frozen=True):
    """Something that is stopped. asked_by: who asked for its release; let_undo: prices may still go back."""

    scope: str
    name: str
    by: str
    at: dt.datetime
    why: str
    asked_by: str | None
    let_undo: bool


class Mine(msgspec.Struct, frozen=True):
    """A price that a person set in this run, minor units; current_price: what it is to replace."""

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    price: int
    by: str
    why: str


class Approving(msgspec.Struct, frozen=True, kw_only=True):
    """A run from the proposal to the shop. Sums in major units a day.

    profit_change  the single effects of its changes, added up;  joint: what all of them bring together, as in `overview.runs`
    accept, reject  what an answer to the whole of it still reaches;  leaving: what an acceptance takes of that by itself
    askers     who may not accept its prices, for they asked for them
    pace       how fast its prices leave
    making     when it was made, and whether pricing came to it again;  ever: prices of it that came into a shop, whenever
    start      its start prices against what the shop has now
    behind     whether a newer run or other rules overtook it;  ready_too: other runs in which changes of this one are ready too
    unreached  changes whose channel and region no shop of the policy takes
    foreseen   changes that a guard would hold as they are
    file       the approved prices as a file
    covered    what the last test of the run's model says against it
    borrowed   of its changes those that rest mostly on similar products
    doubted    products whose price here is likely that of small orders alone; see `preparation.list_share`
    contradicted  changes that wait and in whose place a person set another price: an acceptance of many leaves them aside
    apart      rules that tie products to one another and that it leaves broken; null while that is not known
    days_old   days since the day up to which its data were counted, where that is too long ago to price by; else 0
    replaced   own prices beside earlier runs in whose place it puts others, while it is the newest
    """

    run: str
    kind: str
    parent: str | None
    as_of: dt.date
    at: dt.datetime
    by: str
    making: Making
    ever: Ever
    start: Started
    askers: list[str]
    currency: str
    products: int
    changes: int
    profit_change: float
    joint: float | None
    expires_hours: float
    pace: Pace
    two_people_move: float
    two_people_products: int
    classes: list[Class]
    accept: Reached
    reject: Reached
    leaving: Leaving
    verdicts: list[Verdict]
    states: dict[str, int]
    shops: list[Shop]
    unreached: int
    behind: Behind
    ready_too: list[Too]
    attestation: Attestation
    stops: list[Stop]
    own: list[Mine]
    judged: Judged
    foreseen: Foreseen
    file: ApprovedFile
    covered: Covered | None
    borrowed: Borrowed
    doubted: int
    contradicted: Contradicted
    replaced: Replaced
    apart: list[Apart] | None
    days_old: int


def approving(reading: Reading, name: str, at: dt.datetime) -> Approving:
    """Raises UnknownChoice with the latest runs."""
    run, policy = reading.run(name), reading.policy
    made = reading.last_made(name)
    table = run.changes.select(*KEY, "move", "profit_change").join(risk(reading, run, at), on=KEY, how="left", maintain_order="left")
    table = table.join(
        standing(reading, run, at).select(*KEY, "agreed", "kind", "fate", "state", "own"), on=KEY, how="left", maintain_order="left"
    )
    kept = aside(reading, run, at)
    return Approving(
        run=name, kind=str(run.row["kind"]), parent=made["parent"], as_of=run.as_of, at=made["at"], by=made["by"],
        making=making(reading, name), ever=by_run(reading).get(name, NONE), start=started(reading, run, at), askers=reading.askers(name),
        currency=run.currency, products=run.decided.height, changes=table.height,
        profit_change=float(table["profit_change"].sum()), joint=msgspec.json.decode(str(run.row["facts"]), type=Facts).joint,
        expires_hours=policy.guards.approval_hours, pace=pace(policy.guards),
        two_people_move=policy.approval.two_people_move,
        two_people_products=policy.approval.two_people_products,
        classes=classes(table, kept), accept=reached(table, "accept"), reject=reached(table, "reject"), leaving=leaving(kept, table),
        verdicts=verdicts(reading, run, at),
        states=counts(table, "state"), shops=shops(reading, run, table, policy, at), unreached=int((~taken(table, policy)).sum()),
        behind=behind(reading, name), ready_too=ready_too(reading, run, at),
        attestation=attestation(reading, at), stops=stops(reading), own=mine(run),
        judged=judged(reading, run, at), foreseen=foreseen(reading, run, at), file=approved_file(reading, run, at).said,
        covered=covered(reading, run), borrowed=borrowed(run.changes, run.policy.rules),
        doubted=doubted(run.decided).height, contradicted=contradicted(reading, run, at), replaced=replaced(reading, run, at),
        apart=apart_soon(reading, name), days_old=days if (days := (at.date() - run.as_of).days) > SALES_DAYS else 0,
    )  # fmt: skip


def classes(table: pl.DataFrame, kept: Known) -> list[Class]:
    """The classes of risk that the run has, the one with the most people last. kept: of `foreseen.aside`"""
    found = []
    for (needs,), part in table.partition_by("needs", as_dict=True).items():
        waiting, up = part.filter(pl.col("state") == "open")["agreed"], part.filter(pl.col("move") > 0).height
        found.append(
            Class(
                needs=int(needs),
                changes=part.height,
                up=up,
                down=part.height - up,
                profit_change=float(part["profit_change"].sum()),
                largest=part["move"].abs().max(),  # type: ignore[arg-type]
                whys=counts(part, "why"),
                states=counts(part, "state"),
                agreed=waiting.min(),  # type: ignore[arg-type]
                partly=partly(part),
                accept=reached(part, "accept"),
                reject=reached(part, "reject"),
                leaving=leaving(kept, part),
            )
        )
    return sorted(found, key=lambda one: one.needs)


def verdicts(reading: Reading, run: Run, at: dt.datetime) -> list[Verdict]:
    """Answers on the run, the newest first; those that one person gave at once are one."""
    said, counts_for = reading.rows("verdicts").filter(pl.col("run") == run.name), _counting(reading, run)
    whole = pl.all_horizontal(pl.col(name) == EVERY for name in KEY)
    groups = said.group_by("approver", "answer", "at", "expires", "why", maintain_order=True).agg(
        whole=whole.any(), products=pl.len(), digest=pl.col("digest").last(), requester=pl.col("requester").last(), seq=pl.col("seq").last()
    )
    found, later, sent = [], set(), sent_on(reading, run)
    for row in groups.reverse().iter_rows(named=True):
        ours = row["seq"] in counts_for and row["digest"] == run.row["digest"] and row["expires"] > at
        ours = ours and not same_person(row["approver"], row["requester"])
        holds = row["answer"] == "accept" and ours and folded(row["approver"]) not in later
        products = 0 if row["whole"] else row["products"]
        found.append(
            Verdict(row["approver"], row["answer"], products, row["at"], row["expires"], row["why"], holds, sent.get(row["seq"], 0))
        )
        later |= {folded(row["approver"])} if row["whole"] else set()
    return found[:ANSWERS]


def _counting(reading: Reading, run: Run) -> set[int]:
    """`seq` of the answers on a run that count for one of its changes at least, see `lately`."""
    said = reading.rows("verdicts").filter(pl.col("run") == run.name).with_columns(order=pl.col("seq"))
    past = reading.lately(run.name)
    if not past.again:
        return set(said["seq"])
    parts = [covering(part.select(KEY), given)["order"] for part, given in past.counted(said, run.changes)]
    return set[int]().union(*parts)


def mine(run: Run) -> list[Mine]:
    """Prices of the run that people set, with their reasons."""
    told = overrides_of(run.row) if run.row["kind"] == "override" else {}
    if not told:
        return []
    rows = run.decided.filter(pl.col("reason") == "override").select(*KEY, "name", "current_price", "price")
    found = ((row, told[Key(row["sku"], row["channel"], row["region"])]) for row in rows.iter_rows(named=True))
    return [Mine(**row, by=one.by, why=one.why) for row, one in found]


def stops(reading: Reading) -> list[Stop]:
    """What the kill switch holds."""
    standing_ = state_of(reading.rows("switches"))
    return [
        Stop(*scope, row["by"], row["at"], str(row["why"]), row["asked_by"], bool(row["tripped"]))  # type: ignore[arg-type]
        for scope, row in standing_.items()
    ]
