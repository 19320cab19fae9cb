"""Who asks."""

from __future__ import annotations

from typing import Literal

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.contracts.accounts import SCOPES


class Me(msgspec.Struct, frozen=True):
    """name: what stands in the ledger for acts of the asker; via: how they are known; shops: those of the policy."""

    name: str
    via: Literal["session", "key", "local"]
    scopes: list[str]
    shops: list[str]


def show(ask: Ask) -> Me:
    return Me(ask.who.name, ask.who.via, [scope for scope in SCOPES if scope in ask.who.scopes], list(ask.reading.policy.shops))


ROUTES = (Route("api.me", "GET", "/api/v1/me", "read", show, gives=Me),)
