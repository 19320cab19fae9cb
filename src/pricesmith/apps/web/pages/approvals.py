"""The pages Approvals: all runs, and one run from the proposal to the shop."""

from __future__ import annotations

from typing import Literal

import msgspec
import polars as pl

from pricesmith.apps.service.ask import Ask, Done, Stream
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act, page
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.approving import Approving, approving
from pricesmith.flows.desk.approval.leaving import taken
from pricesmith.flows.desk.approval.reached import Withdrawable, reaches, withdrawable
from pricesmith.flows.desk.approval.risk import risk
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.publishing.attestation import Attestation, attestation, digest_now
from pricesmith.flows.desk.publishing.receipts import WAITING, of_run
from pricesmith.flows.desk.publishing.shops import ready_everywhere
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.desk.runs.approvals import Approvals, Wanted, approvals
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.answers.attest import ask_or_agree

from ._jobs import JobSeen, going, jobs_of, of_past, with_test
from ._judged import beside_own, breaks_of, left_out, set_aside, waits_for_another
from ._live import live
from ._sure import confirmed

KINDS = ("dry_run", "publish", "undo")


class Runs(msgspec.Struct, frozen=True):
    """All runs, and whether this code and these settings may publish."""

    all: Approvals
    attestation: Attestation


class RunPage(msgspec.Struct, frozen=True):
    """One run, and the jobs that the desk does for it. alone: people here have no accounts and say their name. moving: renew the page.

    mine  what of it who looks has answered and may withdraw
    everywhere  shops that are not stopped and for which something is ready, with how many prices: one act sends them all
    """

    one: Approving
    mine: Withdrawable
    everywhere: dict[str, int]
    jobs: list[JobSeen]
    alone: bool
    moving: bool


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to the changes that need so many people; all of the run where that is left out.

    sure  a person has ticked that all of them are meant;  count: changes that it was seen to reach (`reached.reaches`)
    held  an acceptance takes also what a guard is foreseen to hold;  aside: changes that it was seen to leave aside where it does not
    """

    needs: Literal["", "0", "1", "2"] = ""
    why: str = ""
    sure: bool = False
    count: int | None = None
    held: bool = False
    aside: int | None = None


class Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the same person said of any part of the run is taken back; what was sent on it stays.

    sure  a person has ticked that it is meant;  count: changes that it was seen to be about
    """

    sure: bool = False
    count: int | None = None


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """digest: of the code and settings that were seen."""

    digest: str
    back: str = "/approvals"


def show_all(ask: Ask) -> Runs:
    return Runs(approvals(ask.reading, ask.given), attestation(ask.reading, ask.at))


def show(ask: Ask) -> RunPage:
    name = ask.path["run"]
    one, jobs = approving(ask.reading, name, ask.at), [_then(job) for job in of_past(ask, jobs_of(ask, KINDS, name), name)]
    one = msgspec.structs.replace(one, covered=with_test(ask, one.covered))
    moving = going(jobs) or any(shop.waiting for shop in one.shops)
    mine = withdrawable(ask.reading, ask.reading.run(name), ask.who.name, ask.at)
    return RunPage(one, mine, ready_everywhere(ask.reading, ask.reading.run(name), ask.at), jobs, ask.desk.open_, moving)


def _then(job: JobSeen) -> JobSeen:
    """Without when the next prices were to leave as the job ended: each shop says when they do, as it stands now."""
    return job if job.came is None else msgspec.structs.replace(job, came=msgspec.structs.replace(job.came, next_at=None))


def events(ask: Ask) -> Stream:
    """Says when something about the run changed."""
    ask.reading.run(ask.path["run"])

    def look() -> tuple[bool, object]:
        name, reading = ask.path["run"], ask.reading
        jobs = jobs_of(ask, KINDS, name)
        left = of_run(reading, name).filter(pl.col("fate") == WAITING).height
        rows = [reading.rows(table).height for table in ("intents", "receipts", "verdicts", "switches", "attested")]
        rows.append(reading.last_made(name)["seq"])
        return going(jobs) or left > 0, (jobs, left, rows)

    return live(look)


