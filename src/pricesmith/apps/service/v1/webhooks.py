"""Webhooks: how far each was told, and why one was not; admins add, test and remove."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages import webhooks
from pricesmith.flows.desk.webhooks.deliveries import Delivery
from pricesmith.flows.desk.webhooks.endpoints import ask_test, mark_of, remove
from pricesmith.flows.desk.webhooks.webhooks_seen import webhooks_seen


class Webhook(msgspec.Struct, frozen=True):
    """One webhook of shop.toml or made at the desk. host: without the path, which may hold a secret; acts: that are told, none: all.

    seq       the last act that was told or passed over, null where it was not begun;  behind  acts after it that are to be told
    failures  in a row since;  again  when it is next tried;  error  why it was not taken
    by        who made it at the desk, empty for one of shop.toml;  deliveries  its last messages, the newest first
    """

    webhook: str
    host: str
    acts: list[str]
    seq: int | None
    behind: int
    failures: int
    again: dt.datetime | None
    error: str
    by: str
    deliveries: list[Delivery]


class Webhooks(msgspec.Struct, frozen=True):
    """All webhooks."""

    webhooks: list[Webhook]


def show(ask: Ask) -> Webhooks:
    seen = webhooks_seen(ask.reading, ask.desk.accounts.kept, whole=False)
    same = [name for name in Webhook.__struct_fields__ if name != "webhook"]
    return Webhooks([Webhook(one.name, **{name: getattr(one, name) for name in same}) for one in seen.webhooks])


class NamedWebhook(msgspec.Struct, frozen=True):
    """webhook: the one that was asked for a test or removed."""

    webhook: str


def test(ask: Ask) -> NamedWebhook:
    return NamedWebhook(ask_test(ask.reading, ask.desk.accounts.kept, _mark(ask), by=ask.who.name, at=ask.at))


def gone(ask: Ask) -> NamedWebhook:
    return NamedWebhook(remove(ask.reading, ask.desk.accounts.kept, _mark(ask), by=ask.who.name, at=ask.at))


def _mark(ask: Ask) -> str:
    return mark_of(ask.reading.policy, ask.desk.accounts.kept, ask.path["webhook"])


ROUTES = (
    Route("api.webhooks", "GET", "/api/v1/webhooks", "read", show, gives=Webhooks),
    Route("api.webhook.make", "POST", "/api/v1/webhooks", "admin", webhooks.make, webhooks.NewWebhook, webhooks.MadeWebhook, secret=True),
    Route("api.webhook.test", "POST", "/api/v1/webhooks/{webhook}/test", "admin", test, gives=NamedWebhook),
    Route("api.webhook.remove", "DELETE", "/api/v1/webhooks/{webhook}", "admin", gone, gives=NamedWebhook),
)
