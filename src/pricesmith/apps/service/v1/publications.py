"""Dry runs, publishing and taking back: each is a job."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.route import Route
from pricesmith.apps.web.pages import publishing
from pricesmith.flows.desk.publishing import dry

from ._key import Item, Name


class BeginDryRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: a shop of the policy. Nothing is sent."""

    to: Name


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: a shop of the policy;  sure: true, because prices will leave."""

    to: Name
    sure: bool


class Undo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: a shop of the policy;  sure: true, because prices will leave;  products: only these, all of the run where they are left out."""

    to: Name
    sure: bool
    products: Annotated[list[Item], msgspec.Meta(min_length=1, max_length=publishing.MOST)] | None = None


class Begun(msgspec.Struct, frozen=True):
    """job: see /api/v1/jobs/{job} for how far it is."""

    job: str
    shop: str


def begin_dry(ask: Ask) -> Begun:
    return Begun(*publishing.dry_job(ask, ask.given.to))


def show_dry(ask: Ask) -> dry.DryRun:
    return publishing.show_dry(ask).one


def publish(ask: Ask) -> Begun:
    return Begun(*publishing.publish_job(ask, ask.given.to, ask.given.sure))


def undo(ask: Ask) -> Begun:
    given: Undo = ask.given
    keys = [one.key for one in given.products or ()]
    return Begun(*publishing.undo_job(ask, given.to, given.sure, keys))


ROUTES = (
    Route("api.dry_run.begin", "POST", "/api/v1/runs/{run}/dry-runs", "draft", begin_dry, BeginDryRun, Begun),
    Route("api.dry_run", "GET", "/api/v1/runs/{run}/dry-runs", "read", show_dry, dry.DryWanted, dry.DryRun),
    Route("api.publish", "POST", "/api/v1/runs/{run}/publications", "publish", publish, Publication, Begun),
    Route("api.undo", "POST", "/api/v1/runs/{run}/undo", "publish", undo, Undo, Begun),
)
