"""API keys: everybody their own; admins see all. A key makes and revokes no keys."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages import keys


class Revoked(msgspec.Struct, frozen=True):
    """handle: of the key that works no more."""

    handle: str


def revoke(ask: Ask) -> Revoked:
    keys.revoke_one(ask, ask.path["handle"])
    return Revoked(ask.path["handle"])


ROUTES = (
    Route("api.keys", "GET", "/api/v1/keys", "read", keys.show, gives=keys.Keys),
    Route("api.key.make", "POST", "/api/v1/keys", "read", keys.make, keys.NewKey, keys.Made, secret=True),
    Route("api.key.revoke", "DELETE", "/api/v1/keys/{handle}", "read", revoke, gives=Revoked),
)
