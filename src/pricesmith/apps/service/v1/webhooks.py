"""Webhooks: how far each was told, and why one was not."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import msgspec
import polars as pl

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.desk.webhooks import Told, standing


class Webhook(msgspec.Struct, frozen=True):
    """One webhook of shop.toml. host: without the path, which may hold a secret; acts: that are told, all where there are none.

    seq       the last act that was told or passed over, null where it was not begun;  behind  acts after it that are to be told
    failures  in a row since;  again  when it is next tried;  error  why it was not taken
    """

    webhook: str
    host: str
    acts: list[str]
    seq: int | None
    behind: int
    failures: int
    again: dt.datetime | None
    error: str


class Webhooks(msgspec.Struct, frozen=True):
    """All webhooks of shop.toml."""

    webhooks: list[Webhook]


def show(ask: Ask) -> Webhooks:
    told, acts = standing(ask.desk.accounts.kept), ask.reading.rows("audit").select("seq", "act")
    found = []
    for name, settings in ask.reading.policy.webhooks.items():
        one = told.get(name)
        wanted = acts.filter(pl.col("act").is_in(settings.acts)) if settings.acts else acts
        behind = 0 if one is None else wanted.filter(pl.col("seq") > one.seq).height
        seq, rest = (None, Told(0)) if one is None else (one.seq, one)
        found.append(Webhook(name, _host(settings.url), list(settings.acts), seq, behind, rest.failures, rest.again, rest.error))
    return Webhooks(found)


def _host(url: str) -> str:
    """Empty where the address cannot be read; `error` then says so."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


ROUTES = (Route("api.webhooks", "GET", "/api/v1/webhooks", "read", show, gives=Webhooks),)
