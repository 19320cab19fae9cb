"""The page Prices: the table, answers to many changes at once, prices of one's own, files, and kept views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
import polars as pl

from pricesmith.apps.service.ask import Ask, Done, File
from pricesmith.apps.service.given import gathered
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act, page
from pricesmith.apps.web import sheets
from pricesmith.apps.web.words import Words
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.contradicted import Contradicted, contradicted
from pricesmith.flows.desk.approval.foreseen import GUARD, aside
from pricesmith.flows.desk.approval.leaving import Leaving, leaving, taken
from pricesmith.flows.desk.approval.reached import Reached, reached, standing_with_worth, withdrawable
from pricesmith.flows.desk.approval.warned import Warned, warned
from pricesmith.flows.desk.prices.exported import exported
from pricesmith.flows.desk.prices.table import TURNED_DOWN, Prices, View, Wanted, filtered, prices, table_of
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.answering import answer

from ._jobs import with_test
from ._judged import beside_own, breaks_of, left_out, set_aside, to_be_held, waits_for_another
from .person import inside

MARK = "\x1f"
"""Between the parts of a product's key in a form."""

VIEW = "view"
"""Kind under which views are kept."""


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes that are answered: the chosen products, or every change that a filter lets through.

    products  keys, parts joined by the unit separator
    filter    a query of the table, in place of products;  count: changes that it was seen to find;  found: products
    held      of what a filter finds an acceptance takes also what a guard is foreseen to hold
    percent, price  only of prices of one's own, see `mine.py`: by how much they move, as `per_cent.typed` reads it, or the one price, in
              major units, of all that are chosen or found, also of those that the run does not change
    anyway    the price is set also where it goes against what may give way
    """

    run: str
    products: list[str] = []
    why: str = ""
    back: str = "/prices"
    filter: str = ""
    count: int | None = None
    found: int | None = None
    percent: str = ""
    price: str = ""
    anyway: bool = False
    held: bool = False


class Every(msgspec.Struct, frozen=True):
    """All changes that a filter finds, before they are answered together.

    filter    the question as a query;  up, down: of the changes found;  two_people: changes that need two
    rejected  changes that somebody rejected: accepting all of them leaves these out;  profit_change: major units a day
    accept, reject  what an answer to all of them still reaches
    leaving   what an acceptance takes of that by itself
    askers    who may not accept prices of the run, for they asked for them
    warned    what Today and the page of the run say of its prices
    turned_down  changes that nobody has accepted, of products that were rejected in an earlier run
    contradicted  changes that wait and in whose place a person set another price: accepting all of them leaves these aside
    """

    run: str
    currency: str = ""
    filter: str = ""
    found: int = 0
    changes: int = 0
    up: int = 0
    down: int = 0
    two_people: int = 0
    rejected: int = 0
    profit_change: float = 0.0
    accept: Reached = Reached()
    reject: Reached = Reached()
    leaving: Leaving = Leaving()
    askers: list[str] = []
    warned: Warned | None = None
    turned_down: int = 0
    contradicted: Contradicted = Contradicted()


class Taken(Wanted, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The question of the table, as a file; delimiter, decimal: of CSV alone, as in `sheets.Signs`."""

    as_: Literal["csv", "xlsx"] = msgspec.field(name="as", default="csv")
    delimiter: Literal[",", ";"] = ","
    decimal: Literal["point", "comma"] = "point"


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A view to be kept. query: of the table's address."""

    name: str
    query: str = ""


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: str


def show(ask: Ask) -> Prices:
    found = prices(ask.reading, ask.given, ask.at)
    kept, owner = ask.desk.accounts.kept, ask.who.name
    known = [(handle, name, kept.get(VIEW, owner, handle)) for handle, name in kept.all(VIEW, owner).select("handle", "name").iter_rows()]
    return msgspec.structs.replace(found, views=[View(handle, name, query) for handle, name, query in known if query is not None])


