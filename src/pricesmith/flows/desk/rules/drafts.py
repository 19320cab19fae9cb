"""Draft policies: texts of shop.toml that a person keeps, each with the version of the file that it began with."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from pricesmith.contracts.accounts import Kept
from pricesmith.contracts.errors import UnknownChoice

KIND = "policy"
MOST_NAME = 60


class Draft(msgspec.Struct, frozen=True):
    """A draft. base: SHA-256 of the shop.toml that it began with; about: what it is for."""

    text: str
    base: str
    about: str = ""


class ListedDraft(msgspec.Struct, frozen=True):
    """A draft in a list."""

    draft: str
    name: str
    at: dt.datetime


def digest(text: str) -> str:
    """The name under which the ledger keeps a text: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def keep(kept: Kept, owner: str, name: str, draft: Draft, at: dt.datetime) -> str:
    """Its id. A draft of the same name is replaced. Raises UsageError where there are too many, or the text is too long."""
    return kept.put(KIND, owner, name, msgspec.json.encode(draft).decode(), at)


def free_name(kept: Kept, owner: str, wanted: str, at: dt.datetime) -> str:
    """The wanted name, by itself the time; a number behind it where the person has such a draft already."""
    name = " ".join(wanted.split())[:MOST_NAME] or f"{at:%Y-%m-%d %H:%M} UTC"
    taken = {one.name for one in listed(kept, owner)}
    return next(one for one in (name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))) if one not in taken)


def listed(kept: Kept, owner: str) -> list[ListedDraft]:
    """A person's drafts, the latest first."""
    rows = kept.all(KIND, owner).select("handle", "name", "at").iter_rows()
    return sorted((ListedDraft(*row) for row in rows), key=lambda one: one.at, reverse=True)


def get(kept: Kept, owner: str, handle: str) -> tuple[str, Draft]:
    """(name, draft). Raises UnknownChoice with the person's drafts."""
    text = kept.get(KIND, owner, handle)
    names = {one.draft: one.name for one in listed(kept, owner)}
    if text is None or handle not in names:
        raise UnknownChoice("draft", handle, names)
    return names[handle], msgspec.json.decode(text, type=Draft)
