"""What a route is asked, and what it may answer: everything of HTTP that a page has to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pricesmith.apps.web.words import Words
from pricesmith.contracts.accounts import Accounts, Who
from pricesmith.contracts.signing_in import Provider
from pricesmith.flows.desk.reading.ledger import Reading

from .given import Sent
from .jobs import Jobs


@dataclass(frozen=True, slots=True)
class Desk:
    """What a running price desk has.

    open_     nobody has an account or could get one: whoever reaches this machine's loopback is let in and says who they are
    provider  that signs people in, None where there is none
    """

    reading: Reading
    accounts: Accounts
    jobs: Jobs
    secret: bytes
    hosts: frozenset[str]
    provider: Provider | None = None

    @property
    def open_(self) -> bool:
        return self.provider is None and self.accounts.people.all().is_empty()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, after access was checked.

    given  the route's `asks` record, filled in from the address, the form or the JSON body
    path   parts of the address that the route names
    csrf   token that every form of the answer carries;  session: token of the session, "" without one
    file   that came with the form
    origin scheme, host and port by which the desk was asked;  errand: what the browser keeps while its person is at a provider
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
    origin: str = ""
    errand: str = ""

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
class Landed:
    """Somebody came from another site, whose browser holds back cookies that are Strict: a page of ours leads on to `to`.

    cookies  name -> value; "" takes it away
    """

    to: str
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
