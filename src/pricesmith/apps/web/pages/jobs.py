"""The page of long work: what was begun from the pages, how far it is, and pricing itself."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal
from urllib.parse import quote, urlencode

import msgspec

from pricesmith.apps.cli.price import SAME
from pricesmith.apps.service.ask import Ask, Desk, Done, Stream
from pricesmith.apps.service.jobs import Job
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act, page
from pricesmith.flows.shop_toml import UNANSWERED

from ._jobs import begin_test, folder_of, whole
from ._jobs_came import Came, came
from ._live import live
from .person import inside

STEPS = {"price": 6, "backtest": 6}
"""Steps that a kind of work tells of; the progress of others is not known beforehand."""
RESULTS = {"price": "/", "check": "/data", "backtest": "/models", "publish": "/approvals", "undo": "/approvals",
           "dry_run": "/approvals", "outcome": "/outcome", "verify": "/audit"}  # fmt: skip
AGAIN = ("price", "check", "backtest")
"""Kinds that whoever may draft can begin once more as they were."""
_SAME = re.compile(re.escape(SAME) + r" (\S+):")


class Shown(msgspec.Struct, frozen=True):
    """One piece of work.

    step, steps  how far it is; steps is 0 where that is not known beforehand
    lines        the last lines that it said
    result       where what it made can be seen; "" where nowhere
    again        it can be begun once more from here
    same         the run that pricing came to, where it stood in the ledger before: data and settings were the same; else ""
    came         what it came to, once it is done; null where there is nothing to count
    """

    name: str
    kind: str
    by: str
    state: str
    begun: dt.datetime
    ended: dt.datetime | None
    step: int
    steps: int
    lines: list[str]
    result: str
    again: bool
    same: str
    came: Came | None


class Work(msgspec.Struct, frozen=True):
    """All work, the newest first; open: pieces that wait or run."""

    jobs: list[Shown]
    open: int


class Going(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on; test: `1` begins a test of the forecasts too."""

    to: str = "/jobs"
    test: Literal["", "1"] = ""


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    job: str


def shown(desk: Desk, job: Job) -> Shown:
    steps = STEPS.get(job.kind, 0)
    step = min(sum(line.endswith(" ...") for line in job.lines), steps)
    lines, again = list(job.lines[-40:]), job.kind in AGAIN
    same = next((found[1] for line in lines if (found := _SAME.match(line))), "") if job.kind == "price" else ""
    to = came(desk, job)
    return Shown(
        job.name, job.kind, job.by, job.state, job.begun, job.ended, step, steps, lines, _result(job.kind, to), again, same, to,
    )  # fmt: skip


def _result(kind: str, found: Came | None) -> str:
    """As `Shown.result`."""
    if found is None or kind not in ("publish", "undo", "dry_run") or not found.run:
        return RESULTS.get(kind, "")
    run = f"/runs/{quote(found.run, safe='')}"
    return f"{run}/dry-run?{urlencode({'to': found.to})}" if kind == "dry_run" else f"{run}#publishing"


def show(ask: Ask) -> Work:
    jobs = [shown(ask.desk, job) for job in ask.desk.jobs.all()]
    return Work(jobs, sum(job.ended is None for job in jobs))


def price(ask: Ask) -> Done:
    """Begin a run in the name of who asks, or in nobody's where one person runs the shop."""
    job = ask.desk.jobs.begin("price", pricing(ask.desk, ask.who.name), ask.who.name)
    if ask.given.test:
        begin_test(ask)
    return Done("said_job_begun", inside(ask.given.to), {"job": job.name})


def pricing(desk: Desk, by: str) -> list[str]:
    """The command that prices the shop, asked for by the program where one person runs it; its price list lies in the shop folder.

    Refused while nobody has said what the shop wants, and while a table is not there without which nothing can be priced.
    """
    folder = folder_of(desk)
    if not desk.reading.settled:
        raise Refused(409, "not_answered", UNANSWERED, "answer it in the guide, at /start", to="/start#settings")
    whole(desk)
    words = ["price", str(folder), f"--out={folder / 'prices.csv'}"]
    return words if desk.reading.policy.approval.alone else [*words, f"--by={by}"]


def stop(ask: Ask) -> Done:
    ask.desk.jobs.stop(ask.given.job)
    return Done("said_job_stopped", "/jobs")


def again(ask: Ask) -> Done:
    job = ask.desk.jobs.one(ask.given.job)
    if job.kind not in AGAIN:
        raise Refused(403, "not_allowed", f"{job.kind} is not begun again from here", "begin it from its own page")
    whole(ask.desk)
    words = pricing(ask.desk, ask.who.name) if job.kind == "price" else job.words
    fresh = ask.desk.jobs.begin(job.kind, words, ask.who.name)
    return Done("said_job_begun", "/jobs", {"job": fresh.name})


def events(ask: Ask) -> Stream:
    def look() -> tuple[bool, object]:
        jobs = ask.desk.jobs.all()
        return any(job.ended is None for job in jobs), [(job.name, job.state, job.lines) for job in jobs]

    return live(look)


ROUTES = (
    page("jobs", "/jobs", show, Work),
    Route("jobs.live", "GET", "/jobs/live", "read", events),
    act("jobs.price", "/jobs/price", "draft", price, Going),
    act("jobs.stop", "/jobs/stop", "draft", stop, Named),
    act("jobs.again", "/jobs/again", "draft", again, Named),
)
