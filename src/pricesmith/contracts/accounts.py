"""Who may do what at the price desk: people, sessions, keys, and what is kept for them. Times are UTC and given, never asked for.

A secret (password, session token, key) is handed over once and kept as a digest; nothing here gives it back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol

import polars as pl

Scope = Literal["read", "quote", "draft", "stop", "approve", "publish", "admin"]
"""read: look; quote: ask for prices in force; draft: propose runs, overrides, policies, saved views; stop: throw the kill switch;
approve: answer; publish: send and take back; admin: people, keys, policy."""

Role = Literal["viewer", "analyst", "approver", "admin"]

SCOPES: tuple[Scope, ...] = ("read", "quote", "draft", "stop", "approve", "publish", "admin")
ROLES: dict[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read", "quote"}),
    "analyst": frozenset({"read", "quote", "draft", "stop"}),
    "approver": frozenset({"read", "quote", "draft", "stop", "approve", "publish"}),
    "admin": frozenset(SCOPES),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks.

    name    of the person, or of the key's owner: what stands in the ledger
    via     `session`, `key`, or `local` (a desk on this machine without accounts)
    handle  public id of the session or key; "" for local
    """

    name: str
    scopes: frozenset[Scope]
    via: Literal["session", "key", "local"]
    handle: str = ""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was given under an idempotency key, to be given again."""

    fingerprint: str
    status: int
    body: bytes


class People(Protocol):
    """Persons with a password (Argon2id) and a role. Names are unique without regard to case."""

    def add(self, name: str, password: str, role: Role, at: dt.datetime) -> None:
        """Raises UsageError where the name is taken or empty, or the password shorter than 12 characters."""
        ...

    def change(self, name: str, *, role: Role | None = None, password: str | None = None, active: bool | None = None) -> None:
        """Raises UnknownChoice; UsageError where it would leave no active admin. Every change ends the person's sessions."""
        ...

    def check(self, name: str, password: str, at: dt.datetime) -> Who | None:
        """None where name or password is wrong or the person is inactive, in the same time; after 5 failures in 15 minutes always None."""
        ...

    def all(self) -> pl.DataFrame:
        """`name`, `role`, `active`, `made_at`, `seen_at`; sorted by name."""
        ...


class Identities(Protocol):
    """Persons whom a provider vouches for, bound by issuer and subject. They have no password unless an admin gives them one."""

    def known(self, issuer: str, subject: str) -> tuple[str, Role] | None:
        """Name and role of whom the provider calls so, active or not; None where nobody is."""
        ...

    def add(self, issuer: str, subject: str, name: str, role: Role, at: dt.datetime) -> None:
        """Raises UsageError where the name is taken or none: whoever has it is not taken over."""
        ...


class Sessions(Protocol):
    """Signed-in persons: 12 hours, or 2 without an act."""

    def begin(self, name: str, at: dt.datetime) -> str:
        """The token, 256 random bits."""
        ...

    def of(self, token: str, at: dt.datetime) -> Who | None:
        """Who it is, with the scopes of the role that the person has now."""
        ...

    def end(self, token: str) -> None: ...


class Keys(Protocol):
    """API keys: `ps_<handle>_<256 random bits>`, kept as SHA-256."""

    def make(self, owner: str, label: str, scopes: frozenset[Scope], at: dt.datetime, expires: dt.datetime | None) -> tuple[str, str]:
        """(handle, the key, shown once). Raises UsageError where the owner's role lacks a scope; `admin` is given to no key."""
        ...

    def of(self, key: str, at: dt.datetime) -> Who | None:
        """Scopes that both the key and its owner's role have; None where wrong, expired, revoked, or the owner is inactive."""
        ...

    def revoke(self, handle: str, owner: str | None) -> bool:
        """Whether there was one. owner  only a key of this person; None: anybody's."""
        ...

    def all(self, owner: str | None) -> pl.DataFrame:
        """`handle`, `owner`, `label`, `scopes`, `made_at`, `expires`, `revoked`, `seen_at`; newest first."""
        ...


class Replies(Protocol):
    """Answers by idempotency key, kept 7 days, apart for each caller."""

    def claim(self, caller: str, key: str, fingerprint: str, at: dt.datetime) -> Reply | None:
        """Exactly one caller gets None and must work; others wait for its answer (bounded) and get it.

        Raises UsageError where the key came with another body, or the work is still under way.
        """
        ...

    def keep(self, caller: str, key: str, reply: Reply) -> None: ...

    def release(self, caller: str, key: str) -> None:
        """The work failed before it changed anything: the key may be used again."""
        ...


class Kept(Protocol):
    """Texts that people keep: saved views, draft policies. A person sees only their own."""

    def put(self, kind: str, owner: str, name: str, text: str, at: dt.datetime) -> str:
        """Its id; the same kind, owner and name is replaced. Raises UsageError beyond 200 of a kind or 200,000 characters."""
        ...

    def get(self, kind: str, owner: str, handle: str) -> str | None: ...

    def all(self, kind: str, owner: str) -> pl.DataFrame:
        """`handle`, `name`, `at`; by name."""
        ...

    def drop(self, kind: str, owner: str, handle: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything of the desk that is about persons."""

    people: People
    identities: Identities
    sessions: Sessions
    keys: Keys
    replies: Replies
    kept: Kept
