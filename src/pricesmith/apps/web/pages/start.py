"""The first-run guide: files are sent, their columns matched, the shop described, and the first prices begun."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
import polars as pl

from pricesmith.apps.remedies import remedy
from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused, on_form
from pricesmith.apps.service.route import Route, act
from pricesmith.apps.web.words import Words
from pricesmith.contracts.encodings import Encoding
from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.tables import COMPETITOR_PRICES, COSTS, INPUT
from pricesmith.flows import wiring
from pricesmith.flows.desk.audit.files import imported
from pricesmith.flows.desk.data import doubted_costs
from pricesmith.flows.desk.data.unplaced import unplaced
from pricesmith.flows.desk.guide.chosen import Chosen, meant
from pricesmith.flows.desk.guide.settings import settle
from pricesmith.flows.desk.guide.start import Start, start
from pricesmith.flows.desk.imports import cost_columns, days, foreign, last_days, pairings, rivals, sold_costs, uploads
from pricesmith.flows.desk.imports.cost_columns import WRITTEN, Way
from pricesmith.flows.desk.imports.matched import Wanted
from pricesmith.flows.desk.rules import fees
from pricesmith.rules.competitor_band import follows

SHOWN = 80
"""Letters of a bad cell that the message shows at most: it travels in a header."""


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Beside the file: the table that it is for."""

    table: str


class Matched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is to be read. columns: `our column=header of the file`, one for each that is there.

    standing what becomes of a table that is there: `add` or `replace`

    dates    "" only where no column of days is named
    percent  `our column=header` of shares that are percent (19 becomes 0.19), heeded where `columns` says the same; the others are shares
    amounts  `1`: the column of `price` holds amounts of whole rows (75 for 5 units becomes 15); "": prices of one unit
    discount the header of what is taken off the amount of a row; "": nothing is
    joins    the header whose value the rows of one thing share: words and days that a row lacks are those of the first of them, and a row
             without a product, a price or units of its own is left out; "": every row is whole
    cancelled  the header that holds something in the first row of an order that was cancelled: it is left out; "": none is
    alone    `1`: columns that are none of ours are left out; "": they are kept in the file and take no part
    promos   further headers that mark a promotion: a row is on promotion where that of `promo` or any of them says so
    ends     what a date of sales is: `first`, the day or the first day of its week or month; `week`, `month`: the last day of one
    cost     the header of what tells costs in a file of sales or orders, kept beside them so that costs can be read from it; "": none
    cost_as  what it holds: `share` or `percent`, gross margins of the price; `each`, the cost of one; `row`, the cost of all units of a row
    pack     the header of how many units a case holds: `unit_cost` is then what a case costs, and is divided by it; a row in which it is no
             number above 0 is set aside; "": it is the cost of one
    competitor  the competitor of every row of a file of their prices, heeded where no column of it names one
    """

    upload: str
    encoding: Encoding
    delimiter: foreign.Delimiter
    decimal: Literal["point", "comma"]
    dates: str = ""
    columns: list[str] = []
    percent: list[str] = []
    amounts: Literal["", "1"] = ""
    discount: str = ""
    joins: str = ""
    cancelled: str = ""
    alone: Literal["", "1"] = ""
    promos: list[str] = []
    ends: last_days.Ends = "first"
    cost: str = ""
    cost_as: Way = "share"
    pack: str = ""
    competitor: Annotated[str, msgspec.Meta(max_length=rivals.LONGEST)] = ""
    standing: uploads.Standing = ""


class Turning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """table: the one that the file is for after all."""

    upload: str
    table: str


class Taking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """table: the one whose files are put away."""

    table: str


class Forgetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upload: str


def show(ask: Ask) -> Start:
    return start(ask.reading, ask.given)


def send(ask: Ask) -> Done:
    if ask.file is None:
        raise UsageError("no file was chosen", hint="choose a CSV file")
    one = uploads.keep(ask.reading.folder, ask.given.table, ask.file.name, ask.file.data, ask.who.name, ask.at)
    return Done("said_upload", f"/start?upload={one.upload}", {"file": one.file, "upload": one.upload})


def match(ask: Ask) -> Done:
    given: Matched = ask.given
    columns = dict(pair.split("=", 1) for pair in given.columns if not pair.endswith("=") and "=" in pair)
    sent = uploads.one(ask.reading.folder, given.upload)
    table = sent.table
    dated = any(column.kind in ("date", "moment") and column.name in columns for column in INPUT[table].columns)
    if given.dates not in days.DATES and (given.dates or dated):
        raise Refused(422, "bad_field", "this is not a way to write days", "choose one of the list")
    if any(pair and "=" not in pair for pair in given.percent):
        raise Refused(422, "bad_field", "the header of a column in percent is missing", "write our column=header of the file")
    shares = frozenset(pair.split("=", 1)[0] for pair in given.percent if pair in given.columns and not pair.endswith("="))
    columns, marks = _marks(columns, given.promos)
    how = foreign.Reading(
        given.encoding, given.delimiter, given.decimal, given.dates or "ymd-", columns, shares, given.amounts == "1", given.discount,
        given.joins, given.cancelled, given.alone == "1", marks, given.ends,
        given.cost, given.cost_as, given.pack,
        "" if rivals.COLUMN in columns or rivals.COLUMN not in INPUT[table].by_name else given.competitor.strip(),
        ask.reading.policy.currency if ask.reading.settled else "",
    )  # fmt: skip
    was = doubted_costs.costs_of(ask.reading, table) if table in doubted_costs.TABLES else None
    first = not wiring.of_table(wiring.files_of(ask.reading.folder), table)
    taken = _taken(ask, table, how)
    imported(ask.reading.book, table, sent.file, taken, first=first, by=ask.who.name, at=ask.at)
    beside = _converted(ask, table, how, taken) | (_doubted(ask, table, was) if was is not None else {})
    return _told(ask, table, taken, beside)


def _doubted(ask: Ask, table: str, was: pl.DataFrame) -> dict[str, str]:
    """Costs of the file that cannot be meant so, as a fact of the message; empty where there are none. was: the table of before"""
    found, words = doubted_costs.doubted(ask.reading, table, was), ask.words

    def example(one: doubted_costs.Doubted) -> str:
        figures = (("cost", one.cost), ("before", one.before), ("price", one.price))
        parts = [words(f"said_doubted_{name}", amount=f"{value:,.2f}") for name, value in figures if value is not None]
        return one.sku + words("in_brackets", text=words("semicolon").join(parts))

    told = words("list_comma").join(map(example, found[: doubted_costs.SHOWN]))
    return {"doubted": words("said_doubted", count=f"{len(found):,}", examples=told)} if found else {}


def _costs_again(ask: Ask, table: str, taken: uploads.Taken) -> list[str]:
    """Costs that were read from rows of sales follow them, and give way to costs that somebody gives."""
    sold = table in cost_columns.TABLES
    whole = sold and (taken.added is None or not taken.added.unseen)
    told = sold_costs.again(ask.reading, ask.at, whole=whole) if sold or table == COSTS.name else None
    return [] if told is None else [ask.words("said_sold_costs", count=f"{told.costs:,}", products=f"{told.products:,}")]


def _marks(columns: dict[str, str], promos: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The columns and the headers that mark a promotion beside that of `promo`: without one the first of them is that."""
    told = list(dict.fromkeys(name for name in promos if name))
    columns = {"promo": told[0], **columns} if told else columns
    return columns, tuple(name for name in told if name != columns["promo"])


