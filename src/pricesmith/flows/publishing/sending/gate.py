"""The last gate in the worker: what the guards must know is read from the ledger, and their answer is turned into what happens next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.guard import State
from pricesmith.contracts.ledger import GUARD_HITS, SWITCHES
from pricesmith.contracts.tables import CHANGES, DECISIONS
from pricesmith.flows.publishing.answers.agreed import excepted
from pricesmith.flows.publishing.answers.approval import needs, stand_behind
from pricesmith.flows.publishing.answers.attest import attested
from pricesmith.flows.publishing.desk import Changed, Desk
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.changed_rules import rules_changed, strictness
from pricesmith.flows.publishing.history.lately import Lately, lately
from pricesmith.flows.publishing.history.making import made
from pricesmith.flows.publishing.history.names import name_of
from pricesmith.flows.publishing.history.runs import RunFacts, run_facts
from pricesmith.guards.gate import WAITS, Stop, gate
from pricesmith.guards.gate import Gated as Answered
from pricesmith.guards.hard_floor import floor
from pricesmith.guards.history import facts, index_moves, stood

from . import measures, orders, patience, switch
from .forbidden import forbidden
from .pace import PACED, in_turn
from .places import places
from .realised import margin_change
from .waves import Wave, wave_of

KEY = list(DECISIONS.key)
BREAKER = dt.timedelta(minutes=10)
FREEZE = dt.timedelta(hours=24)
RETRY, SOON = dt.timedelta(minutes=15), dt.timedelta(seconds=1)
"""When what waits for no wave and no rest after a change is asked about again; and what rests, at the earliest."""


@dataclass(frozen=True, slots=True)
class Gated:
    """Intents after the gate.

    leaving   rows that may be written now
    waiting   rows that may leave later as they are, with `due`
    held      rows that may not, with `guard` and `code`, and what it was `measured` by (see `measures.text`): they end here
    hits      rows of table GUARD_HITS
    switches  rows of table SWITCHES: a channel that a guard stopped stays stopped until two people release it
    stop      why the channel stops, "" where it goes on
    """

    leaving: pl.DataFrame
    waiting: pl.DataFrame
    held: pl.DataFrame
    hits: pl.DataFrame
    switches: pl.DataFrame
    stop: str


def stop_reason(desk: Desk) -> str:
    """Why nothing may leave now; a switch that cannot be read stops."""
    try:
        return switch.stopped(desk.read("switches"), desk.target)
    except LedgerError as error:
        return f"the kill switch cannot be read ({error.what})"


def judge(desk: Desk, intents: pl.DataFrame, news: pl.DataFrame) -> Gated:
    """Ask every guard about every intent.

    intents  rows of table INTENTS with `attempt`, `read`, `handle`
    news     rows of table APPLIED that this lease adds
    """
    now = desk.now()
    past = pl.concat([desk.read("applied").drop("seq"), news])
    changes = changes_of(desk, intents, past, now)
    asked = [_asked(desk, intents, changes, past, now, wave, rows) for wave, rows in _by_wave(desk, intents, now)]
    marks: dict[str, list[object]] = {"code": [PACED] * intents.height, "guard": [""] * intents.height}
    marks |= {"measured": [None] * intents.height, "waits": [True] * intents.height, "due": [now + RETRY] * intents.height}
    rests = changes["changed_at"].dt.offset_by(f"{round(60e6 * desk.policy.guards.dwell_minutes)}us").to_list()
    for part in asked:
        later = part.wave.next_at or now + RETRY
        for place, row in enumerate(part.rows):
            code = part.answer.reasons[place]
            marks["code"][row], marks["guard"][row], marks["waits"][row] = code, part.answer.guards[place], bool(part.answer.waits[place])
            marks["measured"][row] = part.measured[place]
            marks["due"][row] = later if code == "canary_wait" else max(rests[row], now + SOON) if code == "dwell" else now + RETRY
    marked = intents.with_columns(
        code=pl.Series(marks["code"], dtype=pl.String),
        guard=pl.Series(marks["guard"], dtype=pl.String),
        measured=pl.Series(marks["measured"], dtype=pl.String),
        waits=pl.Series(marks["waits"], dtype=pl.Boolean),
        due=pl.Series(marks["due"], dtype=pl.Datetime("us", "UTC")),
    )
    stops = [stop for part in asked for stop in part.answer.stops]
    return Gated(
        leaving=marked.filter(pl.col("code") == ""),
        waiting=marked.filter("waits"),
        held=marked.filter((pl.col("code") != "") & ~pl.col("waits")),
        hits=_hits(desk, asked, now),
        switches=_switches(desk, stops, now),
        stop="; ".join(dict.fromkeys(f"{stop.guard} {stop.code}" for stop in stops)),
    )


def _asked(
    desk: Desk, intents: pl.DataFrame, changes: pl.DataFrame, past: pl.DataFrame, now: dt.datetime, wave: Wave, rows: list[int]
) -> Asked:
    """Ask the guards about those rows of a wave whose turn it is."""
    state = state_of(desk, past, now, wave.share, str(intents["run"][rows[0]]))
    turn = in_turn(changes[rows], state, desk.policy.guards)
    kept = [row for row, on in zip(rows, turn.tolist(), strict=True) if on]
    answer = gate(changes[kept], state, desk.policy.guards)
    said = measures.texts(changes[kept], answer, now, desk.policy.guards)
    return Asked(str(intents["run"][rows[0]]), wave, kept, answer, said)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the guards answered about the rows of one run that share a wave and whose turn it is."""

    run: str
    wave: Wave
    rows: list[int]
    answer: Answered
    measured: list[str | None]


