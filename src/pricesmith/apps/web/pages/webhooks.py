"""The page Webhooks: who is told of acts, and what became of the messages; admins add, test and remove."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.route import Route, act
from pricesmith.flows.desk.webhooks.endpoints import add, ask_test, remove
from pricesmith.flows.desk.webhooks.webhooks_seen import Webhooks, webhooks_seen


class MadeWebhook(msgspec.Struct, frozen=True):
    """A new webhook: the only time that its signing secret is shown."""

    name: str
    secret: str


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """events: acts that are told; none: every act."""

    name: str = ""
    address: str = ""
    events: list[str] = []


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    webhook: str


def show(ask: Ask) -> Webhooks:
    return webhooks_seen(ask.reading, ask.desk.accounts.kept, whole=ask.who.may("admin"))


def make(ask: Ask) -> MadeWebhook:
    given: NewWebhook = ask.given
    secret = add(ask.reading, ask.desk.accounts.kept, given.name, given.address.strip(), given.events, by=ask.who.name, at=ask.at)
    return MadeWebhook(" ".join(given.name.split()), secret)


def test(ask: Ask) -> Done:
    name = ask_test(ask.reading, ask.desk.accounts.kept, ask.given.webhook, by=ask.who.name, at=ask.at)
    return Done("said_webhook_test", "/webhooks", {"name": name})


def gone(ask: Ask) -> Done:
    name = remove(ask.reading, ask.desk.accounts.kept, ask.given.webhook, by=ask.who.name, at=ask.at)
    return Done("said_webhook_gone", "/webhooks", {"name": name})


ROUTES = (
    Route("webhooks", "GET", "/webhooks", "read", show, gives=Webhooks, template="webhooks.html", section="access"),
    Route("webhooks.make", "POST", "/webhooks", "admin", make, NewWebhook, MadeWebhook, "webhook_made.html", "access", secret=True),
    act("webhooks.test", "/webhooks/test", "admin", test, Chosen),
    act("webhooks.remove", "/webhooks/remove", "admin", gone, Chosen),
)
