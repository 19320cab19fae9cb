"""Long work: what is under way, how far it is, and pricing."""

from __future__ import annotations

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages.jobs import Shown, Work, pricing, shown
from pricesmith.apps.web.pages.jobs import show as show_all


def show(ask: Ask) -> Shown:
    return shown(ask.desk, ask.desk.jobs.one(ask.path["job"]))


def price(ask: Ask) -> Shown:
    """Begin a run in the name of who asks; the same one where it is under way already."""
    return shown(ask.desk, ask.desk.jobs.begin("price", pricing(ask.desk, ask.who.name), ask.who.name))


def stop(ask: Ask) -> Shown:
    return shown(ask.desk, ask.desk.jobs.stop(ask.path["job"]))


ROUTES = (
    Route("api.jobs", "GET", "/api/v1/jobs", "read", show_all, gives=Work),
    Route("api.job", "GET", "/api/v1/jobs/{job}", "read", show, gives=Shown),
    Route("api.price", "POST", "/api/v1/jobs/price", "draft", price, gives=Shown),
    Route("api.job.stop", "DELETE", "/api/v1/jobs/{job}", "draft", stop, gives=Shown),
)