def every(ask: Ask) -> Every:
    """What a filter finds, with the count that an answer must come with."""
    wanted: Wanted = ask.given
    name = wanted.run or ask.reading.latest()
    if name is None:
        return Every("")
    run = ask.reading.run(name)
    found = filtered(table_of(ask.reading, run, ask.at), wanted)
    change = found.filter(pl.col("action") == "change")
    up = change.filter(pl.col("price") > pl.col("current_price")).height
    where, said = standing_with_worth(ask.reading, run, change, ask.at), warned(ask.reading, run, found)
    return Every(
        name, run.currency, query_of(wanted), found.height, change.height, up, change.height - up,
        change.filter(pl.col("needs") == 2).height, change.filter(pl.col("state") == "rejected").height,
        float(change["profit_change"].sum()), reached(where, "accept"), reached(where, "reject"),
        leaving(aside(ask.reading, run, ask.at), where), ask.reading.askers(name),
        msgspec.structs.replace(said, covered=with_test(ask, said.covered)), change.filter(TURNED_DOWN).height,
        contradicted(ask.reading, run, ask.at, change.select(KEY)),
    )  # fmt: skip


def query_of(wanted: Wanted) -> str:
    """A question as the query of an address, without what is as by itself, and without the page."""
    plain = Wanted()
    pairs = [(name, getattr(wanted, name)) for name in Wanted.__struct_fields__ if name not in ("page", "size")]
    asked = [(name, value) for name, value in pairs if value != getattr(plain, name)]
    return urlencode([(name, one) for name, value in asked for one in (value if isinstance(value, list) else [value])])


