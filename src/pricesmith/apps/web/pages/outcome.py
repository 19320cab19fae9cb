"""The pages Outcome: what all runs did, and one run against what it promised."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.apps.service.ask import Ask, Done, Stream
from pricesmith.apps.service.route import Route, act, page
from pricesmith.flows.desk.outcome.outcomes import Outcome, Outcomes, Wanted, outcome, outcomes

from ._jobs import JobSeen, folder_of, followed, going, jobs_of

KINDS = ("outcome",)


class OutcomePage(msgspec.Struct, frozen=True):
    """All runs, and the job that works them out anew."""

    all: Outcomes
    jobs: list[JobSeen]
    moving: bool


class Since(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Since when prices stand in the shop that were not published from here: the first whole day; none where they were."""

    since: dt.date | None = None


class RunOutcomePage(msgspec.Struct, frozen=True):
    """One run, and the job that works it out anew."""

    one: Outcome
    jobs: list[JobSeen]
    moving: bool


def show_all(ask: Ask) -> OutcomePage:
    jobs = _jobs(ask)
    return OutcomePage(outcomes(ask.reading), jobs, going(jobs))


def show(ask: Ask) -> RunOutcomePage:
    jobs = _jobs(ask)
    return RunOutcomePage(outcome(ask.reading, ask.path["run"], ask.given), jobs, going(jobs))


def _jobs(ask: Ask) -> list[JobSeen]:
    """Jobs of the page's run, or of all runs where it names none."""
    subject = ask.path.get("run", "--keep")
    return jobs_of(ask, KINDS, subject)[:1]


def begin_all(ask: Ask) -> Done:
    job = ask.desk.jobs.begin("outcome", ["outcome", str(folder_of(ask.desk)), "--keep"], ask.who.name)
    return Done("said_reckoning", "/outcome", {"job": job.name})


def begin(ask: Ask) -> Done:
    run = ask.reading.run(ask.path["run"]).name
    since = [] if ask.given.since is None else ["--since", ask.given.since.isoformat()]
    job = ask.desk.jobs.begin("outcome", ["outcome", str(folder_of(ask.desk)), run, "--keep", *since], ask.who.name)
    return Done("said_reckoning", f"/outcome/{run}", {"job": job.name})


def events(ask: Ask) -> Stream:
    return followed(ask, KINDS)


ROUTES = (
    page("outcome", "/outcome", show_all, OutcomePage),
    Route("outcome.run", "GET", "/outcome/{run}", "read", show, Wanted, RunOutcomePage, "outcome_run.html", "outcome"),
    act("outcome.begin", "/outcome", "draft", begin_all),
    act("outcome.run.begin", "/outcome/{run}", "draft", begin, Since),
    Route("outcome.live", "GET", "/outcome/live", "read", events),
)
