"""The page Audit: every act, whether the ledger is as it was written, and signed checkpoints."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done, File, Stream
from pricesmith.apps.service.route import Route, act, page
from pricesmith.flows.desk.audit.audited import Audit, Wanted, audited, exported

from ._jobs import JobSeen, folder_of, followed, going, jobs_of

KINDS = ("verify",)


class AuditPage(msgspec.Struct, frozen=True):
    """Acts, and the job that verifies them."""

    all: Audit
    jobs: list[JobSeen]
    moving: bool


def show(ask: Ask) -> AuditPage:
    jobs = jobs_of(ask, KINDS)[:1]
    return AuditPage(audited(ask.reading, ask.given), jobs, going(jobs))


def verify(ask: Ask) -> Done:
    """Recompute every digest, link and signature."""
    job = ask.desk.jobs.begin("verify", ["audit", str(folder_of(ask.desk)), "--verify", "--keep"], ask.who.name)
    return Done("said_verifying", "/audit", {"job": job.name})


def checkpoint(ask: Ask) -> Done:
    """Sign the head of the chain."""
    return Done("said_checkpoint", "/audit", {"seq": ask.reading.book.checkpoint(ask.at)})


def download(ask: Ask) -> File:
    """Every checkpoint, to be kept where nobody of the shop can change it."""
    return File("ledger.checkpoints.jsonl", "text/plain; charset=utf-8", exported(ask.reading))


def events(ask: Ask) -> Stream:
    return followed(ask, KINDS)


ROUTES = (
    page("audit", "/audit", show, AuditPage, asks=Wanted),
    act("audit.verify", "/audit/verify", "read", verify),
    act("audit.checkpoint", "/audit/checkpoint", "admin", checkpoint),
    Route("audit.checkpoints", "GET", "/audit/checkpoints", "read", download),
    Route("audit.live", "GET", "/audit/live", "read", events),
)
