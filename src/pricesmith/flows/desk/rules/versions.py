"""Versions of the settings: those that runs were made under and those put into force at the desk; who, when, why, and who approved."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.shop_toml import text_of
from pricesmith.rules import RULES
from pricesmith.rules.apply import names_of

from .drafts import digest
from .spans import approvers, spans

FILE = "file"
"""Name of what stands in shop.toml now, whatever it is."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a text of shop.toml was in force. version: its SHA-256; at, by, why: of the change at the desk, else of its first run.

    runs       runs made under it then, or made again;  approvers: people who accepted prices of theirs
    in_force   it is what stands in the file now, and since then
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
    """Each time that a version was in force, the latest first: that of the file as it stands."""
    found = spans(reading, digest(text_of(reading.folder)))
    told = [
        Version(
            version=one.version, at=one.at, by=one.by, why=one.why, runs=len(one.runs), last_run=next(reversed(one.runs), ""),
            approvers=people, in_force=one is found[-1],
        )
        for one, people in zip(found, approvers(reading, found), strict=True)
    ]  # fmt: skip
    return told[::-1]


def apart(told: list[Version]) -> list[Version]:
    """The versions among them, each by the last time that it was in force."""
    return list({one.version: one for one in told[::-1]}.values())[::-1]


def text_at(reading: Reading, version: str) -> str:
    """The text of a version. Raises UnknownChoice where the ledger has no such settings."""
    if version == FILE or version == digest(text_of(reading.folder)):
        return text_of(reading.folder)
    found = reading.book.read("contents", {"content": [version], "kind": ["policy"]})
    if found.is_empty():
        raise UnknownChoice("version", version[:16], [one.version for one in apart(versions(reading))])
    return contents.read(reading.book, [version])[version].decode()


def compare(old: str, new: str, names: tuple[str, str] = ("", "")) -> Compared:
    """What differs between two texts: setting by setting, and line by line."""
    before, after = (_settings(text) for text in (old, new))
    told = [] if before is None or after is None else differing(before, after)
    return Compared(*names, told, list(lines(old, new)))


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[Setting]:
    """Settings that are other, of two policies as `flat` has them."""
    places = dict.fromkeys([*before, *after])
    return [Setting(place, before.get(place, ""), after.get(place, "")) for place in places if before.get(place) != after.get(place)]


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
    """Every setting by its place: `objective`, `guards.max_step`, `rule.max_change:2.step`, `fees.web.fee_rate`."""
    document = msgspec.to_builtins(policy)
    fees = {" ".join(one.pop(name) or "*" for name in ("channel", "region")).removesuffix(" *"): one for one in document.pop("fees")}
    rules = dict(zip(names_of(policy.rules), document.pop("rule"), strict=True))
    return {
        **_flat(document, ""),
        **{f"fees.{place}": value for place, value in _flat(fees, "").items()},
        **{f"rule.{place}": value for place, value in _flat(rules, "").items()},
    }


def _flat(value: Mapping[str, Any], place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in value.items():
        inner = _flat(one, f"{place}{name}.") if isinstance(one, dict) and one else {}
        found |= inner or ({f"{place}{name}": msgspec.json.encode(one).decode()} if one not in (None, {}, []) else {})
    return found
