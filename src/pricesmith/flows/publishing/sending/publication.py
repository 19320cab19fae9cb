"""Publishing a run as a durable job: queue, then wave after wave until nothing is left, across restarts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pricesmith.contracts.durable import Document, Steps
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.office import desk, office

from .plan import nothing_ready, plan, queue
from .reasons import Reason, merged
from .send import Sent, drain

JOB = "publication"
Tell = Callable[[Sent], None]
"""Told of each wave after which something is still to leave."""
LONGEST_SLEEP = 60.0
"""Seconds after which a waiting job looks again: a release or a newer run may have come."""


def key_of(run: str, target: str, at: dt.datetime) -> str:
    """A run can be published anew after its prices were undone, so the minute is part of the key."""
    return f"{JOB} {run} {target} {at:%Y%m%d%H%M}"


def publication(steps: Steps, given: Document, tell: Tell | None = None) -> Document:
    """The job. `given`: folder, run, target; returns fates, open, stopped, wait, why and reasons, of `Sent`."""
    return published(steps, lambda: desk(office(Path(str(given["folder"]))), str(given["target"])), str(given["run"]), tell)


def published(steps: Steps, opened: Callable[[], Desk], run: str, tell: Tell | None = None) -> Document:
    """Queue what is approved of a run and send it, wave after wave, until all is settled or the channel stops.

    opened  makes the desk; called anew in each step, so that a job that goes on elsewhere starts from the ledger
    """
    steps.step("queue", lambda: _queued(opened(), run))
    fates: Counter[str] = Counter()
    why = list[Reason]()
    while True:
        sent = steps.step("send", lambda: _plain(drain(opened())))
        told = sent["fates"]
        assert isinstance(told, dict)
        fates.update(told)
        why = merged(why, msgspec.convert(sent.get("reasons", []), list[Reason]))
        so_far: Document = {**sent, "fates": dict(fates), "reasons": msgspec.to_builtins(why)}
        if sent["stopped"] or not sent["open"]:
            return so_far
        if tell is not None:
            tell(Sent.of(so_far))
        steps.sleep(min(max(float(str(sent["wait"])), 0.1), LONGEST_SLEEP))


def _queued(at: Desk, run: str) -> Document:
    planned = plan(at.book, run, at.target, at.settings, at.policy, at.now())
    if planned.ready.is_empty():
        raise nothing_ready(planned)
    return {"queued": queue(at.book, planned, at.policy, by=at.worker, at=at.now())}


def _plain(sent: Sent) -> Document:
    told: list[Any] = msgspec.to_builtins(sent.reasons)
    return {
        "fates": dict(sent.fates),
        "open": sent.open,
        "stopped": sent.stopped,
        "wait": sent.wait,
        "why": list(sent.why),
        "reasons": told,
    }
