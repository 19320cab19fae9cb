"""People and their roles. For admins who are signed in: no key has the scope `admin`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages import people
from pricesmith.contracts.accounts import Role
from pricesmith.flows.desk.people.acts import change_person

Password = Annotated[str, msgspec.Meta(min_length=12, max_length=1000)]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. It ends the person's sessions."""

    role: Role | None = None
    password: Password | None = None
    active: bool | None = None


class NamedPerson(msgspec.Struct, frozen=True):
    name: str


def add(ask: Ask) -> NamedPerson:
    people.add(ask)
    return NamedPerson(ask.given.name)


def change(ask: Ask) -> NamedPerson:
    given: Change = ask.given
    change_person(
        ask.desk.accounts, ask.reading.book, ask.path["name"],
        role=given.role, password=given.password, active=given.active, by=ask.who.name, at=ask.at,
    )  # fmt: skip
    return NamedPerson(ask.path["name"])


ROUTES = (
    Route("api.people", "GET", "/api/v1/people", "admin", people.show, gives=people.People),
    Route("api.person.add", "POST", "/api/v1/people", "admin", add, people.NewPerson, NamedPerson, secret=True),
    Route("api.person.change", "POST", "/api/v1/people/{name}", "admin", change, Change, NamedPerson),
)
