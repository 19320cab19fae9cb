"""The page Today."""

from __future__ import annotations

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import page
from pricesmith.flows.desk.today import Today, today


def show(ask: Ask) -> Today:
    return today(ask.reading, ask.at)


ROUTES = (page("today", "/", show, Today),)
