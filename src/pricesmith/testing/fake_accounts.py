"""Accounts in memory, for tests: the protocols of contracts/accounts.py in plain Python, without a database and without a slow digest.

It refuses what the databases refuse. Tokens and keys are counted, not random, so that two runs of a test are the same.

accounts = fake_accounts()
accounts.people.add("anna", "correct horse battery", "admin", at)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import polars as pl

from pricesmith.adapters.accounts import checks
from pricesmith.adapters.accounts.frames import frame_of
from pricesmith.adapters.accounts.identities import taken
from pricesmith.adapters.accounts.replies import PATIENCE, STEPS
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import ROLES, Accounts, Reply, Role, Scope, Who
from pricesmith.contracts.errors import LedgerError, UnknownChoice, UsageError


@dataclass(slots=True)
class _Person:
    name: str
    password: str
    role: Role
    made_at: dt.datetime
    active: bool = True
    seen_at: dt.datetime | None = None


@dataclass(slots=True)
class _Session:
    person: str
    handle: str
    made_at: dt.datetime
    seen_at: dt.datetime


@dataclass(slots=True)
class _Key:
    handle: str
    person: str
    label: str
    scopes: tuple[Scope, ...]
    made_at: dt.datetime
    expires: dt.datetime | None
    revoked: bool = False
    seen_at: dt.datetime | None = None


@dataclass(slots=True)
class _Room:
    """Everything that stands there, and one lock around it."""

    people: dict[str, _Person] = field(default_factory=dict)
    identities: dict[tuple[str, str], str] = field(default_factory=dict)
    failures: list[tuple[str, dt.datetime]] = field(default_factory=list)
    sessions: dict[str, _Session] = field(default_factory=dict)
    keys: dict[str, _Key] = field(default_factory=dict)
    replies: dict[tuple[str, str], tuple[str, dt.datetime, Reply | None]] = field(default_factory=dict)
    kept: dict[tuple[str, str, str], tuple[str, str, dt.datetime]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def number(self) -> str:
        """64 hexadecimal digits, others each time."""
        return _digest(f"fake {next(self.numbers)}")

    def known(self, name: str) -> _Person:
        if checks.folded(name) not in self.people:
            raise UnknownChoice("person", name, [person.name for person in self.people.values()])
        return self.people[checks.folded(name)]

    def active(self, name: str) -> _Person:
        found = self.known(name)
        if not found.active:
            raise UsageError(f"{found.name} is inactive", hint="an admin can change that")
        return found


class _People:
    def __init__(self, room: _Room) -> None:
        self.room = room

    def add(self, name: str, password: str, role: Role, at: dt.datetime) -> None:
        checks.checked_password(password)
        shown, key = checks.checked_name(name), checks.folded(name)
        with self.room.lock:
            if key in self.room.people:
                raise UsageError(f"{shown} is there already", hint="case does not matter; choose another name")
            self.room.people[key] = _Person(shown, _digest(password), checks.checked_role(role), at)

    def change(self, name: str, *, role: Role | None = None, password: str | None = None, active: bool | None = None) -> None:
        if role is not None:
            checks.checked_role(role)
        if password is not None:
            checks.checked_password(password)
        with self.room.lock:
            found = self.room.known(name)
            new = (found.role if role is None else role, found.active if active is None else active)
            admins = [one for one in self.room.people.values() if one.active and one.role == "admin"]
            if admins == [found] and new != ("admin", True):
                raise UsageError("nobody would be left who may look after accounts", hint="make somebody else an active admin first")
            found.role, found.active = new
            found.password = found.password if password is None else _digest(password)
            key = checks.folded(name)
            self.room.sessions = {token: one for token, one in self.room.sessions.items() if one.person != key}

    def check(self, name: str, password: str, at: dt.datetime) -> Who | None:
        key = checks.folded(name)
        with self.room.lock:
            found = self.room.people.get(key)
            self.room.failures = [one for one in self.room.failures if one[1] > at - checks.FAILURES_WITHIN]
            is_open = sum(one[0] == key for one in self.room.failures) < checks.FAILURES
            if found and found.active and is_open and found.password == _digest(password):
                found.seen_at = at
                return Who(found.name, ROLES[found.role], "session")
            if is_open:
                self.room.failures.append((key, at))
            return None

    def all(self) -> pl.DataFrame:
        with self.room.lock:
            people = [one for _, one in sorted(self.room.people.items())]
        rows = [(one.name, one.role, int(one.active), micros(one.made_at), _micros(one.seen_at)) for one in people]
        return frame_of(("name", "role", "active", "made_at", "seen_at"), rows)


class _Identities:
    def __init__(self, room: _Room) -> None:
        self.room = room

    def known(self, issuer: str, subject: str) -> tuple[str, Role] | None:
        with self.room.lock:
            key = self.room.identities.get((issuer, subject))
            return None if key is None else (self.room.people[key].name, self.room.people[key].role)

    def add(self, issuer: str, subject: str, name: str, role: Role, at: dt.datetime) -> None:
        checks.checked_subject("issuer", issuer)
        checks.checked_subject("subject", subject)
        shown, key = checks.checked_name(name), checks.folded(name)
        with self.room.lock:
            checked = checks.checked_role(role)
            if key in self.room.people:
                raise taken(shown)
            self.room.people[key] = _Person(shown, self.room.number(), checked, at, seen_at=at)
            self.room.identities[issuer, subject] = key


class _Sessions:
    def __init__(self, room: _Room) -> None:
        self.room = room

    def begin(self, name: str, at: dt.datetime) -> str:
        with self.room.lock:
            self.room.active(name)
            token = self.room.number()
            self.room.sessions[token] = _Session(checks.folded(name), self.room.number()[:16], at, at)
        return token

    def of(self, token: str, at: dt.datetime) -> Who | None:
        with self.room.lock:
            found = self.room.sessions.get(token)
            if found is None or at - found.made_at >= checks.SESSION_LONGEST or at - found.seen_at >= checks.SESSION_IDLE:
                return None
            person = self.room.people[found.person]
            if at - found.seen_at >= checks.SEEN_EVERY:
                found.seen_at = at
                person.seen_at = at if person.seen_at else None
            return Who(person.name, ROLES[person.role], "session", found.handle)

    def end(self, token: str) -> None:
        with self.room.lock:
            self.room.sessions.pop(token, None)


class _Keys:
    def __init__(self, room: _Room) -> None:
        self.room = room

    def make(self, owner: str, label: str, scopes: frozenset[Scope], at: dt.datetime, expires: dt.datetime | None) -> tuple[str, str]:
        if expires is not None and expires <= at:
            raise UsageError("a key would end before it begins", hint="let it expire later, or never")
        with self.room.lock:
            found = self.room.active(owner)
            given = checks.checked_scopes(found.name, found.role, scopes)
            handle = self.room.number()[:16]
            key = f"ps_{handle}_{self.room.number()[:43]}"
            self.room.keys[key] = _Key(handle, checks.folded(owner), checks.checked_label(label), given, at, expires)
        return handle, key

    def of(self, key: str, at: dt.datetime) -> Who | None:
        with self.room.lock:
            found = self.room.keys.get(key)
            if found is None or found.revoked or (found.expires is not None and at >= found.expires):
                return None
            owner = self.room.people[found.person]
            if not owner.active:
                return None
            if found.seen_at is None or at - found.seen_at >= checks.SEEN_EVERY:
                found.seen_at = at
            return Who(owner.name, ROLES[owner.role] & frozenset(found.scopes), "key", found.handle)

    def revoke(self, handle: str, owner: str | None) -> bool:
        with self.room.lock:
            for one in self._owned(owner):
                if one.handle == handle and not one.revoked:
                    one.revoked = True
                    return True
        return False

    def all(self, owner: str | None) -> pl.DataFrame:
        with self.room.lock:
            owned = sorted(self._owned(owner), key=lambda one: (-micros(one.made_at), one.handle))
            rows = [
                (one.handle, self.room.people[one.person].name, one.label, " ".join(one.scopes), micros(one.made_at), _micros(one.expires),
                 int(one.revoked), _micros(one.seen_at))
                for one in owned
            ]  # fmt: skip
        return frame_of(("handle", "owner", "label", "scopes", "made_at", "expires", "revoked", "seen_at"), rows)

    def _owned(self, owner: str | None) -> list[_Key]:
        return [one for one in self.room.keys.values() if owner is None or one.person == checks.folded(owner)]


class _Replies:
    def __init__(self, room: _Room, pause: Callable[[float], None]) -> None:
        self.room, self.pause = room, pause

    def claim(self, caller: str, key: str, fingerprint: str, at: dt.datetime) -> Reply | None:
        checks.checked_text("the caller", caller, 2 * checks.NAME_MOST)
        checks.checked_text("an idempotency key", key, 2 * checks.NAME_MOST)
        waited = 0.0
        while True:
            now = at + dt.timedelta(seconds=waited)
            with self.room.lock:
                self.room.replies = {place: one for place, one in self.room.replies.items() if one[1] > now - checks.REPLIES_FOR}
                known, since, reply = self.room.replies.get((caller, key), (fingerprint, None, None))
                if known != fingerprint:
                    raise UsageError("this idempotency key came with another body", hint="use a new key for a new request")
                if reply is not None:
                    return reply
                if since is None or now - since >= checks.CLAIM_FOR:
                    self.room.replies[caller, key] = (fingerprint, now, None)
                    return None
            if waited >= PATIENCE:
                raise UsageError("the first request with this idempotency key is still under way", hint="ask again with the same key")
            self.pause(STEPS[-1])
            waited += STEPS[-1]

    def keep(self, caller: str, key: str, reply: Reply) -> None:
        with self.room.lock:
            known, since, first = self.room.replies.get((caller, key), ("", None, None))
            if since is None or known != reply.fingerprint:
                raise LedgerError("an answer was not claimed, or its claim was given back", hint="claim it before the work")
            self.room.replies[caller, key] = (known, since, first or reply)

    def release(self, caller: str, key: str) -> None:
        with self.room.lock:
            if self.room.replies.get((caller, key), ("", None, None))[2] is None:
                self.room.replies.pop((caller, key), None)


class _Kept:
    def __init__(self, room: _Room) -> None:
        self.room = room

    def put(self, kind: str, owner: str, name: str, text: str, at: dt.datetime) -> str:
        checks.checked_text("a kind", kind, checks.NAME_MOST)
        checks.checked_text("a text", text, checks.TEXT_MOST, least=0)
        place = (kind, checks.folded(checks.checked_name(owner)), checks.checked_name(name))
        with self.room.lock:
            if place not in self.room.kept and sum(one[:2] == place[:2] for one in self.room.kept) >= checks.KEPT_MOST:
                raise UsageError(f"{checks.KEPT_MOST} of kind {kind} are kept already", hint="drop one first")
            handle = self.room.kept[place][0] if place in self.room.kept else self.room.number()[:16]
            self.room.kept[place] = (handle, text, at)
        return handle

    def get(self, kind: str, owner: str, handle: str) -> str | None:
        with self.room.lock:
            place = self._place(kind, owner, handle)
            return self.room.kept[place][1] if place else None

    def all(self, kind: str, owner: str) -> pl.DataFrame:
        with self.room.lock:
            items = sorted(self.room.kept.items())
        rows = [(handle, place[2], micros(at)) for place, (handle, _, at) in items if place[:2] == (kind, checks.folded(owner))]
        return frame_of(("handle", "name", "at"), rows)

    def drop(self, kind: str, owner: str, handle: str) -> bool:
        with self.room.lock:
            place = self._place(kind, owner, handle)
            return place is not None and bool(self.room.kept.pop(place))

    def _place(self, kind: str, owner: str, handle: str) -> tuple[str, str, str] | None:
        mine = (kind, checks.folded(owner))
        return next((place for place, one in self.room.kept.items() if place[:2] == mine and one[0] == handle), None)


def fake_accounts(pause: Callable[[float], None] = time.sleep) -> Accounts:
    """Empty accounts.

    pause  waits so many seconds
    """
    room = _Room()
    return Accounts(_People(room), _Identities(room), _Sessions(room), _Keys(room), _Replies(room, pause), _Kept(room))


def _digest(text: str) -> str:
    return hashlib.sha256(checks.typed(text)).hexdigest()


def _micros(moment: dt.datetime | None) -> int | None:
    return None if moment is None else micros(moment)
