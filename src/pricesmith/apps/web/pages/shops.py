"""The page Shops: where prices go; admins connect a shop, change one, or have a feed made that is one."""

from __future__ import annotations

import msgspec

from pricesmith.apps.service.ask import Ask, Done, File
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.flows.desk.connecting import feeds, removing, respelling, starting_from, stores
from pricesmith.flows.desk.connecting import page as connecting
from pricesmith.flows.desk.connecting.feeds import Signs
from pricesmith.flows.desk.connecting.page import Asked, Shops
from pricesmith.flows.desk.connecting.stores import Files, Store

from ._sure import confirmed


class Page(Shops, frozen=True):
    """The page Shops. lacking: channels and regions of the newest price list that no shop takes, which one act gives a file each."""

    lacking: list[Store] = []


class Sure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """sure: a person has ticked that it is meant;  count: prices that were seen to wait"""

    sure: bool = False
    count: int | None = None


def show(ask: Ask) -> Page:
    return _page(ask, connecting.shops(ask.reading, ask.given))


def try_out(ask: Ask) -> Page:
    """Reads the shop; writes nothing."""
    return _page(ask, connecting.try_out(ask.reading, ask.given))


def _page(ask: Ask, found: Shops) -> Page:
    return Page(**{name: getattr(found, name) for name in Shops.__struct_fields__}, lacking=stores.lacking(ask.reading))


def connect(ask: Ask) -> Done:
    name, count = ask.given.name.strip(), connecting.save(ask.reading, ask.given, by=ask.who.name, at=ask.at)
    return Done("said_connected", "/shops", {"shop": name, "count": count})


def make(ask: Ask) -> Done:
    """A feed is made, then connected as any other shop."""
    made, left_out = connecting.make_feed(ask.reading, ask.given, by=ask.who.name, at=ask.at)
    beside = {"left_out": ask.words("said_feed_doubted", count=f"{left_out:,}")} if left_out else {}
    return Done("said_feed_made", "/shops", {"shop": ask.given.name.strip(), "file": ask.given.url.strip(), "count": made, **beside})


def make_all(ask: Ask) -> Done:
    """A feed for every channel and region that no shop takes yet."""
    given: Files = ask.given
    count = len(stores.lacking(ask.reading))
    if given.count not in (None, count):
        raise Refused(409, "changed", f"{count} channels and regions have no shop now, not {given.count}", "look at them again")
    made = stores.make(ask.reading, given, by=ask.who.name, at=ask.at)
    beside = {"left_out": ask.words("said_feed_doubted", count=f"{made.left_out:,}")} if made.left_out else {}
    return Done("said_feeds_made", "/shops", {"files": made.files, "count": made.prices, **beside})


def start_from(ask: Ask) -> Done:
    """Its prices become today's prices of the product table."""
    taken = starting_from.take(ask.reading, ask.path["name"], at=ask.at)
    return Done("said_started_from", "/shops", {"shop": ask.path["name"], "count": taken.products, "moved": taken.moved})


def respell(ask: Ask) -> Done:
    """Its file is written anew with another separator and decimal mark."""
    name = ask.path["name"]
    count = respelling.respell(ask.reading, name, ask.given, by=ask.who.name, at=ask.at)
    return Done("said_respelled", "/shops", {"shop": name, "count": count})


def remove(ask: Ask) -> Done:
    """Its settings go, and what waits for it does not leave any more."""
    given: Sure = ask.given
    confirmed(given.sure)
    name = ask.path["name"]
    waiting = removing.removal(ask.reading, name).waiting
    if given.count not in (None, waiting):
        raise Refused(409, "changed", f"{waiting} prices wait now, not {given.count}", "look at them again")
    count = removing.remove(ask.reading, name, by=ask.who.name, at=ask.at)
    return Done("said_shop_removed", "/shops", {"shop": name, "count": count})


def feed(ask: Ask) -> File:
    name, data = feeds.feed_of(ask.reading, ask.path["name"])
    return File(name, "text/csv", data)


ROUTES = (
    Route("shops", "GET", "/shops", "read", show, Asked, Page, "shops.html", "shops"),
    Route("shops.again", "GET", "/shops/try", "read", show, Asked, Page, "shops.html", "shops"),
    Route("shops.try", "POST", "/shops/try", "admin", try_out, Asked, Page, "shops.html", "shops"),
    act("shops.connect", "/shops/connect", "admin", connect, Asked),
    act("shops.make_feed", "/shops/make-feed", "admin", make, Asked),
    act("shops.make_feeds", "/shops/make-feeds", "admin", make_all, Files),
    act("shops.start_from", "/shops/{name}/start-from", "admin", start_from),
    act("shops.remove", "/shops/{name}/remove", "admin", remove, Sure),
    act("shops.respell", "/shops/{name}/respell", "admin", respell, Signs),
    Route("shops.feed", "GET", "/shops/{name}/feed", "read", feed),
)
