"""Dry runs, publishing, receipts, and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from pricesmith.apps.service.ask import Ask, Done, File
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.apps.web import sheets
from pricesmith.apps.web.sheets import Signs
from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.approved_file import columns_of, rows_of
from pricesmith.flows.desk.approval.foreseen import foreseen_of
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.audit.files import downloaded
from pricesmith.flows.desk.publishing import dry, receipts, sending
from pricesmith.flows.desk.publishing.attestation import attestation
from pricesmith.flows.desk.publishing.dry import DryRun
from pricesmith.flows.desk.publishing.receipts import Receipts
from pricesmith.flows.desk.publishing.shops import ready_at, ready_everywhere
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.desk.runs.in_force import Behind, behind
from pricesmith.flows.publishing.office import settings_of

from ._jobs import OPEN, JobSeen, folder_of, going, jobs_of, of_past
from ._sure import confirmed
from .prices import key_of

MOST = 400
"""Products that one act takes back by name."""


class DryPage(msgspec.Struct, frozen=True):
    """The last dry run, and the job of the next one. behind: whether a newer run or other rules overtook the run."""

    one: DryRun
    jobs: list[JobSeen]
    moving: bool
    behind: Behind


class To(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: the shop."""

    to: str


class Sure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """to: the shop;  sure: a person has ticked that it is meant;  anyway: also where guards would hold prices or stop the channel."""

    to: str
    sure: bool = False
    anyway: bool = False


class Everywhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To every shop for which something is ready. count, shops: prices that were seen to be ready, and for how many;  else as in Sure."""

    count: int | None = None
    shops: int | None = None
    sure: bool = False
    anyway: bool = False


class Back(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """chosen: only those of `products` (keys, parts joined by the unit separator); otherwise all of the run."""

    to: str
    sure: bool = False
    chosen: bool = False
    products: list[str] = []


def show_dry(ask: Ask) -> DryPage:
    shops = list(ask.reading.policy.shops)
    wanted = ask.given if ask.given.to or not shops else msgspec.structs.replace(ask.given, to=shops[0])
    if wanted.to:
        settings_of(ask.reading.policy, wanted.to)
    run = ask.reading.run(ask.path["run"]).name
    jobs = of_past(ask, jobs_of(ask, ("dry_run",), run), run)
    return DryPage(dry.dry_run(ask.reading, run, wanted, ask.at), jobs, going(jobs), behind(ask.reading, run))


def begin_dry(ask: Ask) -> Done:
    job, target = dry_job(ask, ask.given.to)
    return Done("said_dry_run", f"/runs/{ask.path['run']}/dry-run?{urlencode({'to': target})}", {"job": job, "shop": target})


def dry_job(ask: Ask, to: str) -> tuple[str, str]:
    """Read the shop and ask every guard; nothing is sent. Job and shop."""
    run, target = _named(ask, to)
    job = ask.desk.jobs.begin("dry_run", ["publish", str(folder_of(ask.desk)), run, f"--to={target}", "--keep"], ask.who.name)
    return job.name, target


def show_receipts(ask: Ask) -> Receipts:
    return receipts.receipts(ask.reading, ask.path["run"], ask.given, ask.at)


def approved(ask: Ask) -> File:
    """The approved prices, for somebody who sets them in the shop by hand."""
    run = ask.reading.run(ask.path["run"])
    rows = rows_of(ask.reading, run, ask.at)
    downloaded(ask.reading.book, run.name, rows.height, by=ask.who.name, at=ask.at)
    data = sheets.price_list(rows.select(columns_of(rows)), run.currency, ask.given)
    return File(f"approved-{run.name}.csv", "text/csv; charset=utf-8", data)


def publish(ask: Ask) -> Done:
    already = _under_way(ask, ask.given.to)
    if not already and ask.given.sure and not ask.given.anyway:
        _foreseen(ask, ask.given.to)
    job, target = publish_job(ask, ask.given.to, ask.given.sure)
    if job == already:
        return Done("said_publishing_already", "/jobs", {"job": job, "shop": target})
    return Done("said_publishing", f"/runs/{ask.path['run']}", {"job": job, "shop": target})


def publish_all(ask: Ask) -> Done:
    """One job a shop, as if each were asked for by itself; none is begun where guards are foreseen to hold prices of one."""
    given: Everywhere = ask.given
    run, address = ask.reading.run(ask.path["run"]), f"/runs/{ask.path['run']}"
    ready = ready_everywhere(ask.reading, run, ask.at)
    if not ready:
        raise UsageError("nothing of the run is ready for a shop that may be sent to", hint="the page of the run says why")
    seen, now = (given.count, given.shops), (sum(ready.values()), len(ready))
    if seen not in ((None, None), now):
        said = f"{now[0]} prices are ready for {now[1]} shops now, not {seen[0]} for {seen[1]}"
        raise Refused(409, "changed", said, "look at them again")
    for target in ready if given.sure and not given.anyway else ():
        _foreseen(ask, target)
    jobs = [publish_job(ask, target, given.sure)[0] for target in ready]
    return Done("said_publishing_all", address, {"count": now[0], "shops": now[1], "jobs": ", ".join(jobs)})


def _foreseen(ask: Ask, to: str) -> None:
    """Raises Refused where guards are foreseen to hold what would leave, or to stop the channel."""
    name, settings = ask.path["run"], settings_of(ask.reading.policy, to)
    run, last = ask.reading.run(name), dry.last(ask.reading, name, to, ask.at)
    ready = ready_at(ask.reading, standing(ask.reading, run, ask.at), settings).select(KEY)
    held = foreseen_of(ask.reading, run, ready, ask.at, wait=True)
    if held.stops or (last is not None and not last.past and last.stops and not ready.is_empty()):
        hint = "withdraw or reject what would be held, or tick that it is sent all the same"
        raise Refused(422, "foreseen_held", "guards would stop the whole channel if this were published", hint, where=to)
    if held.changes:
        hint = "withdraw or reject them, or tick that the others are sent all the same"
        raise Refused(422, "foreseen_held", f"a guard would hold {held.changes} of these prices", hint, where=to)


def publish_job(ask: Ask, to: str, sure: bool) -> tuple[str, str]:
    """Send what is approved; later waves go on by themselves while the desk runs. Job and shop."""
    run, target = _named(ask, to)
    confirmed(sure)
    if not attestation(ask.reading, ask.at).stands:
        raise PricesmithError("this code and these settings are not attested", hint="attest them on this page")
    already = _under_way(ask, target)
    if already:
        return already, target
    sending.ask(ask.reading.book, sending.PUBLISH, run, target, by=ask.who.name, at=ask.at)
    job = ask.desk.jobs.begin("publish", sending.publishing(str(folder_of(ask.desk)), run, target), ask.who.name)
    return job.name, target


def _under_way(ask: Ask, to: str) -> str:
    """The job that sends this run to this shop already; "" where there is none."""
    words = tuple(sending.publishing(str(folder_of(ask.desk)), ask.path["run"], to))
    return next((job.name for job in ask.desk.jobs.all() if job.words == words and job.state in OPEN), "")


def undo(ask: Ask) -> Done:
    keys = [key_of(text) for text in ask.given.products]
    if bool(keys) != ask.given.chosen:
        raise UsageError("no product is chosen", hint="choose some with the boxes on the left")
    job, target = undo_job(ask, ask.given.to, ask.given.sure, keys)
    return Done("said_undoing", f"/runs/{ask.path['run']}", {"job": job, "shop": target})


def undo_job(ask: Ask, to: str, sure: bool, keys: Sequence[Key]) -> tuple[str, str]:
    """Put back what stood there before the run: all of it, or the chosen products. Job and shop."""
    run, target = _named(ask, to)
    confirmed(sure)
    if len(keys) > MOST:
        raise UsageError(f"{len(keys)} products are too many to name", hint=f"take back the whole run, or up to {MOST} products")
    sending.ask(ask.reading.book, sending.UNDO, run, target, by=ask.who.name, at=ask.at)
    job = ask.desk.jobs.begin("undo", sending.undoing(str(folder_of(ask.desk)), run, target, ask.who.name, keys), ask.who.name)
    return job.name, target


def _named(ask: Ask, to: str) -> tuple[str, str]:
    """Run and shop, both known."""
    run = ask.reading.run(ask.path["run"]).name
    settings_of(ask.reading.policy, to)
    return run, to


ROUTES = (
    Route("dry_run", "GET", "/runs/{run}/dry-run", "read", show_dry, dry.DryWanted, DryPage, "dry_run.html", "approvals"),
    act("dry_run.begin", "/runs/{run}/dry-run", "draft", begin_dry, To),
    Route(
        "receipts", "GET", "/runs/{run}/receipts", "read", show_receipts, receipts.ReceiptsWanted, Receipts, "receipts.html", "approvals"
    ),
    Route("run.approved", "GET", "/runs/{run}/approved", "read", approved, Signs),
    act("run.publish", "/runs/{run}/publish", "publish", publish, Sure),
    act("run.publish_all", "/runs/{run}/publish-all", "publish", publish_all, Everywhere),
    act("run.undo", "/runs/{run}/undo", "publish", undo, Back),
)
