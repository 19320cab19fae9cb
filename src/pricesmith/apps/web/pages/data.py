"""The page Data, and the check of the files behind it."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done, File
from pricesmith.apps.service.jobs import Job
from pricesmith.apps.service.route import Route, act, page
from pricesmith.apps.web import sheets
from pricesmith.flows.desk.data.noticed import Asked, noticed
from pricesmith.flows.desk.data.page import Data, Wanted, data, lacked, state
from pricesmith.flows.desk.data.unsaid import without_cost
from pricesmith.flows.desk.reading import kept

from ._jobs import folder_of, whole
from .person import inside


class Listed(sheets.Signs, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The entry whose list is wanted, as in `noticed.Asked`, and how its file is written."""

    code: str = ""
    table: str = ""


class Going(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: str = "/data"


def show(ask: Ask) -> Data:
    """Checks by itself what was not checked yet, once there are the tables that it needs; the page does not wait for it."""
    last = last_check(ask)
    now = state(ask.reading)
    unseen = (now.checked is None or now.changed) and not lacked(ask.reading)
    if unseen and not _tried(last, now.files) and not ask.desk.jobs.full:
        last = begin(ask)
    failed = last.lines[-1] if last is not None and last.state == "failed" and last.lines and unseen else ""
    return data(ask.reading, ask.given, ask.at, checking=last is not None and last.ended is None, failed=failed)


def last_check(ask: Ask) -> Job | None:
    return next((job for job in ask.desk.jobs.all() if job.kind == "check"), None)


def _tried(last: Job | None, files: dict[str, dict[str, object]]) -> bool:
    """Whether these very files are being checked, or could not be."""
    return last is not None and (last.ended is None or last.begun.isoformat() > max(str(facts["written"]) for facts in files.values()))


def begin(ask: Ask) -> Job:
    folder = folder_of(ask.desk)
    return ask.desk.jobs.begin("check", ["check", str(folder), f"--out={kept.check_file(folder)}"], ask.who.name)


def check(ask: Ask) -> Done:
    whole(ask.desk)
    begin(ask)
    return Done("said_check", inside(ask.given.to))


def uncosted(ask: Ask) -> File:
    """All products without a cost, to be filled in."""
    table = sheets.to_csv(without_cost(ask.reading), ask.reading.policy.currency, signs=ask.given)
    return File("products-without-cost.csv", "text/csv; charset=utf-8", table)


def notice(ask: Ask) -> File:
    """All products that an entry of the data report is about."""
    given: Listed = ask.given
    table = sheets.to_csv(noticed(ask.reading, Asked(given.code, given.table)), ask.reading.policy.currency, signs=given)
    return File(f"{given.code}-{given.table}.csv", "text/csv; charset=utf-8", table)


ROUTES = (
    page("data", "/data", show, Data, asks=Wanted),
    act("data.check", "/data/check", "draft", check, Going),
    Route("data.without_cost", "GET", "/data/without-cost", "read", uncosted, sheets.Signs),
    Route("data.notice", "GET", "/data/notice", "read", notice, Listed),
)
