"""Saved views: queries of the page Prices that people keep, everybody their own."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route

KIND = "view"


class FreshView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """query: what stands behind `?` in the address of the table. A view of the same name is replaced."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    query: Annotated[str, msgspec.Meta(max_length=4000)]


class ListedView(msgspec.Struct, frozen=True):
    """A view in a list."""

    view: str
    name: str
    at: dt.datetime


class Views(msgspec.Struct, frozen=True):
    """The asker's views by name."""

    views: list[ListedView]


class View(msgspec.Struct, frozen=True):
    view: str
    name: str
    query: str


class KeptView(msgspec.Struct, frozen=True):
    view: str


class DroppedView(msgspec.Struct, frozen=True):
    dropped: bool


def show_all(ask: Ask) -> Views:
    return Views([ListedView(*row) for row in _rows(ask)])


def show(ask: Ask) -> View:
    handle = ask.path["view"]
    query = ask.desk.accounts.kept.get(KIND, ask.who.name, handle)
    names = {row[0]: row[1] for row in _rows(ask)}
    if query is None or handle not in names:
        raise _unknown()
    return View(handle, names[handle], query)


def keep(ask: Ask) -> KeptView:
    given: FreshView = ask.given
    return KeptView(ask.desk.accounts.kept.put(KIND, ask.who.name, given.name, given.query, ask.at))


def drop(ask: Ask) -> DroppedView:
    if not ask.desk.accounts.kept.drop(KIND, ask.who.name, ask.path["view"]):
        raise _unknown()
    return DroppedView(True)


def _rows(ask: Ask) -> list[tuple[str, str, dt.datetime]]:
    return ask.desk.accounts.kept.all(KIND, ask.who.name).select("handle", "name", "at").rows()


def _unknown() -> Refused:
    return Refused(404, "unknown_choice", "there is no such view of yours", "GET /api/v1/views lists them")


ROUTES = (
    Route("api.views", "GET", "/api/v1/views", "read", show_all, gives=Views),
    Route("api.view", "GET", "/api/v1/views/{view}", "read", show, gives=View),
    Route("api.view.keep", "POST", "/api/v1/views", "draft", keep, FreshView, KeptView),
    Route("api.view.drop", "DELETE", "/api/v1/views/{view}", "draft", drop, gives=DroppedView),
)
