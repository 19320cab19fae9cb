"""Signing in through a provider of OpenID Connect: what is asked of it, and whom it says somebody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Protocol

from msgspec import Meta, Struct, field

from .accounts import ROLES, Role


class OidcPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[desk.oidc]`: a provider that signs people in. Its secret stands in the environment or a keyring."""

    issuer: Annotated[str, Meta(description="address of the provider, as it calls itself; https, but on this machine")]
    client_id: Annotated[str, Meta(min_length=1, description="name under which the provider knows this desk")]
    roles: Annotated[
        dict[str, Role],
        Meta(min_length=1, description="value of the claim -> viewer, analyst, approver or admin; nobody has a role by default"),
    ]
    claim: Annotated[str, Meta(min_length=1, description="claim that holds the values: a text or a list of texts")] = "groups"
    name: Annotated[str, Meta(min_length=1, description="claim that names a person")] = "preferred_username"
    scopes: Annotated[tuple[str, ...], Meta(description="scopes that are asked for beside openid")] = ("profile",)
    label: Annotated[str, Meta(description="words of the provider on the page; its host where left out")] = ""
    secret: Annotated[str, Meta(description="name under which the secret is kept; PRICESMITH_SECRET_OIDC where left out")] = ""


class DeskPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Section `[desk]`: the price desk."""

    oidc: Annotated[OidcPolicy | None, Meta(description="a provider that signs people in, as [desk.oidc]; none where left out")] = field(
        default=None
    )


class Errand(Struct, frozen=True):
    """What a browser keeps, sealed, while its person is at the provider. back: where the provider sends them; to: where they were going."""

    state: str
    nonce: str
    verifier: str
    back: str
    to: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. subject: never given to another; values: of the claim that decides the role."""

    issuer: str
    subject: str
    name: str
    values: tuple[str, ...]


class Provider(Protocol):
    """Authorization code flow with PKCE. Every method raises ProviderError where the provider fails or cannot be believed."""

    policy: OidcPolicy

    def begin(self, back: str, to: str) -> tuple[str, Errand]:
        """The address to which the browser goes, and what it keeps meanwhile."""
        ...

    def finish(self, errand: Errand, code: str, issuer: str, at: dt.datetime) -> Identity:
        """Who it is, by an ID token whose signature, issuer, audience, end and nonce are right.

        issuer  that the browser brought along (RFC 9207), "" where it brought none
        """
        ...


def role_among(roles: dict[str, Role], values: Iterable[str]) -> Role | None:
    """The strongest role that the values are given; None where they are given none."""
    given = {roles[value] for value in values if value in roles}
    return next((role for role in reversed(ROLES) if role in given), None)
