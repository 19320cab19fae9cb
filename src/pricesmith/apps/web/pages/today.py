"""The page Today; before the first run a person is led to the guide instead."""

from __future__ import annotations

from dataclasses import replace

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import page
from pricesmith.flows.desk.today import Today, today


def show(ask: Ask) -> Today:
    return today(ask.reading, ask.at)


def instead(found: Today) -> str:
    return "" if found.run else "/start"


ROUTES = (replace(page("today", "/", show, Today), instead=instead),)
