"""Today: what the last run proposes and is worth, what needs a person, what is wrong, and what is old."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.became import Part, coming, part_of, parts
from pricesmith.flows.desk.approval.foreseen import Foreseen, foreseen
from pricesmith.flows.desk.approval.left_apart import Apart, apart
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.approval.turned_down import UNDECIDED, turned_down
from pricesmith.flows.desk.connecting.start_prices import Started, started
from pricesmith.flows.desk.data.page import Notice
from pricesmith.flows.desk.models.said_against import Covered, covered
from pricesmith.flows.desk.outcome.hindsight import Hindsight, hindsight
from pricesmith.flows.desk.own_prices.own import own_prices
from pricesmith.flows.desk.own_prices.replaced import Replaced, replaced
from pricesmith.flows.desk.prices.because import Because, because
from pricesmith.flows.desk.prices.counts import Counted, counted, keys
from pricesmith.flows.desk.prices.dear import Far, far
from pricesmith.flows.desk.prices.ends import kept_otherwise
from pricesmith.flows.desk.prices.table import AT_A_LOSS, LOSES, MAY_LOSE, OUTSIDE
from pricesmith.flows.desk.product.why import shared
from pricesmith.flows.desk.publishing.ever import came
from pricesmith.flows.desk.publishing.live import live, live_by_hand, unsent
from pricesmith.flows.desk.publishing.since import InShop, in_shop
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.rules.caution import Borrowed, borrowed
from pricesmith.flows.desk.runs.in_force import changed_since, files_since
from pricesmith.flows.desk.runs.makings import Making, making
from pricesmith.flows.desk.runs.sums import Certificate, Total
from pricesmith.flows.desk.runs.two_runs import run_before
from pricesmith.preparation.list_share import doubted

from .ages import SALES_DAYS, Age, ages, last_row, sold
from .alarms import CHANGE, Alarm, aged, alarms, lately_caught
from .elder import Elder, elder
from .largest import Largest, largest
from .outlook import Outlook, outlook
from .paid import Paid, paid
from .silence import silent_since
from .told_by_data import told_by_data
from .unexplained import Unexplained, unexplained

MOVES, EXAMPLES = 8, 3
ROOM = ("makes_room", "profit_up")
"""Reasons of a change that loses profit by itself to make room for others; the second one as earlier versions wrote it."""


class Move(msgspec.Struct, frozen=True):
    """One proposed change. Prices in minor units; profit a day in major units, the effect on related products counted.

    because  what sets it apart, where its reason alone is that it is better, or that today's price breaks a limit
    in_shop  what the shop has now and the run could not know
    state    what became of it, of `standing.STATES`
    silent   the last day of which its last sales row tells, where that lies more than `coverage.GONE_DAYS` before the run
    """

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int
    price: int
    move: float
    profit_change: float | None
    profit_change_lo: float | None
    profit_change_hi: float | None
    reason: str
    evidence: str
    binding_rules: str
    because: Because | None = None
    in_shop: InShop | None = None
    state: str = "open"
    silent: dt.date | None = None


MOVED = Move.__struct_fields__[:-4]


class Held(msgspec.Struct, frozen=True):
    """Products whose price may not be set, by reason. examples: their keys in words

    rules  where no price is feasible: those that clash, joined by `;`;  rule: the first of them that clashes in no other row, else ""
    """

    reason: str
    rules: str
    count: int
    examples: list[str]
    rule: str = ""


class Worth(msgspec.Struct, frozen=True):
    """Sums of the shop a day, major units: profit today, its change with the 90 % interval; and the proved gap to the best (share).

    revenue, units  at today's prices, at the proposed ones, and the change as a share (None of nothing); revenue without tax and returns
    week            the change of profit in seven such days, with its interval
    ranges          profit, revenue and units that may come at today's prices: 90 % intervals; empty where the model cannot tell
    uncosted        products that revenue and units count and profit does not, for their cost is not known
    largest         how few of the changes bring most of what all bring; None where nearly all are needed
    """

    profit_today: float
    profit_change: float
    profit_change_lo: float
    profit_change_hi: float
    gap: float
    revenue: tuple[float, float, float | None]
    units: tuple[float, float, float | None]
    week: tuple[float, float, float]
    ranges: dict[str, tuple[float, float]]
    uncosted: int
    largest: Largest | None = None


class Loss(msgspec.Struct, frozen=True):
    """lost: of these products, expected at their prices, major units a day."""

    count: int = 0
    lost: float = 0.0


class Today(msgspec.Struct, frozen=True):
    """What a pricing manager sees first. `run` is empty before the first run; counts are of its products.

    making  when it was made, and whether pricing came to it again
    own_open, own_ready, own_unreached  of the prices that people set beside it
    rules_since  the rules, or other settings that decide prices, were changed since the run was made
    files_since  tables whose files were written after the run was made
    at_a_loss  products that are sold below cost and whose price stays: see Loss;  far: those whose cost is far above their price
    outside    prices that stay though they break a limit of their rules
    apart      rules that tie products to one another and that stay broken, as today's prices broke them
    losing     changes that are expected to lose profit by themselves;  making_room: those of them that make room under a shared limit
    mending    those of them that a rule between products asks for, as today's prices break it
    uncertain  changes that are not expected to lose, but may: their interval reaches below zero
    states     what became of the changes: one of `standing.STATES` -> its part
    coming     of the changes those that stand or can still come, where others were rejected, taken back, overtaken, held or given up
    came       one of the changes at least was in a shop at some time
    paid       what was sold lately in profit, at what was paid and at today's prices
    outlook    from the units that were sold lately to those expected at today's prices; empty where the model cannot tell
    lately     products that sold less in the latest weeks (or month) than the model can explain; None where luck alone would bring as many
    hindsight  what an earlier run foretold of the time since, against what was sold; None where no run's data ended earlier
    covered    the last test of the model found its 90 % intervals too narrow or wider than need be
    shared     names of the rules over several products, under which one price may make room for another
    own_live   prices that people set beside the run and that stand in a shop now: no part of what `worth` says
    foreseen   changes that a guard would hold as they are
    live       of the changes those that stand in a shop now, as far as the ledger knows: part of what `worth` says that the run brings
    live_same  of `live` those that stood there already when their turn came, so that nothing was sent
    borrowed   of the changes those that rest mostly on similar products
    doubted    products whose price here is likely that of small orders alone; see `preparation.list_share`
    keep_otherwise  of `keep` those whose price ends otherwise than a rule asks of new prices
    of         its products, and the prices that they have in all stores: other counts here are of prices
    overruled  prices of the product table that do not count, as customers paid others
    brief      current prices that were charged on the last days of sale alone, well below those of before
    silent     active products that were not sold for long and are priced all the same
    unbound    rules that follow competitors and bind no price, or not every price, as no offer counts
    replaced   own prices beside earlier runs in whose place it puts others
    caught     changes that guards held within a day, each once: `alarms` count it with each guard that held it
    turned_down  changes that nobody has accepted, of products that were rejected in an earlier run
    elder        prices of earlier runs that still leave
    earlier      the run of the whole shop before it, None where it is the first
    start      changes whose start price is not what a shop has now, though neither they nor prices set beside the run were sent there
    """

    run: str
    as_of: dt.date | None = None
    at: dt.datetime | None = None
    by: str = ""
    making: Making | None = None
    currency: str = ""
    horizon_days: int = 0
    cost_assumed: bool = False
    last_sale: dt.date | None = None
    last_sale_end: dt.date | None = None
    sales_old: bool = False
    rules_since: bool = False
    files_since: list[str] = []
    worth: Worth | None = None
    paid: Paid | None = None
    outlook: Outlook | None = None
    lately: Unexplained | None = None
    hindsight: Hindsight | None = None
    covered: Covered | None = None
    up: int = 0
    down: int = 0
    keep: int = 0
    hold: int = 0
    losing: Part | None = None
    at_a_loss: Loss = Loss()
    far: Far = Far()
    outside: int = 0
    apart: list[Apart] = []
    making_room: int = 0
    mending: int = 0
    uncertain: int = 0
    open: int = 0
    two_people: int = 0
    ready: int = 0
    unreached: int = 0
    own_open: int = 0
    own_ready: int = 0
    own_unreached: int = 0
    states: dict[str, Part] = {}
    coming: Part | None = None
    came: bool = False
    live: Part | None = None
    live_same: int = 0
    own_live: Part | None = None
    moves: list[Move] = []
    held: list[Held] = []
    alarms: list[Alarm] = []
    ages: list[Age] = []
    shared: list[str] = []
    foreseen: Foreseen = Foreseen()
    borrowed: Borrowed | None = None
    doubted: int = 0
    keep_otherwise: int = 0
    of: Counted | None = None
    overruled: Notice | None = None
    brief: Notice | None = None
    silent: Notice | None = None
    unbound: list[Notice] = []
    caught: int = 0
    replaced: Replaced = Replaced()
    start: Started | None = None
    turned_down: int = 0
    elder: list[Elder] = []
    earlier: str | None = None


def moved(ends: tuple[float, float]) -> tuple[float, float, float | None]:
    """Both ends, and how far the second lies above the first, as a share."""
    return (*ends, ends[1] / ends[0] - 1.0 if ends[0] else None)


def today(reading: Reading, at: dt.datetime) -> Today:
    """The shop as its newest run leaves it."""
    name = reading.latest()
    if name is None:
        return Today("", alarms=alarms(reading, at))
    run = reading.run(name)
    sums, proof = reading.sums(name)
    decided, where = run.decided.select(*MOVED, "action", "cost_assumed"), standing(reading, run, at)
    change = decided.filter(pl.col("action") == "change")
    up = change.filter(pl.col("price") > pl.col("current_price")).height
    last_sale, until = sold(reading.shelf("last_sale").get(name, lambda one: last_row(reading.replayed(one).snapshot)), at)
    made, kinds, sales_old = reading.last_made(name), ages(reading, run, at), (at.date() - until).days > SALES_DAYS
    losing, below = change.filter(LOSES), run.decided.filter(AT_A_LOSS)["expected_profit"]
    here, by_hand = live(reading, run, at), live_by_hand(reading, run, at)
    ours = pl.concat([here.select(KEY), by_hand.select(KEY)])
    states, waiting, own = parts(where, change), where.filter(pl.col("state") == "open"), own_prices(reading, run, at)
    return Today(
        run=name, earlier=run_before(reading, name), as_of=run.as_of, at=made["at"], by=made["by"], making=making(reading, name),
        currency=run.currency, horizon_days=run.policy.horizon_days,
        cost_assumed=run.policy.data.cost_assumed or bool((decided["cost_assumed"].fill_null(0) == 1).any()),
        last_sale=last_sale, last_sale_end=until, sales_old=sales_old, rules_since=changed_since(reading, name),
        files_since=files_since(reading, name), lately=unexplained(reading, name),
        worth=worth_of(sums, proof, run.decided),
        outlook=outlook(reading, name), paid=paid(reading, name), hindsight=hindsight(reading, name), covered=covered(reading, run),
        up=up, down=change.height - up, keep=decided.filter(pl.col("action") == "keep").height,
        hold=decided.filter(pl.col("action") == "hold").height, losing=part_of(losing) if losing.height else None,
        making_room=losing.filter(pl.col("reason").is_in(ROOM)).height,
        mending=losing.filter(pl.col("reason") == "mends").height, uncertain=change.filter(MAY_LOSE).height,
        open=waiting.height, two_people=waiting.filter(pl.col("needs") == 2).height,
        ready=in_state(where, "ready"), unreached=in_state(where, "unreached"), own_open=in_state(own, "open"),
        own_ready=in_state(own, "ready"), own_unreached=in_state(own, "unreached"),
        states=states, coming=coming(states), came=not came(reading).filter(pl.col("run") == name).is_empty(),
        live=part_of(change.join(here, on=KEY, how="semi")),
        live_same=change.join(unsent(reading, run, at), on=KEY, how="semi").height,
        own_live=part_of(by_hand), moves=moves(reading, run, change, MOVES, at),
        held=held(decided), alarms=alarms(reading, at) + aged(sales_old, kinds), ages=kinds, shared=shared(run.policy.rules),
        foreseen=foreseen(reading, run, at), borrowed=borrowed(change, run.policy.rules),
        doubted=doubted(run.decided).height, keep_otherwise=kept_otherwise(run, run.decided).height,
        of=counted(run.decided), **told_by_data(reading)._asdict(),
        caught=lately_caught(reading, at).drop_nulls(KEY).select(CHANGE).n_unique(),
        replaced=replaced(reading, run, at), start=started(reading, run, at, ours),
        outside=run.decided.filter(OUTSIDE).height, apart=apart(reading, name),
        elder=elder(reading, name), at_a_loss=Loss(below.len(), -float(below.sum()) if below.len() else 0.0), far=far(run.decided),
        turned_down=where.filter(UNDECIDED).join(turned_down(reading, run), on=KEY, how="semi").height,
    )  # fmt: skip


def worth_of(sums: Total, proof: Certificate, decided: pl.DataFrame) -> Worth:
    """decided: of the run, laid out"""
    ends = (moved(sums.revenue), moved(sums.units))
    return Worth(
        sums.today, sums.change, sums.low, sums.high, proof.gap, *ends, sums.week, dict(sums.ranges), uncosted(decided), largest(decided)
    )


def uncosted(decided: pl.DataFrame) -> int:
    """Products that are expected to sell and whose cost is not known."""
    return decided.filter(pl.col("landed_cost").is_null() & (pl.col("current_price") > 0) & (pl.col("reason") != "inactive")).height


def in_state(table: pl.DataFrame, state: str) -> int:
    return table.filter(pl.col("state") == state).height


def moves(reading: Reading, run: Run, change: pl.DataFrame, count: int, at: dt.datetime) -> list[Move]:
    """The changes with the largest expected effect, whichever sign."""
    narrow = change.select("sku", "channel", "region", size=pl.col("profit_change").abs()).with_row_index("place")
    order = narrow.sort("size", "sku", "channel", "region", descending=[True, False, False, False], nulls_last=True)["place"]
    shown = change[order.head(count)].select(MOVED)
    own = run.decided.join(shown.select(KEY), on=KEY, how="semi")
    told, silent = because(reading, run.name, own), silent_since(run, own)
    now, states = in_shop(reading, run, shown, at), standing(reading, run, at).select(*KEY, "state")
    rows = shown.join(states, on=KEY, how="left", maintain_order="left").iter_rows(named=True)
    known = ((row, Key(row["sku"], row["channel"], row["region"])) for row in rows)
    return [Move(**row, because=told.get(key), in_shop=now.get(key), silent=silent.get(key)) for row, key in known]


def held(decided: pl.DataFrame) -> list[Held]:
    clash = pl.when(pl.col("reason") == "no_feasible_price").then("binding_rules").otherwise(pl.lit("")).fill_null("")
    rows = decided.filter(pl.col("action") == "hold").group_by("reason", clash.alias("rules")).agg(pl.len(), keys(decided).head(EXAMPLES))
    found = [Held(*row) for row in rows.sort("len", "reason", "rules", descending=[True, False, False]).iter_rows()]
    times = Counter(rule for one in found for rule in one.rules.split(";"))
    return [msgspec.structs.replace(one, rule=next((rule for rule in one.rules.split(";") if times[rule] == 1), "")) for one in found]
