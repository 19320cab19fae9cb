"""The first-run guide: a shop folder that is empty or not there yet becomes a shop, table by table, up to its first prices."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from pricesmith.contracts.encodings import ENCODINGS
from pricesmith.contracts.fees import FeesPolicy
from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.tables import INPUT, ORDERS, SALES
from pricesmith.flows import example_policy
from pricesmith.flows.desk.data.page import lacking
from pricesmith.flows.desk.data.spoiled import UNLISTED, spoiled
from pricesmith.flows.desk.data.unsaid import named, uncosted, untaxed
from pricesmith.flows.desk.imports import days, foreign, last_days, uploads
from pricesmith.flows.desk.imports.cost_columns import WAYS
from pricesmith.flows.desk.imports.dated import dated
from pricesmith.flows.desk.imports.matched import Match, Wanted, matched
from pricesmith.flows.desk.imports.sold_costs import SoldCosts, sold_costs
from pricesmith.flows.desk.reading.drawer import ROOM
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules.fees import fees
from pricesmith.flows.shop_toml import OPEN
from pricesmith.rules import RULES

from .chosen import Unkept, unkept
from .endings import Endings, current_prices, endings
from .places_apart import PlacesApart, places_apart
from .settings import Settings, offer_days, quoted, settings_of


class Expected(msgspec.Struct, frozen=True):
    """One column that a file of a table may have, from the definitions that check it. kind: a key of tables.KINDS."""

    column: str
    kind: str
    unit: str
    needed: bool
    meaning: str
    example: str


class Start(msgspec.Struct, frozen=True):
    """The guide. step: `tables`, `match`, `settings` or `price`: what comes next; `done` once there is a run.

    settled  somebody has said what the shop wants; until then nothing is priced
    expected  table -> the columns that its file may have
    dated    until then: what a sales row adds up by the dates of the table, `day`, `week`, `month`, or ""
    unkept   settings that were typed and cannot be kept
    untaxed  products that name no tax rate of their own;  uncosted: products whose cost nothing names
    endings  what the shop's prices end in, while the guide asks for it; None where that is not known
    spoiled  tables of which too many rows cannot be used;  unlisted: those of them whose rows are of products that no product table has
    totals   tables whose rows may total weeks or months
    sold_costs  what rows of sales or orders tell about costs; None where they tell none, or while a file is matched
    fees     what each channel takes, once the shop has said what it wants and until there is a run
    apart    how far prices of one product lie apart over stores, while the guide asks for it; None where there is one store
    offers   days for which prices of competitors count now;  offer_days: period of a row -> days that the guide writes with it; empty where
             somebody wrote others, which stay
    held_from  share by which a price may move before the guard G3 holds it when it is to be sent
    months   those of `dates` that write a month;  short: those whose years have two digits, 00 to 68 for 2000 to 2068, 69 to 99 for 1969 to
             1999
    named    column by which products may share a price -> products that have a value there
    """

    step: str
    given: list[str]
    lacking: list[str]
    waiting: list[uploads.Upload]
    match: Match | None
    settings: Settings
    settled: bool
    wanted: Wanted
    tables: list[str]
    currencies: list[str]
    expected: dict[str, list[Expected]]
    dated: str = ""
    untaxed: int = 0
    uncosted: int = 0
    endings: Endings | None = None
    named: dict[str, int] = {}
    unkept: Unkept | None = None
    spoiled: list[str] = []
    sold_costs: SoldCosts | None = None
    fees: list[FeesPolicy] = []
    apart: PlacesApart | None = None
    unlisted: list[str] = []
    offers: int = 0
    offer_days: dict[str, int] = {}
    held_from: float = 0.0
    encodings: tuple[str, ...] = ENCODINGS
    delimiters: tuple[str, ...] = tuple(foreign.DELIMITERS)
    dates: tuple[str, ...] = tuple(days.DATES)
    months: tuple[str, ...] = tuple(days.MONTHS)
    short: tuple[str, ...] = tuple(days.SHORT)
    totals: tuple[str, ...] = last_days.TABLES
    cost_ways: tuple[str, ...] = WAYS


def starter(name: str) -> str:
    """The shop.toml of a new shop: the commented example, without what only fits the example, and marked as not answered yet."""
    text = example_policy.text(RULES).replace('name = "Example shop"', f"{OPEN}\nname = {quoted(name)}")
    return re.sub(r'(columns = \["min_price", "map_price", "rrp"\]\n)max_price = .*\nwhere = .*\n', r"\1", text)


def begin(folder: Path) -> bool:
    """Make a folder that is empty (but for data/) or not there yet a new shop. False where it is something else, which is left alone."""
    if folder.exists() and (not folder.is_dir() or any(file.name not in ("data", ROOM) for file in folder.iterdir())):
        return False
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "shop.toml").write_text(starter(folder.resolve().name), encoding="utf-8")
    return True


def start(reading: Reading, wanted: Wanted) -> Start:
    folder, policy = reading.folder, reading.policy
    given = [name for name in INPUT if uploads.files_of(folder, name)]
    if wanted.table == SALES.name and ORDERS.name in given and SALES.name not in given:
        wanted = msgspec.structs.replace(wanted, table=ORDERS.name)
    lacks = lacking(given)
    waiting = uploads.waiting(folder)
    match = matched(reading, wanted) if wanted.upload else None
    settled = reading.settled
    bad = {} if match else spoiled(reading, given)
    first = "tables" if lacks or bad else "settings" if not settled else "price" if reading.latest() is None else "done"
    step = "match" if match else first
    shown = dated(reading) if not settled and not match else ""
    settings = settings_of(policy)
    own = endings(reading, settings.endings, settled) if step in ("settings", "price") else None
    if own is not None and own.proposed and not settled:
        settings = msgspec.structs.replace(settings, endings=[one.ending for one in own.proposed])
    return Start(
        step, given, lacks, waiting, match, settings, settled, wanted, list(INPUT), sorted(EXPONENTS), expected(), shown,
        untaxed(reading), uncosted(reading), own, named(reading), unkept(reading, wanted.typed), list(bad),
        None if match else sold_costs(reading), fees(reading.policy.fees, current_prices(reading)["channel"]) if step == "price" else [],
        places_apart(reading, settings.step) if step in ("settings", "price") else None,
        [name for name, how in bad.items() if how == UNLISTED], policy.data.competitor_max_age_days, offer_days(policy),
        policy.guards.max_step,
    )  # fmt: skip


def expected() -> dict[str, list[Expected]]:
    """The columns of every table of a shop folder, the needed ones first."""
    told = {name: sorted(table.columns, key=lambda one: not one.required) for name, table in INPUT.items()}
    return {name: [Expected(c.name, c.kind, c.unit, c.required, c.description, c.example) for c in found] for name, found in told.items()}
