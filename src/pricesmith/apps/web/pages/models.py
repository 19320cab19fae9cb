"""The page Models, and the test of the forecasts."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.route import act, page
from pricesmith.flows.desk.models.page import Models, Wanted, models

from ._jobs import begin_test


class Testing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing is asked: the whole shop is tested."""


def show(ask: Ask) -> Models:
    return models(ask.reading, ask.given, testing=bool(ask.desk.jobs.under_way("backtest")))


def test(ask: Ask) -> Done:
    """Begin a test; one that is under way already is not begun twice."""
    begin_test(ask)
    return Done("said_job_begun", "/jobs")


ROUTES = (page("models", "/models", show, Models, asks=Wanted), act("models.test", "/models/test", "draft", test, Testing))
