"""Jobs as pages show them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from pricesmith.apps.service.ask import Ask, Desk, Stream
from pricesmith.apps.service.jobs import Job
from pricesmith.apps.service.problem import Refused
from pricesmith.flows.desk.data.page import lacked
from pricesmith.flows.desk.models.said_against import Covered
from pricesmith.flows.desk.reading import kept

from ._jobs_came import Came, came
from ._live import live

SHOWN, LINES = 4, 8
OPEN = ("waiting", "running")


class JobSeen(msgspec.Struct, frozen=True):
    """How far a job is. state: `waiting`, `running`, `done`, `failed` or `stopped`; lines: the last that it said.

    came    what it came to, once it is done
    before  when the run that it is about was made again, where the job was begun before that
    """

    name: str
    kind: str
    by: str
    begun: dt.datetime
    ended: dt.datetime | None
    state: str
    lines: tuple[str, ...]
    came: Came | None = None
    before: dt.datetime | None = None


def jobs_of(ask: Ask, kinds: tuple[str, ...], subject: str = "") -> list[JobSeen]:
    """The newest jobs of these kinds, about a run where one is named."""
    found = [job for job in ask.desk.jobs.all() if job.kind in kinds and (not subject or subject in job.words)]
    return [seen(ask.desk, job) for job in found[:SHOWN]]


def seen(desk: Desk, job: Job) -> JobSeen:
    return JobSeen(job.name, job.kind, job.by, job.begun, job.ended, job.state, job.lines[-LINES:], came(desk, job))


def of_past(ask: Ask, jobs: list[JobSeen], run: str) -> list[JobSeen]:
    """The same jobs about a run; those that were begun before it was made again say so."""
    made = ask.reading.last_made(run)
    return [msgspec.structs.replace(job, before=made["at"]) if made["again"] and job.begun < made["at"] else job for job in jobs]


def going(jobs: list[JobSeen]) -> bool:
    """Whether one of them is not over yet."""
    return any(job.state in OPEN for job in jobs)


def folder_of(desk: Desk) -> Path:
    """The shop folder by its whole path: jobs run inside it."""
    return desk.reading.folder.resolve()


def whole(desk: Desk) -> None:
    """Refuse what needs the tables of products and sales while one of them is not there, rather than begin what must fail."""
    found = lacked(desk.reading)
    if "products" in found:
        raise Refused(409, "table_missing", "there is no table `products`", "send its file in the guide, at /start", to="/start#upload")
    if found:
        what = "there is neither `sales` nor `orders`"
        raise Refused(409, "table_missing", what, "send its file in the guide, at /start", to="/start#upload")


def with_test(ask: Ask, found: Covered | None) -> Covered | None:
    """What is said of the model, which is not untested while its first test is under way, or where that ended without a result."""
    if found is None or found.kind != "untested":
        return found
    job = ask.desk.jobs.under_way("backtest")
    over = next((one.name for one in ask.desk.jobs.all() if one.kind == "backtest" and one.state in ("failed", "stopped")), "")
    return msgspec.structs.replace(found, kind="testing" if job else "ended", job=job or over) if job or over else found


def begin_test(ask: Ask) -> None:
    """Begin a test of the forecasts; one that is under way already is not begun twice."""
    if not ask.desk.jobs.under_way("backtest"):
        folder = folder_of(ask.desk)
        ask.desk.jobs.begin("backtest", ["backtest", str(folder), f"--out={kept.backtest_file(folder, ask.at)}"], ask.who.name)


def followed(ask: Ask, kinds: tuple[str, ...]) -> Stream:
    """Events for a page that shows how far its jobs are."""

    def look() -> tuple[bool, object]:
        jobs = jobs_of(ask, kinds)
        return going(jobs), jobs

    return live(look)