def wanted_of(query: str) -> Wanted:
    """The question that a query asks. Raises UsageError where it is none of this table's."""
    fields = gathered(parse_qsl(query, keep_blank_values=True))
    columns = fields.get("columns", [])
    try:
        return msgspec.convert({**fields, "columns": [columns] if isinstance(columns, str) else columns}, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{query!r} is no question to the table", hint=str(error).replace("`", "'")) from None


def keys_meant(ask: Ask, *, unchanged: bool = False) -> list[Key]:
    """The products that a form means. unchanged: of a filter also those that the run does not change.

    Raises Refused where a filter finds another number than was seen.
    """
    given: Answered = ask.given
    if given.products:
        return [key_of(text) for text in given.products]
    seen = given.found if unchanged else given.count
    if seen is None:
        raise UsageError("no product is chosen", hint="choose some with the boxes on the left")
    run = ask.reading.run(given.run)
    found = filtered(table_of(ask.reading, run, ask.at), wanted_of(given.filter))
    found = found if unchanged else found.filter(pl.col("action") == "change")
    if found.height != seen and unchanged:
        raise Refused(409, "changed", f"the filter finds {found.height} products now, not {seen}", "look at them again")
    if found.height != seen:
        raise Refused(409, "changed", f"the filter finds {found.height} changes now, not {seen}", "look at them again")
    return [Key(*row) for row in found.select(KEY).iter_rows()]


def _answered(ask: Ask, said: str) -> Done:
    given: Answered = ask.given
    if given.percent.strip():
        raise UsageError("a percentage was given, but answers take the proposed prices", hint="leave it empty, or set prices with it")
    if given.price.strip():
        raise UsageError("a price was given, but answers take the proposed prices", hint="leave it empty, or set prices with it")
    keys, place, singly = keys_meant(ask), ask.reading, bool(given.products)
    found = _reach(ask, said, keys)
    if said == "accept" and not singly and not given.held:
        part = taken(place, place.run(given.run), pl.DataFrame(keys, schema=KEY, orient="row"), ask.at)
        keys = [Key(*row) for row in part.iter_rows()]
    reach = _reach(ask, said, keys)
    if said == "withdraw" and not reach:
        return Done("said_withdraw_none", inside(given.back), {"run": given.run})
    against, spared = beside_own(ask, said, given.run, pl.DataFrame(keys, schema=KEY, orient="row"), singly=singly)
    count = answer(
        place.book, given.run, said, by=ask.who.name, at=ask.at, policy=place.policy, why=given.why or None, keys=keys, singly=singly
    )
    told = count if singly and said != "withdraw" else reach
    meant = _changes(ask, keys)
    beside = waits_for_another(ask, said, given.run, meant) | left_out(ask, said, meant.height - count - spared) | against
    beside |= set_aside(ask, found - reach) | to_be_held(ask, said, given.run, meant)
    return Done(f"said_{said}", inside(given.back), {"count": told, "run": given.run, **beside, **breaks_of(ask, given.run)})


def _changes(ask: Ask, keys: list[Key]) -> pl.DataFrame:
    """Those of the products that the run changes."""
    changes = ask.reading.run(ask.given.run).changes
    return changes.join(pl.DataFrame(keys, schema=KEY, orient="row"), on=KEY, how="semi")


def _reach(ask: Ask, said: str, keys: list[Key]) -> int:
    """Of these changes those that an answer to many makes a difference to."""
    run = ask.reading.run(ask.given.run)
    if said == "withdraw":
        return withdrawable(ask.reading, run, ask.who.name, ask.at, keys).changes
    return reached(standing_with_worth(ask.reading, run, pl.DataFrame(keys, schema=KEY, orient="row"), ask.at), said).changes


def key_of(text: str) -> Key:
    parts = text.split(MARK)
    if len(parts) != 3:
        raise UsageError(f"{text!r} is not the key of a product", hint="sku, channel and region")
    return Key(*parts)


def accept(ask: Ask) -> Done:
    return _answered(ask, "accept")


def reject(ask: Ask) -> Done:
    return _answered(ask, "reject")


def withdraw(ask: Ask) -> Done:
    return _answered(ask, "withdraw")


def export(ask: Ask) -> File:
    """Everything that is found, in the order and with the columns of the table, and what `exported` adds."""
    given: Taken = ask.given
    run = ask.reading.run(given.run or ask.reading.latest() or "")
    table, words = exported(ask.reading, run, given, ask.at), said(ask.words)
    if given.as_ == "csv":
        signs = sheets.Signs(delimiter=given.delimiter, decimal=given.decimal)
        return File(f"prices-{run.name}.csv", "text/csv; charset=utf-8", sheets.to_csv(table, run.currency, words, signs))
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return File(f"prices-{run.name}.xlsx", media, sheets.to_xlsx(table, run.currency, titles(ask.words, table.columns), words))


def titles(words: Words, columns: Sequence[str]) -> dict[str, str]:
    """Heads of a sheet: a column of codes says that it is one, and the words beside it have the plain head."""
    told = {name: words(f"col_{name}") for name in (*columns, "currency") if not name.endswith(sheets.SAID)}
    codes = [name for name in said(words) if name in told]
    return {**told, **{name + sheets.SAID: told[name] for name in codes}, **{name: f"{told[name]} ({words('col_code')})" for name in codes}}


def said(words: Words) -> dict[str, Callable[[str], str]]:
    """What turns the codes of the table into the words of the page, by column."""
    return {
        **{name: partial(words.code, name) for name in ("action", "reason", "state")},
        "own_state": partial(words.code, "state"),
        "evidence": partial(words.code, "grade"),
        GUARD: lambda text: words.held(*text.split(" ")),
        "binding_rules": lambda names: ", ".join(words.rule(name) for name in names.split(";") if name),
    }


def keep(ask: Ask) -> Done:
    given: Keep = ask.given
    name = given.name.strip()
    if not 0 < len(name) <= 80:
        raise UsageError("a view needs a name of at most 80 letters", hint="write one")
    query = query_of(wanted_of(given.query))
    handle = ask.desk.accounts.kept.put(VIEW, ask.who.name, name, query, ask.at)
    return Done("said_view_kept", f"/prices?{query}", {"name": name, "handle": handle})


def drop(ask: Ask) -> Done:
    gone = ask.desk.accounts.kept.drop(VIEW, ask.who.name, ask.given.handle)
    if not gone:
        raise Refused(404, "unknown_choice", "there is no such view", "it may be gone already")
    return Done("said_view_gone", "/prices", {})


ROUTES = (
    page("prices", "/prices", show, Prices, asks=Wanted, parts=("rows",)),
    Route("prices.every", "GET", "/prices/every", "read", every, Wanted, Every, "prices_every.html", "prices"),
    Route("prices.export", "GET", "/prices/export", "read", export, Taken),
    act("prices.accept", "/prices/accept", "approve", accept, Answered),
    act("prices.reject", "/prices/reject", "approve", reject, Answered),
    act("prices.withdraw", "/prices/withdraw", "approve", withdraw, Answered),
    act("prices.keep", "/prices/views", "draft", keep, Keep),
    act("prices.drop", "/prices/views/drop", "draft", drop, Drop),
)
