"""The page What if: a question in the address, its answer beside the recommendation, and the efficient frontier."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.route import Route, act, page
from pricesmith.contracts.errors import UsageError
from pricesmith.flows import shop_toml
from pricesmith.flows.desk.rules import drafts, policy_file
from pricesmith.flows.desk.what_if.answer import WhatIf, what_if
from pricesmith.flows.desk.what_if.frontier import Frontiers, frontier
from pricesmith.flows.desk.what_if.question import Asked, read

from ._jobs import with_test


class Drafted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of settings to be kept as a draft. name: of the draft; changes: each as in the address of the question."""

    changes: list[str] = []
    run: str = ""
    name: str = ""


def show(ask: Ask) -> WhatIf:
    found = what_if(ask.reading, ask.given)
    return msgspec.structs.replace(found, covered=with_test(ask, found.covered))


def draw(ask: Ask) -> Frontiers:
    return frontier(ask.reading, ask.given)


def draft(ask: Ask) -> Done:
    given: Drafted = ask.given
    if not given.changes:
        raise UsageError("no change is named", hint="ask what would happen first")
    text = policy_file.changed_by(ask.reading, given.run, [read(one) for one in given.changes])
    name = drafts.free_name(ask.desk.accounts.kept, ask.who.name, given.name, ask.at)
    found = drafts.Draft(text, drafts.digest(shop_toml.text_of(ask.reading.folder)))
    handle = drafts.keep(ask.desk.accounts.kept, ask.who.name, name, found, ask.at)
    return Done("said_draft", f"/rules?draft={handle}", {"name": name, "draft": handle})


ROUTES = (
    page("what_if", "/what-if", show, WhatIf, asks=Asked),
    Route("what_if.frontier", "GET", "/what-if/frontier", "read", draw, Asked, Frontiers, "frontier.html", "what_if"),
    act("what_if.draft", "/what-if/draft", "draft", draft, Drafted),
)