def _answered(ask: Ask, said: str) -> Done:
    given: Answered = ask.given
    confirmed(given.sure)
    keys, count, left = _meant(ask, said)
    return _written(ask, said, given.why or None, keys, count, left)


def _written(ask: Ask, said: str, why: str | None, keys: list[Key] | None, count: int, left: int = 0) -> Done:
    """left: changes that were left aside for a guard."""
    place, name = ask.reading, ask.path["run"]
    named = None if keys is None else pl.DataFrame(keys, schema=KEY, orient="row")
    against, spared = beside_own(ask, said, name, named, singly=False)
    covered = answer(place.book, name, said, by=ask.who.name, at=ask.at, policy=place.policy, why=why, keys=keys, singly=False)
    meant = ask.reading.run(name).changes.height if keys is None else len(keys)
    beside = {**waits_for_another(ask, said, name, named), **left_out(ask, said, meant - covered - spared), **against}
    return Done(f"said_{said}", f"/runs/{name}", {"count": count, "run": name, **beside, **set_aside(ask, left), **breaks_of(ask, name)})


def _meant(ask: Ask, said: str) -> tuple[list[Key] | None, int, int]:
    """The products of a class, None where all of the run is meant; how many the answer reaches; and how many it leaves aside for a guard.

    Raises Refused where these are other numbers than were seen.
    """
    given: Answered = ask.given
    run = ask.reading.run(ask.path["run"])
    table = risk(ask.reading, run, ask.at)
    part = table.filter(pl.col("needs") == int(given.needs)) if given.needs else table
    if part.is_empty():
        raise UsageError("no change of that run is meant", hint="load the page again")
    waits = standing(ask.reading, run, ask.at).filter(reaches(said)).select(KEY)
    reach = waits.join(part, on=KEY, how="semi").height
    _as_seen(given.count, reach)
    if said == "accept" and not given.held:
        part = taken(ask.reading, run, part, ask.at)
    count = waits.join(part, on=KEY, how="semi").height
    _as_seen(None if given.held else given.aside, reach - count)
    return (None if part.height == table.height else [Key(*row) for row in part.select(KEY).iter_rows()]), count, reach - count


def _as_seen(given: int | None, count: int) -> None:
    """Raises Refused where an answer is about another number of changes than was seen."""
    if given not in (None, count):
        raise Refused(409, "changed", f"that is {count} changes now, not {given}", "look at them again")


def accept(ask: Ask) -> Done:
    return _answered(ask, "accept")


def reject(ask: Ask) -> Done:
    return _answered(ask, "reject")


def withdraw(ask: Ask) -> Done:
    given: Withdrawn = ask.given
    confirmed(given.sure)
    name = ask.path["run"]
    mine = withdrawable(ask.reading, ask.reading.run(name), ask.who.name, ask.at)
    _as_seen(given.count, mine.changes)
    return (
        _written(ask, "withdraw", None, None, mine.changes) if mine.changes else Done("said_withdraw_none", f"/runs/{name}", {"run": name})
    )


def attest(ask: Ask) -> Done:
    """Ask that this code and these settings may publish, or agree with who asked."""
    place, given = ask.reading, ask.given
    digest = digest_now(place)
    if given.digest != digest:
        raise UsageError("code or settings changed since the page was shown", hint="load the page again")
    stands = ask_or_agree(place.book, digest, place.policy.approval, by=ask.who.name, at=ask.at, hours=place.policy.guards.approval_hours)
    back = given.back if given.back.startswith(("/approvals", "/runs/")) else "/approvals"
    return Done("said_attested" if stands else "said_attest_asked", back)


ROUTES = (
    page("approvals", "/approvals", show_all, Runs, asks=Wanted),
    Route("run", "GET", "/runs/{run}", "read", show, gives=RunPage, template="run.html", section="approvals"),
    Route("run.live", "GET", "/runs/{run}/live", "read", events),
    act("run.accept", "/runs/{run}/accept", "approve", accept, Answered),
    act("run.reject", "/runs/{run}/reject", "approve", reject, Answered),
    act("run.withdraw", "/runs/{run}/withdraw", "approve", withdraw, Withdrawn),
    act("attest", "/attest", "approve", attest, Agreed),
)
