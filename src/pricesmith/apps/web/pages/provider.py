"""Signing in through a provider of OpenID Connect: off to it, and back. Only where `[desk.oidc]` names one."""

from __future__ import annotations

import hmac

import msgspec

from pricesmith.apps.service import access
from pricesmith.apps.service.ask import Ask, Done, Landed
from pricesmith.apps.service.errand import ERRAND, opened, sealed
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route
from pricesmith.contracts.signing_in import Provider, role_among
from pricesmith.flows.desk.people.signing_in import enter

from .person import Going, inside

BACK = "/sign-in/back"


class Came(msgspec.Struct, frozen=True):
    """What the provider lets the browser bring along; providers add fields of their own."""

    state: str = ""
    code: str = ""
    error: str = ""
    iss: str = ""


def off(ask: Ask) -> Done:
    """A link, no form: a form may lead to this desk alone (form-action)."""
    address, errand = _provider(ask).begin(ask.origin + BACK, inside(ask.given.to))
    return Done("", address, {}, {ERRAND: sealed(ask.desk.secret, errand, ask.at)})


def back(ask: Ask) -> Landed:
    provider, came = _provider(ask), ask.given
    errand = opened(ask.desk.secret, ask.errand, ask.at)
    if errand is None or not hmac.compare_digest(errand.state.encode(), came.state.encode()):
        raise Refused(403, "old_page", "this sign-in was not begun in this browser, or too long ago", "sign in again", to="/sign-in")
    if came.error or not came.code:
        raise Refused(403, "not_allowed", f"the provider lets nobody in: {came.error[:60] or 'no code'}", "sign in again", to="/sign-in")
    found = provider.finish(errand, came.code, came.iss, ask.at)
    role = role_among(provider.policy.roles, found.values)
    if role is None:
        hint = f"whoever looks after the provider can put them into {provider.policy.claim}"
        raise Refused(403, "no_role", f"{found.name[:100]} has no role at this desk", hint, to="/sign-in")
    if ask.session:
        ask.desk.accounts.sessions.end(ask.session)
    session = enter(ask.desk.accounts, ask.reading.book, found, role, ask.at)
    return Landed(errand.to, {access.SESSION: session, ERRAND: ""})


def _provider(ask: Ask) -> Provider:
    if ask.desk.provider is None:
        raise Refused(404, "not_found", "no provider signs people in here", "[desk.oidc] of shop.toml names one")
    return ask.desk.provider


ROUTES = (
    Route("sign_in.off", "GET", "/sign-in/provider", None, off, Going, guessing=True),
    Route("sign_in.back", "GET", BACK, None, back, Came, lenient=True),
)
