"""What a route is asked, and what it may answer: everything of HTTP that a page has to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pricesmith.apps.web.words import Words
from pricesmith.contracts.accounts import Accounts, Who
from pricesmith.flows.desk.reading import Reading

from .given import Sent
from .jobs import Jobs


@dataclass(frozen=True, slots=True)
class Desk:
    """What a running price desk has.

    open_  nobody has an account: whoever reaches this machine's loopback is let in and says who they are
    """

    reading: Reading
    accounts: Accounts
    jobs: Jobs
    secret: bytes
    hosts: frozenset[str]

    @property
    def open_(self) -> bool:
        return self.accounts.people.all().is_empty()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, after access was checked.

    given  the route's `asks` record, filled in from the address, the form or the JSON body
    path   parts of the address that the route names
    csrf   token that every form of the answer carries;  session: token of the session, "" without one
    file   that came with the form
    """

    desk: Desk
    who: Who
    at: dt.datetime
    words: Words
    path: Mapping[str, str]
    given: Any = None
    csrf: str = ""
    address: str = "/"
    theme: str = ""
    session: str = ""
    file: Sent | None = None

    @property
    def reading(self) -> Reading:
        return self.desk.reading


@dataclass(frozen=True, slots=True)
class Done:
    """An act was done: a person goes on to `to` and is told `said` (a key of the words), a program gets `said` and `facts` as JSON.

    cookies  name -> value; "" takes it away
    """

    said: str
    to: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be kept."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """Server-sent events: each text is one `data:` line, sent until the reader goes away."""

    events: AsyncIterator[str]
