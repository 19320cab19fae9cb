"""Versions of the settings: those that runs were made under and those put into force at the desk; who, when, why, and who approved."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.flows.publishing import contents
from pricesmith.flows.shop_toml import text_of
from pricesmith.rules import RULES
from pricesmith.rules.apply import names_of

from .drafts import digest
from .policy_file import NOTE, Note
from .reading import Reading

FILE = "file"
"""Name of what stands in shop.toml now, whatever it is."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One text of shop.toml. version: its SHA-256; at, by, why: of the change at the desk, else of the first run under it.

    runs       recorded runs made under it;  approvers: people who accepted prices of theirs
    in_force   it is what stands in the file now
    """

    version: str
    at: dt.datetime | None
    by: str
    why: str
    runs: int
    last_run: str
    approvers: list[str]
    in_force: bool


class Setting(msgspec.Struct, frozen=True):
    """A setting that differs: its place, and its value on both sides as TOML would have it ("" where it is not there)."""

    place: str
    old: str
    new: str


class Line(msgspec.Struct, frozen=True):
    """A line of a comparison: `add`, `del`, `same` or `place` (of what follows)."""

    kind: Literal["add", "del", "same", "place"]
    text: str


class Compared(msgspec.Struct, frozen=True):
    """Two texts of shop.toml. `settings` is empty where one of them cannot be read."""

    old: str
    new: str
    settings: list[Setting]
    lines: list[Line]
    versions: list[Version] = []


def versions(reading: Reading) -> list[Version]:
    """The latest first; the file as it stands is among them."""
    notes = _notes(reading)
    runs = reading.rows("runs")
    accepted = reading.rows("verdicts").filter(pl.col("answer") == "accept").select("run", "approver")
    approved = dict(
        accepted.join(runs.select("run", "policy"), on="run").group_by("policy").agg(pl.col("approver").unique().sort()).iter_rows()
    )
    used = {row["policy"]: row for row in _used(runs)}
    now = digest(text_of(reading.folder))
    names = list(dict.fromkeys([*used, *(note.policy for note in notes), *(note.previous for note in notes), now]))
    last = {note.policy: note for note in notes}
    found = [_version(name, last.get(name), used.get(name), approved.get(name, []), name == now) for name in names]
    beginning = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda one: (one.in_force, one.at or beginning), reverse=True)


def _used(runs: pl.DataFrame) -> list[dict[str, Any]]:
    groups = runs.filter(pl.col("kind") != "undo").group_by("policy", maintain_order=True)
    return groups.agg(pl.col("at").min(), pl.col("by").first(), pl.len().alias("runs"), pl.col("run").last()).to_dicts()


def _version(name: str, note: Note | None, used: Mapping[str, Any] | None, approvers: list[str], in_force: bool) -> Version:
    first = used or {"at": None, "by": "", "runs": 0, "run": ""}
    at, by, why = (note.at, note.by, note.why) if note else (first["at"], first["by"], "")
    return Version(
        version=name, at=at, by=by, why=why, runs=first["runs"], last_run=first["run"], approvers=list(approvers), in_force=in_force
    )


def _notes(reading: Reading) -> list[Note]:
    rows = reading.book.read("contents", {"kind": [NOTE]})
    return [msgspec.json.decode(data, type=Note) for data in rows["bytes"]]


def text_at(reading: Reading, version: str) -> str:
    """The text of a version. Raises UnknownChoice where the ledger has no such settings."""
    if version == FILE or version == digest(text_of(reading.folder)):
        return text_of(reading.folder)
    found = reading.book.read("contents", {"content": [version], "kind": ["policy"]})
    if found.is_empty():
        raise UnknownChoice("version", version[:16], [one.version for one in versions(reading)])
    return contents.read(reading.book, [version])[version].decode()


def compare(old: str, new: str, names: tuple[str, str] = ("", "")) -> Compared:
    """What differs between two texts: setting by setting, and line by line."""
    sides = [_settings(text) for text in (old, new)]
    differing: list[Setting] = []
    if None not in sides:
        before, after = (side or {} for side in sides)
        places = list(dict.fromkeys([*before, *after]))
        differing = [
            Setting(place, before.get(place, ""), after.get(place, "")) for place in places if before.get(place) != after.get(place)
        ]
    return Compared(*names, differing, list(lines(old, new)))


def lines(old: str, new: str) -> list[Line]:
    kinds: dict[str, Literal["add", "del", "same", "place"]] = {"+": "add", "-": "del", " ": "same", "@": "place"}
    told = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    return [Line(kinds[line[0]], line) for number, line in enumerate(told) if number > 1]


def _settings(text: str) -> dict[str, str] | None:
    """Place -> value; rules by their name. None where the text cannot be read."""
    try:
        policy = parse_policy(text, RULES)
    except (PolicyError, UnknownChoice):
        return None
    return flat(policy)


def flat(policy: Policy) -> dict[str, str]:
    """Every setting by its place: `objective`, `guards.max_step`, `rule.max_change:2.step`."""
    document = msgspec.to_builtins(policy)
    rules = dict(zip(names_of(policy.rules), document.pop("rule"), strict=True))
    return {**_flat(document, ""), **{f"rule.{place}": value for place, value in _flat(rules, "").items()}}


def _flat(value: Mapping[str, Any], place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in value.items():
        inner = _flat(one, f"{place}{name}.") if isinstance(one, dict) and one else {}
        found |= inner or ({f"{place}{name}": msgspec.json.encode(one).decode()} if one not in (None, {}, []) else {})
    return found