def _taken(ask: Ask, table: str, how: foreign.Reading) -> uploads.Taken:
    """The file taken over. Its pairing is kept in any case; where it fails, so is why, and the form is shown again with both."""
    given, folder = ask.given, ask.reading.folder
    seen = foreign.look(uploads.path_of(folder, given.upload), given.encoding, given.delimiter)
    try:
        taken = uploads.take_over(folder, given.upload, how, ask.at, ask.reading.policy, given.standing)
    except PricesmithError as error:
        pairings.remember(folder, table, seen.headers, how, given.upload)
        uploads.fail(folder, given.upload, error, partial(_remedy, given), how.dates)
        again = urlencode({"upload": given.upload, "encoding": given.encoding, "delimiter": given.delimiter})
        raise on_form(error, f"/start?{again}#failed") from None
    pairings.remember(folder, table, seen.headers, how)
    return taken


def _remedy(given: Matched, table: str, row: dict[str, Any]) -> str:
    column = row["column"] or ""
    divided = column == "unit_cost" and bool(given.pack)
    return remedy(table, column, row["value"], row["reason"], decimal=given.decimal, dates=given.dates, divided=divided)


def _told(ask: Ask, table: str, taken: uploads.Taken, beside: dict[str, str]) -> Done:
    """What was taken over, with the first row of it that cannot be used and what to do about that."""
    count, aside = taken.rows, taken.aside
    if uploads.unmatched(ask.reading.folder, table):
        beside["unmatched"] = ask.words("said_unmatched")
    where: dict[str, Any] = {"table": table}
    if taken.added is not None:
        where |= {"stay": taken.added.stay, "gave_way": taken.added.gave_way}
    if not aside:
        return Done("said_table" if taken.added is None else "said_added", "/start", {**where, "count": count, **beside})
    first = {name: aside[0][name] for name in ("line", "column", "value")}
    if len(first["value"] or "") > SHOWN:
        first["value"] = " ".join(first["value"].split())[:SHOWN] + "…"
    advice = ask.words.line(_remedy(ask.given, table, aside[0]))
    barred = len(aside) > ask.reading.policy.data.max_bad_share * count
    said = "said_added_aside" if taken.added is not None else "said_table_barred" if barred else "said_table_aside"
    facts = {**where, "count": count - len(aside), "aside": len(aside), **first, "remedy": advice, **beside}
    return Done(said, "/start", facts)


