"""Draft policies: everybody their own. A draft changes no price; an admin puts one in force on the page Rules."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route
from pricesmith.flows import shop_toml
from pricesmith.flows.desk.rules import drafts


class FreshDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text of shop.toml. name: the time where it is left out; a number is added where the name is taken."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200_000)]
    name: Annotated[str, msgspec.Meta(max_length=drafts.MOST_NAME)] = ""
    about: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Drafts(msgspec.Struct, frozen=True):
    """The asker's drafts, the latest first."""

    drafts: list[drafts.ListedDraft]


class Draft(msgspec.Struct, frozen=True):
    """A draft. base: SHA-256 of the shop.toml that it began with; current: whether that is still in force."""

    draft: str
    name: str
    text: str
    base: str
    about: str
    current: bool


class KeptDraft(msgspec.Struct, frozen=True):
    draft: str
    name: str


class DroppedDraft(msgspec.Struct, frozen=True):
    dropped: bool


def show_all(ask: Ask) -> Drafts:
    return Drafts(drafts.listed(ask.desk.accounts.kept, ask.who.name))


def show(ask: Ask) -> Draft:
    name, found = drafts.get(ask.desk.accounts.kept, ask.who.name, ask.path["draft"])
    current = found.base == drafts.digest(shop_toml.text_of(ask.reading.folder))
    return Draft(ask.path["draft"], name, found.text, found.base, found.about, current)


def keep(ask: Ask) -> KeptDraft:
    given: FreshDraft = ask.given
    kept, by = ask.desk.accounts.kept, ask.who.name
    name = drafts.free_name(kept, by, given.name, ask.at)
    base = drafts.digest(shop_toml.text_of(ask.reading.folder))
    return KeptDraft(drafts.keep(kept, by, name, drafts.Draft(given.text, base, given.about), ask.at), name)


def drop(ask: Ask) -> DroppedDraft:
    if not ask.desk.accounts.kept.drop(drafts.KIND, ask.who.name, ask.path["draft"]):
        raise Refused(404, "unknown_choice", "there is no such draft of yours", "GET /api/v1/drafts lists them")
    return DroppedDraft(True)


ROUTES = (
    Route("api.drafts", "GET", "/api/v1/drafts", "read", show_all, gives=Drafts),
    Route("api.draft", "GET", "/api/v1/drafts/{draft}", "read", show, gives=Draft),
    Route("api.draft.keep", "POST", "/api/v1/drafts", "draft", keep, FreshDraft, KeptDraft),
    Route("api.draft.drop", "DELETE", "/api/v1/drafts/{draft}", "draft", drop, gives=DroppedDraft),
)