def changes_of(desk: Desk, intents: pl.DataFrame, past: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Rows of table CHANGES in the order of the intents."""
    if intents.is_empty():
        return CHANGES.empty()
    parts = [_of_run(desk, run, rows, now) for (run,), rows in intents.group_by("run", maintain_order=True)]
    table = intents.select("intent").join(pl.concat(parts), on="intent", how="left", maintain_order="left")
    table = with_past(table, past, desk.read("exceptions"), desk.read("guard_hits"), now)
    return as_changes(_going_back(desk, table, past, now))


def with_past(table: pl.DataFrame, past: pl.DataFrame, exceptions: pl.DataFrame, hits: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Rows with what the ledger knows of each product's prices so far.

    table             keys and `median_30d` of the run
    past              rows of table APPLIED of the target
    exceptions, hits  rows of the tables EXCEPTIONS and GUARD_HITS
    """
    floors = exceptions.filter(pl.col("expires") > now).group_by(KEY, maintain_order=True).agg(exception_floor=pl.col("floor").last())
    past = past.join(table.select(KEY).unique(), on=KEY, how="semi", maintain_order="left")
    before = facts(past, table.select(KEY), now).rename({"median_30d": "median_shop"})
    caught = hits.filter((pl.col("guard") == "G15") & pl.col("sku").is_not_null())
    frozen = caught.group_by(KEY).agg(frozen_until=pl.col("at").max() + FREEZE)
    for known in (before, floors, frozen):
        table = table.join(known, on=KEY, how="left", maintain_order="left")
    return table.with_columns(median_30d=pl.coalesce("median_30d", "median_shop"))


def as_changes(table: pl.DataFrame) -> pl.DataFrame:
    """Rows of table CHANGES; what is not known is null."""
    missing = [pl.lit(None, column.dtype).alias(column.name) for column in CHANGES.columns if column.name not in table.columns]
    return table.with_columns(missing).select(CHANGES.schema.names()).cast(CHANGES.schema)


def _of_run(desk: Desk, run: str, rows: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """What the intents of one run hang on; nobody needs to agree with going back to a price that stood before."""
    known = facts_of(desk, run)
    decided = known.decided.join(rows.select(KEY), on=KEY, how="semi", maintain_order="left")
    excepting = excepted(desk.book, now)
    past = lately_of(desk, run)
    changed = _changed_rules(desk, {**known.row, "seq": past.since})
    asked = needs(decided, desk.policy.approval, size=known.size, rules_changed=changed, excepted=excepting)
    people = decided.select(KEY).with_columns(needs=past.people(decided, asked))
    said = past.said(desk.book.read("verdicts", {"run": [run]}), run, str(known.row["digest"]), now, rows)
    joined = rows.with_columns(forbidden(desk.book, run, rows, desk.policy))
    for part in (known.products, _placed(desk, run, rows).drop("ended"), people, said):
        joined = joined.join(part, on=KEY, how="left", maintain_order="left")
    undo = pl.col("kind") == "undo"
    agreed = stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker"))
    return joined.with_columns(
        current_price=pl.col("read"),
        undo=undo.cast(pl.Int8),
        needs=pl.when(undo).then(0).otherwise("needs"),
        agreed=pl.when("rejected").then(0).otherwise(agreed),
    )


def _going_back(desk: Desk, table: pl.DataFrame, past: pl.DataFrame, now: dt.datetime) -> pl.DataFrame:
    """Only a price that stood in the shop, or the floor that it was lifted to, counts as going back."""
    floors = pl.Series(floor(table, desk.policy.guards))
    known = stood(past, table.select(*KEY, "price"), now, floors)
    return table.with_columns(undo=(pl.col("undo") * known).cast(pl.Int8))


def _placed(desk: Desk, run: str, rows: pl.DataFrame) -> pl.DataFrame:
    """`places` of what is sent of a run. rows: intents of it, queued or about to be"""
    queued, products = lately_of(desk, run).intents.filter(pl.col("kind") == "publish"), facts_of(desk, run).products
    return places(run, queued, desk.read("receipts"), rows, products, desk.memory.drawn)


def lately_of(desk: Desk, run: str) -> Lately:
    """What of the run's past at the target counts."""
    runs = made(desk.read("runs"), desk.read(patience.TABLE, patience.WHERE))
    return lately(desk.read("intents"), desk.read("receipts"), runs.row(by_predicate=pl.col("run") == run, named=True))


def _changed_rules(desk: Desk, made: Mapping[str, object]) -> bool:
    """Whether a run was made under other rules than prices that stand, as the ledger has it now: others publish and take back meanwhile."""
    run, since, known = str(made["run"]), made["seq"], desk.memory.changed.get(str(made["run"]))
    if known is not None and known.since == since and not _others_acted(desk, run, known):
        return known.answer
    runs, intents, receipts = (desk.book.read(name) for name in ("runs", "intents", "receipts"))
    answer = rules_changed(desk.book, made, runs, intents, receipts, [desk.target])
    upto = {name: int(rows["seq"][-1]) if rows.height else 0 for name, rows in (("intents", intents), ("receipts", receipts))}
    desk.memory.changed[run] = Changed(since, upto, answer)
    return answer


def _others_acted(desk: Desk, run: str, known: Changed) -> bool:
    """Whether prices of other runs were asked for or tried, in any target, since the answer was found."""
    fresh = {name: desk.book.read(name, after=upto) for name, upto in known.upto.items()}
    own = desk.read("intents").filter(pl.col("run") == run)["intent"]
    others = fresh["intents"].filter(pl.col("run") != run).height or fresh["receipts"].filter(~pl.col("intent").is_in(own.implode())).height
    known.upto.update({name: int(rows["seq"][-1]) for name, rows in fresh.items() if rows.height})
    return others > 0


def facts_of(desk: Desk, run: str) -> RunFacts:
    """The run's facts, read once."""
    found = desk.memory.runs.get(run)
    if not isinstance(found, RunFacts):
        found = run_facts(desk.book, run)
        desk.memory.runs[run] = found
    return found


def state_of(desk: Desk, past: pl.DataFrame, now: dt.datetime, wave: float, run: str | None = None) -> State:
    """The channel as the ledger has it, and its orders as the shop last told them.

    run  whose margin so far counts
    """
    told = desk.memory.orders
    rush, usual = (None, None) if told is None else orders.rush(told, orders.last_cut(past, now), now)
    hits = desk.read("guard_hits").filter(pl.col("at") > now - BREAKER)
    receipts = desk.read("receipts")
    recent = receipts.filter((pl.col("at") > now - BREAKER) & (pl.col("fate") != "same"))
    weights = _weights(desk)
    hour, day = index_moves(past, weights, now)
    return State(
        at=now,
        target=desk.target,
        currency=desk.settings.currency or desk.policy.currency,
        stopped=stop_reason(desk),
        tripped=switch.tripped(desk.read("switches"), desk.target),
        stopped_skus=tuple(switch.stopped_products(desk.read("switches"))),
        attested=attested(desk.read("attested"), desk.code),
        shadow_days=shadow_days(desk, now),
        wave=wave,
        judged=recent.height,
        caught=hits.filter(pl.col("sku").is_not_null()).height,
        revenue=float(weights["revenue"].sum()),
        index_hour=hour,
        index_day=day,
        orders=rush,
        usual=usual,
        margin_change=None if run is None else margin_change(desk, facts_of(desk, run), told, now),
        mismatches=mismatches(receipts, now),
        clock_skew=desk.shop.skew,
    )


def mismatches(receipts: pl.DataFrame, now: dt.datetime) -> int:
    """The most read-backs of one intent within a day in which its price was not found."""
    wrong = receipts.filter((pl.col("at") > now - dt.timedelta(days=1)) & (pl.col("code") == "mismatch"))
    return int(wrong.group_by("intent").len()["len"].max() or 0)  # type: ignore[arg-type]


def shadow_days(desk: Desk, now: dt.datetime) -> float:
    """Days since the first run under settings that bound prices as today's do."""
    runs = made(desk.read("runs"), desk.read(patience.TABLE, patience.WHERE))
    if runs.is_empty():
        return 0.0
    texts = {name: strictness(data) for name, data in contents.read(desk.book, runs["policy"].unique()).items()}
    today = texts[runs["policy"][-1]]
    first = runs.filter(pl.col("policy").is_in([name for name, text in texts.items() if text == today]))["at"].min()
    return (now - first) / dt.timedelta(days=1) if isinstance(first, dt.datetime) else 0.0


def _weights(desk: Desk) -> pl.DataFrame:
    """Keys and `revenue` of every product of the runs that are being sent."""
    known = [found.products.select(*KEY, "revenue") for found in desk.memory.runs.values() if isinstance(found, RunFacts)]
    return pl.concat(known).unique(KEY, keep="last", maintain_order=True)


def _by_wave(desk: Desk, intents: pl.DataFrame, now: dt.datetime) -> list[tuple[Wave, list[int]]]:
    """Rows that share a wave: those of one run, and those that restore prices, which do not wait."""
    numbered = intents.with_row_index("row")
    found = []
    for (run, kind), rows in numbered.group_by("run", "kind", maintain_order=True):
        wave = Wave(1.0, None)
        if kind != "undo":
            wave = wave_of(desk, lately_of(desk, str(run)).intents, _placed(desk, str(run), rows).filter(~pl.col("ended")).height, now)
        found.append((wave, rows["row"].to_list()))
    return found


def _hits(desk: Desk, asked: Sequence[Asked], now: dt.datetime) -> pl.DataFrame:
    """Rows of table GUARD_HITS; what merely waits is none, and a stop that stands already is not told again."""
    standing = bool(switch.tripped(desk.read("switches"), desk.target))
    rows = [
        {**hit, "hit": name_of(desk.target, now, part.run, *hit.values()), "at": now, "target": desk.target, "run": part.run}
        for part in asked
        for hit in part.answer.hits.iter_rows(named=True)
        if hit["code"] not in WAITS and not (standing and hit["sku"] is None)
    ]
    return pl.DataFrame(rows, schema=GUARD_HITS.schema).unique("hit", keep="first", maintain_order=True)


def _switches(desk: Desk, stops: Sequence[Stop], now: dt.datetime) -> pl.DataFrame:
    """Rows of table SWITCHES: each guard that stops the channel throws the switch, but for the one that says it is thrown."""
    if switch.tripped(desk.read("switches"), desk.target):
        return pl.DataFrame(schema=SWITCHES.schema)
    thrown = {stop.guard: stop for stop in stops if stop.guard != "G8"}
    rows = [
        {
            "switch": name_of("target", desk.target, "trip", guard, now), "at": now, "by": guard,
            "scope": "target", "name": desk.target, "state": "trip", "why": stop.code,
        }
        for guard, stop in thrown.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SWITCHES.schema)
