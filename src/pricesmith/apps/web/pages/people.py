"""The page People: who may do what here. For admins."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.contracts.accounts import ROLES
from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.people import acts


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    name: str
    role: str
    active: bool
    made_at: dt.datetime
    seen_at: dt.datetime | None


class People(msgspec.Struct, frozen=True):
    """Everybody. roles: what each may; alone: nobody has an account yet, so that the first one becomes an admin."""

    people: list[Person]
    roles: dict[str, list[str]]
    alone: bool


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    password: str
    role: str = "viewer"


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. active: `yes` or `no`."""

    name: str
    role: str = ""
    password: str = ""
    active: str = ""


def show(ask: Ask) -> People:
    found = [Person(**{**row, "active": bool(row["active"])}) for row in ask.desk.accounts.people.all().iter_rows(named=True)]
    return People(found, {role: sorted(scopes) for role, scopes in ROLES.items()}, not found)


def add(ask: Ask) -> Done:
    """The first person becomes an admin, and from then on everybody signs in."""
    given: NewPerson = ask.given
    if ask.desk.open_ and given.role != "admin":
        raise UsageError("the first person must be an admin", hint="choose the role admin")
    first = ask.desk.open_
    acts.add_person(ask.desk.accounts, ask.reading.book, given.name, given.password, given.role, by=ask.who.name, at=ask.at)
    return Done("said_person", "/sign-in" if first else "/people", {"name": given.name})


def change(ask: Ask) -> Done:
    """Another role, another password, or whether the person may sign in. It ends the person's sessions."""
    given: Change = ask.given
    if given.active not in ("", "yes", "no"):
        raise Refused(422, "bad_field", "active is 'yes' or 'no'")
    acts.change_person(
        ask.desk.accounts, ask.reading.book, given.name, role=given.role or None, password=given.password or None,
        active=None if not given.active else given.active == "yes", by=ask.who.name, at=ask.at,
    )  # fmt: skip
    return Done("said_person_changed", "/people", {"name": given.name})


ROUTES = (
    Route("people", "GET", "/people", "admin", show, gives=People, template="people.html", section="access"),
    act("people.add", "/people", "admin", add, NewPerson),
    act("people.change", "/people/change", "admin", change, Change),
)
