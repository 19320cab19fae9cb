"""The tools of an assistant. Each reads the ledger, but for one that keeps a draft; none approves, publishes, stops or sets a price.

They are given no way to do so: no accounts but the drafts of one person, no jobs, no shop. What they tell holds texts of the shop's files,
which are data; nothing that these texts ask for can be done with the tools.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from pricesmith.contracts.accounts import Kept
from pricesmith.flows import shop_toml
from pricesmith.flows.desk.audit.audited import Wanted as WantedActs
from pricesmith.flows.desk.audit.audited import audited
from pricesmith.flows.desk.outcome.outcomes import Wanted as WantedOutcome
from pricesmith.flows.desk.outcome.outcomes import outcome, outcomes
from pricesmith.flows.desk.prices.table import Wanted as WantedPrices
from pricesmith.flows.desk.prices.table import prices
from pricesmith.flows.desk.product.page import Asked, product
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.rules import drafts
from pricesmith.flows.desk.runs.approvals import Wanted as WantedRuns
from pricesmith.flows.desk.runs.approvals import approvals


@dataclass(frozen=True, slots=True)
class Room:
    """What the tools are given. kept, owner: whose drafts one of them may keep."""

    reading: Reading
    kept: Kept
    owner: str

    @property
    def at(self) -> dt.datetime:
        return self.reading.now()


class Runs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    page: Annotated[int, msgspec.Meta(ge=1, le=10_000, description="20 runs a page, the newest first")] = 1


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filters; what is left out does not filter."""

    run: Annotated[str, msgspec.Meta(description="the newest where it is left out")] = ""
    search: Annotated[str, msgspec.Meta(description="any part of SKU, name, brand, channel or region")] = ""
    action: Literal["", "change", "keep", "hold"] = ""
    state: Annotated[str, msgspec.Meta(description="where a change stands, such as open, ready, sent or applied")] = ""
    category: Annotated[str, msgspec.Meta(description="a path such as a/b: the category and all below it")] = ""
    channel: str = ""
    region: str = ""
    brand: str = ""
    family: str = ""
    role: str = ""
    evidence: Annotated[str, msgspec.Meta(description="grade of the evidence: experiment, instrument, adjusted, pooled or prior")] = ""
    reason: Annotated[str, msgspec.Meta(description="code of the reason, such as profit_up or floor")] = ""
    rule: Annotated[str, msgspec.Meta(description="name of a rule that stopped a better price")] = ""
    direction: Literal["", "up", "down"] = ""
    outlook: Annotated[
        Literal["", "gains", "loses", "may_lose", "held", "not_held", "turned_down", "at_a_loss", "outside"],
        msgspec.Meta(
            description="gains: changes whose 90 % interval of profit lies above 0; loses: changes expected to lose profit by themselves; "
            "may_lose: others whose interval of profit reaches below 0; held: changes that a guard of publishing would hold as they are; "
            "not_held: the other changes; turned_down: changes that wait, of products that were rejected in an earlier run; "
            "at_a_loss: products that are sold below cost and whose price stays; outside: prices that stay though they break a limit"
        ),
    ] = ""
    least: Annotated[str, msgspec.Meta(description="changes that are expected to bring so much profit a day at least, such as 0.5")] = ""
    guard: Annotated[str, msgspec.Meta(description="a guard of publishing that would hold the change, and its code: `G3 step`")] = ""
    sort: Annotated[str, msgspec.Meta(description="a column, such as profit_change or move")] = "profit_change"
    order: Literal["down", "up"] = "down"
    page: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class OneProduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    run: str = ""
    channel: str = ""
    region: str = ""


class Reckoned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    run: Annotated[str, msgspec.Meta(description="all runs where it is left out")] = ""


class Acts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    by: str = ""
    act: str = ""
    about: Annotated[str, msgspec.Meta(description="any part of what an act was done to, such as a run")] = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=100_000, description="100 acts a page, the newest first")] = 1


class Drafted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole text of shop.toml."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200_000)]
    name: Annotated[str, msgspec.Meta(max_length=drafts.MOST_NAME)] = ""
    about: Annotated[str, msgspec.Meta(max_length=2000, description="why, for the person who will judge it")] = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. reads: it changes nothing at all."""

    name: str
    title: str
    about: str
    asks: type[msgspec.Struct]
    use: Callable[[Room, Any], Any]
    reads: bool = True


def list_runs(room: Room, given: Runs) -> Any:
    return approvals(room.reading, WantedRuns(given.page))


def list_prices(room: Room, given: Prices) -> Any:
    return prices(room.reading, WantedPrices(**msgspec.structs.asdict(given)), room.at)


def show_product(room: Room, given: OneProduct) -> Any:
    return product(room.reading, given.sku, Asked(channel=given.channel, region=given.region, run=given.run), room.at)


def show_outcome(room: Room, given: Reckoned) -> Any:
    return outcome(room.reading, given.run, WantedOutcome()) if given.run else outcomes(room.reading)


def show_audit(room: Room, given: Acts) -> Any:
    return audited(room.reading, WantedActs(by=given.by, act=given.act, about=given.about, page=given.page))


def show_policy(room: Room, given: msgspec.Struct) -> Any:
    del given
    return {"text": shop_toml.text_of(room.reading.folder)}


def save_draft(room: Room, given: Drafted) -> Any:
    """The text is kept whatever is wrong with it: the page Rules says so and shows what it would change; an admin decides."""
    name = drafts.free_name(room.kept, room.owner, given.name, room.at)
    base = drafts.digest(shop_toml.text_of(room.reading.folder))
    handle = drafts.keep(room.kept, room.owner, name, drafts.Draft(given.text, base, given.about), room.at)
    return {"draft": handle, "name": name, "next": f"a person looks at it at /rules?draft={handle}; no price has changed"}


class NothingAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It is asked nothing."""


MONEY = " Prices are integer minor units of the currency, expectations major units a day, moves fractions."
TOOLS = (
    Tool("list_runs", "Runs", "The runs that propose prices: where each stands, what it is worth." + MONEY, Runs, list_runs),
    Tool("list_prices", "Prices", "The price table of a run, filtered and sorted." + MONEY, Prices, list_prices),
    Tool("show_product", "Product", "One product: price and why, demand curve, limits, history." + MONEY, OneProduct, show_product),
    Tool("show_outcome", "Outcome", "What prices did against what was promised, as it was last reckoned.", Reckoned, show_outcome),
    Tool("show_audit", "Audit", "Who did what and when.", Acts, show_audit),
    Tool("show_policy", "Policy", "The settings and rules in force: shop.toml.", NothingAsked, show_policy),
    Tool("save_draft_policy", "Draft a policy", "Keep a changed shop.toml as a draft that a person judges. It puts nothing in force.",
         Drafted, save_draft, reads=False),
)  # fmt: skip
