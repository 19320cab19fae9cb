"""Who uses the desk: signing in and out, the name at a desk without accounts, language and light."""

from __future__ import annotations

import secrets
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from pricesmith.apps.service import access
from pricesmith.apps.service.answer import LANGUAGE, THEME
from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act


class SignIn(msgspec.Struct, frozen=True):
    """The page on which people sign in. to: where they go then; provider: that signs them in too, "" where there is none."""

    to: str = "/"
    open: bool = False
    provider: str = ""


class Going(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: str = "/"


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    password: str
    to: str = "/"


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    to: str = "/"


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language: Literal["en", "zh"]
    to: str = "/"


class Light(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    theme: Literal["light", "dark", "auto"]
    to: str = "/"


def inside(to: str) -> str:
    """A place of this desk; anything else is its first page."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


def show(ask: Ask) -> SignIn:
    provider = ask.desk.provider
    label = "" if provider is None else provider.policy.label or urlsplit(provider.policy.issuer).netloc
    return SignIn(inside(ask.given.to), ask.desk.open_, label)


def sign_in(ask: Ask) -> Done:
    given: Given = ask.given
    who = ask.desk.accounts.people.check(given.name, given.password, ask.at)
    if who is None:
        raise Refused(401, "wrong_password", "name or password is wrong", "after 5 tries wait 15 minutes")
    if ask.session:
        ask.desk.accounts.sessions.end(ask.session)
    return Done("", inside(given.to), {}, {access.SESSION: ask.desk.accounts.sessions.begin(who.name, ask.at)})


def sign_out(ask: Ask) -> Done:
    if ask.session:
        ask.desk.accounts.sessions.end(ask.session)
    return Done("", "/sign-in", {}, {access.SESSION: ""})


def name(ask: Ask) -> Done:
    """At a desk without accounts people say who they are; it is believed, as on the command line."""
    if not ask.desk.open_:
        raise Refused(403, "not_allowed", "people here have accounts", "sign in as somebody else")
    wanted = ask.given.name.strip()
    if not access.NAME.match(wanted):
        raise Refused(422, "bad_field", "this cannot be a name", "up to 60 letters, digits, spaces or . @ -")
    kept = f"{secrets.token_hex(16)}.{quote(wanted)}"
    return Done("said_name", inside(ask.given.to), {"name": wanted}, {access.LOCAL: kept})


def language(ask: Ask) -> Done:
    return Done("", inside(ask.given.to), {}, {LANGUAGE: ask.given.language})


def light(ask: Ask) -> Done:
    return Done("", inside(ask.given.to), {}, {THEME: "" if ask.given.theme == "auto" else ask.given.theme})


ROUTES = (
    Route("sign_in", "GET", "/sign-in", None, show, Going, SignIn, "sign_in.html"),
    Route("sign_in.go", "POST", "/sign-in", None, sign_in, Given, guessing=True),
    act("sign_out", "/sign-out", None, sign_out),
    act("person.name", "/me/name", "read", name, Named),
    act("person.language", "/me/language", None, language, Language),
    act("person.light", "/me/light", None, light, Light),
)