def _converted(ask: Ask, table: str, how: foreign.Reading, taken: uploads.Taken) -> dict[str, str]:
    """What was written otherwise than the file has it, as a fact of the message; empty where nothing was."""
    comma, shares = ask.words("list_comma"), sorted(how.percent & how.columns.keys())
    told = [ask.words("said_percent", columns=comma.join(shares))] if shares else []
    told += [ask.words("said_amounts")] if ask.given.amounts else []
    told += [ask.words("said_discount", column=ask.given.discount)] if ask.given.discount else []
    told += [ask.words("said_joined", column=ask.given.joins)] if ask.given.joins else []
    told += [ask.words("said_named_nothing", count=f"{taken.left_out:,}")] if taken.left_out else []
    told += [ask.words("said_cancelled", count=f"{taken.cancelled:,}")] if taken.cancelled else []
    told += [ask.words("said_prices_kept", count=f"{taken.prices:,}")] if taken.prices else []
    told += [ask.words("said_promos", columns=comma.join([how.columns["promo"], *how.promos]))] if how.promos else []
    told += [ask.words("said_competitor", name=how.competitor)] if how.competitor else []
    told += [ask.words("said_unfollowed")] if table == COMPETITOR_PRICES.name and not follows(ask.reading.policy.rules) else []
    told += [ask.words("said_cost", column=how.cost, ours=WRITTEN[how.cost_as])] if how.cost else []
    told += [ask.words("said_pack", column=how.pack)] if how.pack else []
    told += [ask.words(f"said_ends_{how.ends}")] if how.ends != "first" else []
    kept = taken.added.kept if taken.added is not None else []
    told += [ask.words("said_kept", columns=comma.join(kept))] if kept else []
    gap = taken.added.gap if taken.added is not None else ()
    told += [ask.words("said_gap", last=gap[0], first=gap[1])] if gap else []
    told += [ask.words("said_currency", currency=taken.currency)] if taken.currency else []
    told += [ask.words("said_alone")] if ask.given.alone else []
    told += [_ways(ask.words, taken.days)] if len(taken.days.keys() - {days.OTHER}) > 1 else []
    told += _costs_again(ask, table, taken)
    lost = unplaced(ask.reading) if table == COSTS.name else None
    told += [ask.words("said_unplaced", rows=f"{lost.rows:,}", named=comma.join(lost.named), sold=comma.join(lost.sold))] if lost else []
    return {"converted": " ".join(told)} if told else {}


def _ways(words: Words, counts: dict[str, int]) -> str:
    """Days that a file writes in several ways, each with how many cells were read so."""
    parts = [words("said_days_in", way=words.code("dates", way), count=f"{count:,}") for way, count in counts.items() if way != days.OTHER]
    return words("said_days", ways=words("semicolon").join(parts))


def turn(ask: Ask) -> Done:
    one = uploads.turn(ask.reading.folder, ask.given.upload, ask.given.table)
    return Done("said_upload", f"/start?upload={one.upload}", {"file": one.file, "upload": one.upload})


def take_out(ask: Ask) -> Done:
    uploads.take_out(ask.reading.folder, ask.given.table, ask.at)
    return Done("said_taken_out", "/start", {"table": ask.given.table})


def read_costs(ask: Ask) -> Done:
    told = sold_costs.write(ask.reading, ask.at)
    return Done("said_sold_costs", "/start#costs", {"count": told.costs, "products": told.products})


def put_fees(ask: Ask) -> Done:
    """Before there is a run; later the text on the page Rules is changed, where the difference is seen first."""
    if ask.reading.latest() is not None:
        raise Refused(409, "too_late", "this shop has prices already", "change its settings on the page Rules")
    fees.keep(ask.reading.folder, ask.given)
    return Done("said_fees", "/start#fees", {"channel": ask.given.channel or ask.words("start_fees_all")})


def forget(ask: Ask) -> Done:
    uploads.forget(ask.reading.folder, ask.given.upload)
    return Done("said_forgotten", "/start")


def choose(ask: Ask) -> Done:
    """Only before it is answered or a run is made: later its rules are changed on their own page, where the difference is seen first."""
    if ask.reading.latest() is not None and ask.reading.settled:
        raise Refused(409, "too_late", "this shop has prices already", "change its settings on the page Rules")
    try:
        settle(ask.reading.folder, meant(ask.reading, ask.given), ask.words.language)
    except PricesmithError as error:
        typed = urlencode({"typed": msgspec.json.encode(ask.given).decode()})
        raise on_form(error, f"/start?{typed}#typed") from None
    return Done("said_settled", "/start#saved")


ROUTES = (
    Route("start", "GET", "/start", "read", show, Wanted, Start, "start.html", "data"),
    Route("start.send", "POST", "/start/send", "admin", send, Sending, large=uploads.MOST_BYTES, files=True),
    act("start.match", "/start/match", "admin", match, Matched),
    act("start.turn", "/start/turn", "admin", turn, Turning),
    act("start.take_out", "/start/take-out", "admin", take_out, Taking),
    act("start.costs", "/start/costs", "admin", read_costs),
    act("start.fees", "/start/fees", "admin", put_fees, fees.Asked),
    act("start.forget", "/start/forget", "admin", forget, Forgetting),
    act("start.choose", "/start/choose", "admin", choose, Chosen),
)
