"""The page Keys: everybody makes and revokes their own API keys; admins see all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.contracts.accounts import SCOPES
from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.people import acts


class KeySeen(msgspec.Struct, frozen=True):
    """A key without its secret."""

    handle: str
    owner: str
    label: str
    scopes: list[str]
    made_at: dt.datetime
    expires: dt.datetime | None
    works: bool
    seen_at: dt.datetime | None


class Keys(msgspec.Struct, frozen=True):
    """Own keys, or all for an admin. scopes: what a key of the asker may have; alone: nobody has an account, so nobody has keys."""

    keys: list[KeySeen]
    scopes: list[str]
    alone: bool


class Made(msgspec.Struct, frozen=True):
    """A new key: the only time that it is shown."""

    handle: str
    key: str
    label: str


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """days: after which it expires; 0: never."""

    label: str = ""
    scopes: list[str] = []
    days: int = 90


class Handle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str


def show(ask: Ask) -> Keys:
    mine = None if ask.who.may("admin") else ask.who.name
    rows = [] if ask.desk.open_ else ask.desk.accounts.keys.all(mine).iter_rows(named=True)
    found = [_seen(row, ask.at) for row in rows]
    return Keys(found, [scope for scope in SCOPES if scope in ask.who.scopes and scope != "admin"], ask.desk.open_)


def _seen(row: dict[str, Any], at: dt.datetime) -> KeySeen:
    works = not row["revoked"] and (row["expires"] is None or row["expires"] > at)
    return KeySeen(**{name: value for name, value in row.items() if name != "revoked"}, works=works)


def make(ask: Ask) -> Made:
    """A key of whoever is signed in; a key makes no keys."""
    given: NewKey = ask.given
    if ask.who.via != "session":
        raise Refused(403, "not_allowed", "a key is made by somebody who is signed in", "sign in as the person it is for")
    if not 0 <= given.days <= 3650:
        raise UsageError(f"{given.days} days cannot be", hint="0 for never, up to 3650")
    ends = ask.at + dt.timedelta(days=given.days) if given.days else None
    handle, key = acts.make_key(
        ask.desk.accounts, ask.reading.book, ask.who.name, given.label, given.scopes, expires=ends, by=ask.who.name, at=ask.at
    )
    return Made(handle, key, given.label)


def revoke(ask: Ask) -> Done:
    revoke_one(ask, ask.given.handle)
    return Done("said_revoked", "/keys", {"handle": ask.given.handle})


def revoke_one(ask: Ask, handle: str) -> None:
    """An own key; any key for an admin."""
    if ask.who.via == "key":
        raise Refused(403, "not_allowed", "a key revokes no keys", "sign in")
    owner = None if ask.who.may("admin") else ask.who.name
    if not acts.revoke_key(ask.desk.accounts, ask.reading.book, handle, owner=owner, by=ask.who.name, at=ask.at):
        raise Refused(404, "unknown_choice", "there is no such key of yours that still works", "look at /keys")


ROUTES = (
    Route("keys", "GET", "/keys", "read", show, gives=Keys, template="keys.html", section="access"),
    Route("keys.make", "POST", "/keys", "read", make, NewKey, Made, "key_made.html", "access", secret=True),
    act("keys.revoke", "/keys/revoke", "read", revoke, Handle),
)
