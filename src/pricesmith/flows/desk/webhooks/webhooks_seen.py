"""What the page Webhooks shows: who is told of what, how far each was told, and what became of the last messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import polars as pl

from pricesmith.contracts.accounts import Kept
from pricesmith.flows.desk.reading.ledger import Reading

from .deliveries import Delivery, Told, standing, texts
from .endpoints import EVENTS, WANTED, Endpoint, endpoints

State = Literal["works", "waits", "new"]
"""works: nothing that is to be told was refused; waits: the last message was not taken, and it is tried again; new: not begun."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook. webhook: by which acts name it; host: without the path, which may hold a secret; address: for who may change it.

    acts     that are told, all where there are none
    made_at, by  when and by whom it was made at the desk; None and "" where it stands in shop.toml
    seq      the last act that was told or passed over;  behind: acts after it that are to be told
    testing  a test was asked for and not sent yet
    """

    webhook: str
    name: str
    host: str
    address: str
    acts: list[str]
    made_at: dt.datetime | None
    by: str
    state: State
    seq: int | None
    behind: int
    failures: int
    again: dt.datetime | None
    error: str
    testing: bool
    deliveries: list[Delivery]


class Webhooks(msgspec.Struct, frozen=True):
    """All webhooks. events: acts that a new one may be told of; testing: a test is on its way."""

    webhooks: list[Webhook]
    events: list[str]
    testing: bool


def webhooks_seen(reading: Reading, kept: Kept, *, whole: bool) -> Webhooks:
    """whole  with addresses, for who may change them"""
    told, wanted, acts = standing(kept), texts(kept, WANTED), reading.rows("audit").select("seq", "act")
    found = [_seen(one, told, acts, one.mark in wanted, whole) for one in endpoints(reading.policy, kept)]
    return Webhooks(found, list(EVENTS), any(one.testing for one in found))


def _seen(one: Endpoint, told: Mapping[str, Told], acts: pl.DataFrame, testing: bool, whole: bool) -> Webhook:
    here, only = told.get(one.mark), one.settings.acts
    rest = here or Told(0)
    due = acts.filter(pl.col("seq") > rest.seq)
    behind = (due.filter(pl.col("act").is_in(only)) if only else due).height
    return Webhook(
        webhook=one.mark,
        name=one.name,
        host=host_of(one.settings.url),
        address=one.settings.url if whole else "",
        acts=list(only),
        made_at=None if one.made is None else one.made.at,
        by="" if one.made is None else one.made.by,
        state="new" if here is None else "waits" if here.failures else "works",
        seq=None if here is None else here.seq,
        behind=0 if here is None else behind,
        failures=rest.failures,
        again=rest.again,
        error=rest.error,
        testing=testing,
        deliveries=list(rest.recent),
    )


def host_of(url: str) -> str:
    """Empty where the address cannot be read; `error` then says so."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
