"""The page that puts a run beside an earlier one: whose prices are proposed otherwise, and what else is other with them."""

from __future__ import annotations

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.flows.desk.runs.two_runs import TwoRuns, Wanted, two_runs


def show(ask: Ask) -> TwoRuns:
    return two_runs(ask.reading, ask.path["run"], ask.given)


ROUTES = (Route("run.compare", "GET", "/runs/{run}/compare", "read", show, Wanted, TwoRuns, "two_runs.html", "approvals"),)
