"""Webhooks: what is told to an address elsewhere when something stands in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Protocol

from msgspec import Meta, Struct


class WebhookPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[webhook.NAME]`: who is told of acts that stand in the ledger. Its secret stands in the environment or a keyring."""

    url: Annotated[str, Meta(description="https address on the public internet")]
    acts: Annotated[tuple[str, ...], Meta(description="acts that are told: accepted, applied, stopped, ...; all where left out")] = ()
    secret: Annotated[
        str, Meta(description="name under which the signing secret is kept; PRICESMITH_SECRET_WEBHOOK_<NAME> where left out")
    ] = ""


class Sender(Protocol):
    """Sends to addresses that somebody wrote into a policy: only to the public internet, and to no other place than was looked up."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, whose body is not read. A redirect is an answer like others: it is not followed.

        Raises UsageError for an address that may not be asked, ShopError where it cannot be reached.
        """
        ...
