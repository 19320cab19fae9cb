"""The page Today; before the first run a person is led to the guide instead."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import page
from pricesmith.flows.desk.today.page import Today, today

from ._jobs import with_test


def show(ask: Ask) -> Today:
    found = today(ask.reading, ask.at)
    return msgspec.structs.replace(found, covered=with_test(ask, found.covered))


def instead(found: Today) -> str:
    return "" if found.run else "/start"


ROUTES = (replace(page("today", "/", show, Today), instead=instead),)
