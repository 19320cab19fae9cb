"""A shop that is not connected yet, tried: its prices are read, and nothing is written into shop.toml or the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pricesmith.contracts.errors import DataError, PolicyError, ShopError
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Explains, Key, Reading, Unread
from pricesmith.contracts.tables import PRODUCTS
from pricesmith.flows import wiring
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.office import Office, desk, settings_of
from pricesmith.flows.publishing.sending.patience import asking
from pricesmith.flows.shop_toml import text_of
from pricesmith.rules import RULES

from .shop_section import text, with_section

SHOWN = 3
"""Examples of each kind."""
ABSENT = "absent"
"""Why the shop has no price of a product: it does not stand there. The others are codes of Unread."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Products of ours whose price could not be read. code: ABSENT or of Unread; examples: `sku`, or `sku: what stands there`."""

    code: str
    count: int
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What was read.

    desk            of the shop, under the settings with its section;  seen: its prices
    before, after   the text of shop.toml without and with the section, which is `section`
    products        our products of its channel and region, None where there is no list of them yet;  found: those that it has a price of
    missing         the others, the most frequent reason first
    others          prices there that are of no product of ours, with a few of their keys
    apart           found products whose price there is not today's price of the newest list;  of them: (product, there, in the list), minor
                    units; None for one that the list has no price of
    """

    desk: Desk
    seen: Mapping[Key, Reading]
    before: str
    after: str
    section: str
    products: int | None
    found: int
    missing: list[Missing]
    others: int
    examples: list[str]
    apart: int
    of_them: list[tuple[str, int, int | None]]


def tried(place: Office, name: str, settings: ShopPolicy, *, anew: bool = False) -> Trial:
    """Read every price of a shop that has no section yet, or (anew) as if its section said this.

    Raises PolicyError where the section cannot be, ShopError where the shop cannot be read or has no price at all.
    """
    where = str(place.folder / "shop.toml")
    if not name.strip():
        raise PolicyError("a shop needs a name", where=where, hint="a short one, such as web")
    before = text_of(place.folder)
    if not anew and name in parse_policy(before, RULES, where=where).shops:
        raise PolicyError(f"there is a shop {name!r} already", where=f"{where} $.shop.{name}", hint="edit it there, or choose another name")
    section = text(name, settings)
    after = with_section(before, name, section)
    place = replace(place, policy=parse_policy(after, RULES, where=where))
    at = desk(place, name)
    with asking(at) as shop:
        seen = shop.prices()
    unread = at.shop.unread() if isinstance(at.shop, Explains) else ()
    if not seen:
        raise _nothing(name, unread)
    settings = settings_of(at.policy, name)
    ours, today = products_of(place, settings), current_prices(place, settings) if at.our_money else {}
    keys = {key.sku for key in seen}
    lacking = [] if ours is None else [sku for sku in ours if sku not in keys]
    strangers = [] if ours is None else sorted(keys - set(ours))
    found = 0 if ours is None else len(ours) - len(lacking)
    there = {key.sku: one.price for key, one in seen.items() if one.currency == at.policy.currency}
    apart = [(sku, there[sku], price) for sku, price in today.items() if sku in there and there[sku] != price]
    return Trial(
        at, seen, before, after, section, None if ours is None else len(ours), found, missing(lacking, unread),
        len(strangers), strangers[:SHOWN], len(apart), apart[:SHOWN],
    )  # fmt: skip


def missing(skus: Sequence[str], unread: Sequence[Unread]) -> list[Missing]:
    """Products without a price there by the reason, the most frequent first."""
    told = {one.sku: one for one in unread}
    groups: dict[str, list[str]] = {}
    for sku in skus:
        one = told.get(sku)
        groups.setdefault(one.code if one else ABSENT, []).append(f"{sku}: {one.value[:40]}" if one and one.value else sku)
    found = [Missing(code, len(rows), rows[:SHOWN]) for code, rows in groups.items()]
    return sorted(found, key=lambda one: (-one.count, one.code))


def products_of(place: Office, settings: ShopPolicy) -> list[str] | None:
    """SKUs of the newest price list of a shop's channel and region; of the table of products before there is one; None without either."""
    rows = _newest(place, settings)
    if rows is not None:
        return rows["sku"].unique().sort().to_list()
    try:
        raw = wiring.source_of(place.folder).read(PRODUCTS)
    except DataError:
        return None
    if raw is None or isinstance(raw, LargeTable) or "sku" not in raw.frame.columns:
        return None
    return raw.frame["sku"].cast(pl.String).drop_nulls().unique().sort().to_list()


def current_prices(place: Office, settings: ShopPolicy) -> dict[str, int | None]:
    """Today's price of each product in the newest price list of a shop's channel and region, minor units; none where there is no list."""
    rows = _newest(place, settings)
    return {} if rows is None else dict(rows.select("sku", "current_price").sort("sku").iter_rows())


def _newest(place: Office, settings: ShopPolicy) -> pl.DataFrame | None:
    """Rows DECIDED of the newest price list in a shop's channel and region; None where there is no list."""
    runs = made(place.book.read("runs"), place.book.read("audit", {"act": [AGAIN]})).filter(pl.col("kind") == "price")
    if runs.is_empty():
        return None
    here = (pl.col("channel") == settings.channel) & (pl.col("region") == settings.region)
    return place.book.read("decided", {"run": [runs["run"][-1]]}).filter(here)


def _nothing(name: str, unread: Sequence[Unread]) -> ShopError:
    """Why there is no price at all, by the first thing that stands there."""
    if unread:
        what = f"none of its {len(unread)} prices could be read; the first, of {unread[0].sku}, says {unread[0].value!r}"
        return ShopError(what, where=name, hint="name the column of the price, and say how its numbers and its currency are written")
    hint = "look at its address, its columns, and how its numbers are written (with a decimal point); nothing was written"
    return ShopError("no price could be read from the shop", where=name, hint=hint)
