"""Jobs as pages show them."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.service.jobs import Job

SHOWN, LINES = 4, 8
OPEN = ("waiting", "running")


class JobSeen(msgspec.Struct, frozen=True):
    """How far a job is. state: `waiting`, `running`, `done`, `failed` or `stopped`; lines: the last that it said."""

    name: str
    kind: str
    by: str
    begun: dt.datetime
    ended: dt.datetime | None
    state: str
    lines: tuple[str, ...]


def jobs_of(ask: Ask, kinds: tuple[str, ...], subject: str = "") -> list[JobSeen]:
    """The newest jobs of these kinds, about a run where one is named."""
    found = [job for job in ask.desk.jobs.all() if job.kind in kinds and (not subject or subject in job.words)]
    return [seen(job) for job in found[:SHOWN]]


def seen(job: Job) -> JobSeen:
    return JobSeen(job.name, job.kind, job.by, job.begun, job.ended, job.state, job.lines[-LINES:])


def going(jobs: list[JobSeen]) -> bool:
    """Whether one of them is not over yet."""
    return any(job.state in OPEN for job in jobs)


def folder_of(ask: Ask) -> str:
    """The shop folder as a job names it, wherever it runs."""
    return str(ask.reading.folder.resolve())
