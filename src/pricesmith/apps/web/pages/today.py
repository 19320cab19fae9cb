"""The page Today."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import page
from pricesmith.flows.desk.today import Today, today


def show(ask: Ask) -> Today:
    found = today(ask.reading, ask.at)
    return found if found.run else msgspec.structs.replace(found, lead="/start")


ROUTES = (page("today", "/", show, Today),)
