"""When each version of the settings was in force, from what was put into force at the desk and from the runs that were made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.making import AGAIN

from .policy_file import NOTE, Note


@dataclass(slots=True)
class Span:
    """One time that a version was in force. at, by, why: of the change at the desk, else of the first run under it; None and "" before.

    runs  by name, with the acts in which they were made, or made again
    """

    version: str
    at: dt.datetime | None = None
    by: str = ""
    why: str = ""
    runs: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Made:
    """A run that was made, or made again; whole: it prices the whole shop, and so under the settings of its time."""

    run: str
    policy: str
    at: dt.datetime
    by: str
    whole: bool


def spans(reading: Reading, now: str) -> list[Span]:
    """The earliest first; the last is that of `now`, the version of the file as it stands."""
    steps = sorted([*_notes(reading), *_makings(reading)], key=lambda step: step[0])
    found: list[Span] = []
    for (seq, step), follows in zip(steps, _follows(steps, now), strict=True):
        if isinstance(step, Note):
            if not found or found[-1].version != step.previous:
                found.append(Span(step.previous))
            found.append(Span(step.policy, step.at, step.by, step.why))
        else:
            _of(found, step, follows).runs.setdefault(step.run, []).append(seq)
    if not found or found[-1].version != now:
        found.append(Span(now))
    return found


def _follows(steps: list[tuple[int, Note | _Made]], now: str) -> list[str]:
    """For each step the version that the next change at the desk found in force; `now` where none came."""
    found, follows = [], now
    for _, step in reversed(steps):
        found.append(follows)
        follows = step.previous if isinstance(step, Note) else follows
    return found[::-1]


def _of(found: list[Span], made: _Made, follows: str) -> Span:
    """The span of a run. One that was begun before its settings gave way is of the earlier span; else the file was written by hand."""
    late = not made.whole or bool(found and found[-1].version == follows)
    if not found or found[-1].version != made.policy:
        earlier = next((span for span in reversed(found) if span.version == made.policy), None) if late else None
        if earlier is not None:
            return earlier
        found.append(Span(made.policy, made.at, made.by))
    return found[-1]


def _notes(reading: Reading) -> list[tuple[int, Note | _Made]]:
    rows = reading.book.read("contents", {"kind": [NOTE]})
    return [(seq, msgspec.json.decode(data, type=Note)) for seq, data in rows.select("seq", "bytes").iter_rows()]


def _makings(reading: Reading) -> list[tuple[int, Note | _Made]]:
    runs = reading.rows("runs").filter(pl.col("kind") != "undo").select("run", "policy", "kind", "at", "by", "seq")
    again = reading.rows("audit").filter(pl.col("act") == AGAIN).select("subject", "at", "by", "seq")
    again = again.join(runs.select("run", "policy", "kind"), left_on="subject", right_on="run").rename({"subject": "run"})
    rows = pl.concat([runs, again.select(runs.columns)])
    return [(seq, _Made(run, policy, at, by, kind == "price")) for run, policy, kind, at, by, seq in rows.iter_rows()]


def approvers(reading: Reading, found: list[Span]) -> list[list[str]]:
    """For each span who accepted prices of its runs before those were made again."""
    said = reading.rows("verdicts").filter(pl.col("answer") == "accept").select("run", "approver", "seq").unique()
    made = pl.DataFrame(
        [(run, seq, place) for place, span in enumerate(found) for run, seqs in span.runs.items() for seq in seqs],
        schema={"run": pl.String, "seq": pl.Int64, "place": pl.Int64}, orient="row",
    )  # fmt: skip
    told = said.cast({"seq": pl.Int64}).sort("seq").join_asof(made.sort("seq"), on="seq", by="run", check_sortedness=False)
    people = dict(told.drop_nulls("place").group_by("place").agg(pl.col("approver").unique().sort()).iter_rows())
    return [list(people.get(place, [])) for place in range(len(found))]
