"""The page of one product: what is known of it, its certificate, and a price of one's own."""

from __future__ import annotations

import json

import msgspec

from pricesmith.apps.service.ask import Ask, Done, File
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.contracts.money import format_minor, to_minor
from pricesmith.contracts.shop import Key
from pricesmith.flows import wiring
from pricesmith.flows.desk.nearest import around
from pricesmith.flows.desk.product import Asked, Product, placed, product
from pricesmith.flows.desk.reading import QUICK, Run
from pricesmith.flows.publishing.certificate import certify
from pricesmith.flows.publishing.override import override

from .prices import address_of


class Mine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A price of one's own, major units, in place of that of a run."""

    run: str
    price: str
    why: str
    channel: str = ""
    region: str = ""


def show(ask: Ask) -> Product:
    return product(ask.reading, ask.path["sku"], ask.given, ask.at)


def certificate(ask: Ask) -> File:
    """The signed certificate of the price."""
    run, key = _meant(ask)
    document = certify(ask.reading.book, run.name, key, wiring.signer_of(ask.reading.folder), ask.at)
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return File(f"{key.sku} {run.name}.json".replace("/", "_"), "application/json", text.encode())


def _meant(ask: Ask) -> tuple[Run, Key]:
    run = ask.reading.run(ask.given.run or ask.reading.latest() or "")
    return run, placed(run, ask.path["sku"], Asked(channel=ask.given.channel, region=ask.given.region))[0]


def mine(ask: Ask) -> Done:
    """A price that a person typed."""
    run, key = _meant(ask)
    return set_price(ask, run, key, _price(ask.given.price, run.currency), ask.given.why)


def set_price(ask: Ask, run: Run, key: Key, price: int, why: str) -> Done:
    """A new run with this price, which somebody else approves. A price that cannot be published is refused with those nearest to it.

    price  minor units
    """
    _publishable(ask, run, key, price)
    place = ask.reading.place
    if run.decided.height > QUICK:
        words = ["override", str(ask.reading.folder), run.name, "--set", f"{'/'.join(key)}={format_minor(price, run.currency)}"]
        job = ask.desk.jobs.begin("override", [*words, "--by", ask.who.name, "--why", why], ask.who.name)
        return Done("said_override_begun", address_of(key, run.name), {"job": job.name})
    made = override(place.book, run.name, {key: price}, by=ask.who.name, why=why, at=ask.at, code=place.code)
    return Done("said_override", address_of(key, made.run), {"run": made.run, "count": 1})


def _price(text: str, currency: str) -> int:
    try:
        price = to_minor(float(text.replace(",", ".")), currency)
    except ValueError:
        price = None
    if price is None or price < 1:
        raise Refused(422, "bad_field", f"{text!r} is not a price", "write it like 12.99")
    return price


def _publishable(ask: Ask, run: Run, key: Key, price: int) -> None:
    """Raises Refused with the nearest prices that may be published."""
    again = ask.reading.replayed_soon(run.name)
    if again is None:
        return
    numbers = {row: number for number, row in enumerate(again.decided.items.select("sku", "channel", "region").iter_rows())}
    near = around(again.decided, numbers[tuple(key)], float(price))
    if price not in near:
        shown = ", ".join(format_minor(one, run.currency) for one in near)
        hint = f"near it: {shown}" if near else "no price of this product may be changed: see the limits of its rules"
        raise Refused(422, "not_publishable", f"{format_minor(price, run.currency)} {run.currency} cannot be published", hint)


ROUTES = (
    Route("product", "GET", "/products/{sku:path}", "read", show, Asked, Product, "product.html", "prices"),
    Route("product.certificate", "GET", "/certificates/{sku:path}", "read", certificate, Asked),
    act("product.override", "/products/{sku:path}", "draft", mine, Mine),
)
