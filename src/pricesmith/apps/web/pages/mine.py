"""Prices of one's own in place of those of a run: of one product, of many by a share or at one price, or those of earlier runs again.
Somebody else approves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from urllib.parse import quote, urlencode

import msgspec
import numpy as np
import polars as pl

from pricesmith.apps.service.ask import Ask, Done
from pricesmith.apps.service.problem import Refused
from pricesmith.apps.service.route import Route, act
from pricesmith.apps.web import barred
from pricesmith.apps.web.addresses import address
from pricesmith.contracts.curves import Ints
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import format_minor
from pricesmith.contracts.shop import Key
from pricesmith.contracts.typed_amount import from_typed, two_ways
from pricesmith.flows.desk.approval.foreseen import holding
from pricesmith.flows.desk.forms import per_cent
from pricesmith.flows.desk.own_prices.bound import Asked as Together
from pricesmith.flows.desk.own_prices.bound import Bound
from pricesmith.flows.desk.own_prices.bound import bound as bound_of
from pricesmith.flows.desk.own_prices.bulk import STOPPED, SetTo, StoppedError, moved, set_to
from pricesmith.flows.desk.own_prices.own import own_of
from pricesmith.flows.desk.own_prices.replaced import replaced_rows
from pricesmith.flows.desk.own_prices.whole import EVERY, Left, barring, left_soon
from pricesmith.flows.desk.product.page import Asked, placed
from pricesmith.flows.desk.reading.ledger import KEY, QUICK, Run
from pricesmith.flows.publishing.answers.override import instead, override
from pricesmith.flows.publishing.answers.own_price import began_with, breaking, judged, settable, stands_already
from pricesmith.rules.together import at_one_price

from ._jobs import folder_of
from .person import inside
from .prices import Answered, keys_meant

NEAREST, NEAR = 6, 0.1
"""Allowed prices that are said, and how far from the wanted price, as a share of it, the nearest may be to be called near."""
UNMOVED = "reject what the run proposes for those that ask this price already: they then count at today's"
"""What to do where one price breaks a rule, as products that have it today are to move away from it."""
MOST = 2_000
"""Prices that one job sets: each is a word of its command."""


class Mine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A price of one's own, major units, in place of that of a run. anyway: 1 where it may go against what may give way."""

    run: str
    price: str
    why: str
    channel: str = ""
    region: str = ""
    anyway: str = ""


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Own prices that the newest run replaced are to be set again in it. count: those that were seen.

    anyway  also those that go against what may give way
    """

    run: str
    count: int | None = None
    anyway: bool = False
    back: str = "/"


def one(ask: Ask) -> Done:
    """A run of its own with this price. One that cannot be published is refused with the rule that forbids it, and what can."""
    given: Mine = ask.given
    run = ask.reading.run(given.run)
    key, _ = placed(run, ask.path["sku"], Asked(channel=given.channel, region=given.region))
    return set_price(ask, run, key, _price(given.price, run.currency), given.why, anyway=given.anyway == "1")


def set_price(ask: Ask, run: Run, key: Key, price: int, why: str, *, anyway: bool) -> Done:
    """The same for a price in minor units."""
    _publishable(ask, run, key, price, anyway)
    return _set(ask, run, {key: price}, {key: why}, partial(address, key._asdict()))


def many(ask: Ask) -> Done:
    """A new run in which each chosen product has the publishable price nearest to today's moved by a percentage, or exactly one price."""
    given: Answered = ask.given
    if given.price.strip() and given.percent.strip():
        raise UsageError("a percentage and a price are given", hint="leave one of them empty")
    if given.price.strip():
        return _at_one(ask, given)
    if not given.percent.strip():
        hint = "write by how many percent the chosen prices are to move, or the price that all of them are to have"
        raise UsageError("neither a percentage nor a price is given", hint=hint)
    run, percent = ask.reading.run(given.run), per_cent.typed(given.percent, "percent")
    try:
        found = moved(_decided(ask, run).decided, keys_meant(ask), percent / 100.0)
    except StoppedError as error:
        raise Refused(422, "not_publishable", barred.stopped(ask.words, error.names), STOPPED) from None
    whys = dict.fromkeys(found.prices, given.why)
    done = _set(ask, run, found.prices, whys, "/prices?reason=override&run={}".format, found.left)
    if not found.short:
        return done
    return replace(done, facts={**done.facts, "short": ask.words("said_short", count=found.short)})


def _at_one(ask: Ask, given: Answered) -> Done:
    """One price for each; products that cannot have it are left as they are and named."""
    run, keys = ask.reading.run(given.run), keys_meant(ask, unchanged=True)
    price, (decided, known), words = _price(given.price, run.currency), _decided(ask, run), ask.words
    found, said = set_to(decided, keys, price), f"{format_minor(price, run.currency)} {run.currency}"
    left = _not_set(ask, run, found)
    if not found.prices:
        raise Refused(422, "not_publishable", f"none of these products may be set to {said}", left or "look at them again")
    if found.against and not given.anyway:
        raise Refused(422, "goes_against", barred.against(words, said, found.against), "say that it is meant all the same")
    if (known.prices[_items(run, list(found.prices))] == price).all():
        raise Refused(422, "not_publishable", stands_already(said), "it is on the page Approvals")
    kept = [key for key, one in found.rest.items() if one.same]
    moves = bool(kept) and bool((known.prices[_items(run, kept)] != price).any())
    _together(ask, run, found.prices, UNMOVED if moves else "")
    done = _set(ask, run, found.prices, dict.fromkeys(found.prices, given.why), "/prices?reason=override&run={}".format, len(found.rest))
    return replace(done, facts={**done.facts, "unset": left}) if left else done


def _not_set(ask: Ask, run: Run, found: SetTo) -> str:
    """The first products that cannot have the price, each with why, and how many there are; "" where all can."""
    if not found.rest:
        return ""
    first = list(found.rest.items())[:NEAREST]
    names = {
        Key(*row[:3]): row[3]
        for row in run.decided.join(pl.DataFrame([key for key, _ in first], schema=KEY, orient="row"), on=KEY)
        .select(*KEY, "name")
        .iter_rows()
    }
    rows = [
        f"{barred.product_said(ask.words, names.get(key), key)}{ask.words('colon')}{barred.why_not(ask.words, one)}" for key, one in first
    ]
    return ask.words("said_not_set", names=ask.words("semicolon").join(rows), count=f"{len(found.rest):,}")


def again(ask: Ask) -> Done:
    """Those of the own prices that the newest run replaced against which nothing stands, each with its reason; the rest is named."""
    given: Again = ask.given
    run = ask.reading.run(given.run)
    _decided(ask, run)
    found = replaced_rows(ask.reading, run, ask.at)
    if given.count not in (None, len(found)):
        raise Refused(409, "changed", f"that is {len(found)} own prices now, not {given.count}", "look at them again")
    fine, rest = ([row for row in found if row.settable(given.anyway) is wanted] for wanted in (True, False))
    if not fine:
        raise UsageError("none of the own prices of before may be set again", hint="what stands against each is listed beside it")
    prices, whys = {row.key: row.price for row in fine}, {row.key: row.why for row in fine}
    done = _set(ask, run, prices, whys, "/runs/{}".format, len(rest))
    if not rest:
        return done
    products = [barred.product_said(ask.words, row.name, row.key) for row in rest[:NEAREST]]
    said = ask.words("said_not_again", names=ask.words("list_comma").join(products), count=len(rest))
    return replace(done, to=inside(given.back), facts={**done.facts, "unset": said})


def _set(ask: Ask, run: Run, prices: Mapping[Key, int], whys: Mapping[Key, str], to: Callable[[str], str], left: int = 0) -> Done:
    """The run with these prices is made at once, or by a job for each reason where the shop is large; `to` tells where a run is shown."""
    place, who = ask.reading.place, ask.who.name
    if not all(why.strip() for why in whys.values()):
        raise UsageError("a price of one's own needs a reason", hint="write the reason")
    if len(prices) > MOST and run.decided.height > QUICK:
        raise UsageError(f"{len(prices)} prices are more than the {MOST} that can be set at once", hint="take a narrower filter")
    _together(ask, run, prices)
    waits = _waits(ask, run, prices)
    if run.decided.height <= QUICK:
        made = override(place.book, run.name, prices, by=who, why=whys, at=ask.at, code=place.code)
        said = "said_override_one" if run.policy.approval.alone else "said_override"
        return Done(said, to(made.run), {"run": made.run, "count": len(prices), "left": left, **waits})
    jobs = []
    for why in dict.fromkeys(whys.values()):
        sets = [("--set", f"{'/'.join(key)}={format_minor(price, run.currency)}") for key, price in prices.items() if whys[key] == why]
        command = ["override", str(folder_of(ask.desk)), run.name, *chain.from_iterable(sets), "--by", who, "--why", why]
        jobs.append(ask.desk.jobs.begin("override", command, who).name)
    return Done("said_override_begun", to(run.name), {"job": ", ".join(jobs), "count": len(prices), "left": left, **waits})


def _waits(ask: Ask, run: Run, prices: Mapping[Key, int]) -> dict[str, str]:
    """What is said where own prices of these products wait already: the new ones do not take their place by themselves."""
    own = own_of(ask.reading, run, ask.at)
    runs = sorted({own[key].run for key in prices if key in own and own[key].state in ("open", "ready", "unreached")})
    return {"waits": ask.words("said_override_waits", runs=ask.words("list_comma").join(runs))} if runs else {}


def _price(text: str, currency: str) -> int:
    try:
        price = from_typed(text, currency)
    except ValueError:
        price = None
    if price is None or price < 1:
        ways = two_ways(text, currency)
        below = price is not None or text.strip().startswith(("-", "\N{MINUS SIGN}"))
        like = "a price is above 0" if below else "write it like 1199.90, 1199,90 or 1.199,90"
        hint = f"write {ways[0]} or {ways[1]}, whichever is meant" if len(ways) == 2 else like
        raise Refused(422, "bad_field", f"{text!r} is not a price", hint)
    return price


def _decided(ask: Ask, run: Run) -> Left:
    """What people left of the run, decided again. Raises Refused while it is being laid out."""
    left = left_soon(ask.reading, run.name, ask.at)
    if left is None:
        raise Refused(503, "not_ready", "the run is still being laid out", "try again in a minute", {"Retry-After": "20"})
    return left


def _publishable(ask: Ask, run: Run, key: Key, price: int, anyway: bool) -> None:
    """Raises Refused with the nearest prices that may be published; where the price may be set all the same, unless that is meant."""
    decided, known = _decided(ask, run)
    item, words = int(_items(run, [key])[0]), ask.words
    (verdict,), said = judged(decided, np.array([item]), np.array([price])), f"{format_minor(price, run.currency)} {run.currency}"
    if verdict.same:
        raise Refused(422, "not_publishable", began_with(said), instead(ask.reading.book, key, price))
    if price == known.prices[item]:
        raise Refused(422, "not_publishable", stands_already(said), "it is on the page Approvals")
    allowed = settable(decided, item, float(price), EVERY)
    if not allowed:
        raise Refused(422, "not_publishable", "no price of this product may be set", "see the limits of its rules")
    broken = dict(zip(allowed, barring(decided, known, item, allowed), strict=True))
    kept = _passing(ask, run, key, [one for one in allowed if not broken[one]])
    free = [one for one in kept if one != known.prices[item]]
    if verdict.barred:
        hint = _instead(allowed, kept, free, price, run.currency)
        raise Refused(422, "not_publishable", barred.forbidden(words, said, verdict.barred), hint)
    own = broken[price] if price in broken else barring(decided, known, item, [price])[0]
    if own:
        product = barred.product_said(words, decided.items["name"][item], key)
        alike = not any(one.quantity for one in own) and at_one_price(known, item).size > 1
        hint = barred.AT_ONE if alike else barred.instead(own, _near(free, price, run.currency))
        to = _bound(ask, run, key) if alike else ""
        raise Refused(422, "not_publishable", barred.together(words, said, product, own), hint, to=to)
    if verdict.against and not anyway:
        near = _near(free, price, run.currency)
        hint = f"say that it is meant all the same, or take one near it: {near}" if near else "say that it is meant all the same"
        raise Refused(422, "goes_against", barred.against(words, said, verdict.against), hint)


def _bound(ask: Ask, run: Run, key: Key) -> str:
    """Where the price that was typed is set for all products that have to have one price with this one."""
    given: Mine = ask.given
    asked = {"run": run.name, "channel": key.channel, "region": key.region, "price": given.price, "why": given.why}
    return f"/prices/bound/{quote(key.sku)}?{urlencode(asked)}"


def bound(ask: Ask) -> Bound:
    return bound_of(ask.reading, ask.path["sku"], ask.given, ask.at)


def _passing(ask: Ask, run: Run, key: Key, prices: list[int]) -> list[int]:
    """Those of the prices of a product that no guard is foreseen to hold; none before that is known."""
    product = run.decided.join(pl.DataFrame([key], schema=KEY, orient="row"), on=KEY, how="semi")
    held = holding(ask.reading, run, product, ask.at)
    stopped = None if held is None else held(prices)
    return [] if stopped is None else [one for one in prices if one not in stopped]


def _together(ask: Ask, run: Run, prices: Mapping[Key, int], hint: str = "") -> None:
    """Raises Refused, with the hint, where prices that each may be published break a rule over several products all at once."""
    decided, known = _decided(ask, run)
    broken = breaking(decided, known, _items(run, list(prices)), np.array([list(prices.values())], dtype=np.int64))[0]
    if broken:
        otherwise = "take a smaller move, fewer products, or all those that the rule binds together; or change it on the page Rules"
        raise Refused(422, "not_publishable", barred.many(ask.words, len(prices), broken), hint or otherwise)


def _items(run: Run, keys: Sequence[Key]) -> Ints:
    """(m,) numbers of the items of these products."""
    wanted = pl.DataFrame(keys, schema=KEY, orient="row")
    return wanted.join(run.decided.select(*KEY, "item"), on=KEY, how="left", maintain_order="left")["item"].cast(pl.Int64).to_numpy()


def _near(allowed: list[int], price: int, currency: str) -> str:
    """The nearest of some prices, ascending."""
    return ", ".join(format_minor(one, currency) for one in sorted(sorted(allowed, key=lambda one: abs(one - price))[:NEAREST]))


def _instead(allowed: list[int], kept: list[int], free: list[int], price: int, currency: str) -> str:
    """The nearest prices that may be set; where none is near, the range of them.

    allowed  by the rules on the product alone;  kept: those of them that rules over several products allow too and no guard is foreseen to
             hold;  free: without the one that is proposed already
    """
    if not free:
        return "no other price of this product passes all rules beside the run's other prices, and all guards: its page says why"
    if min(abs(one - price) for one in free) <= NEAR * price:
        return f"Publishable near it: {_near(free, price, currency)}"
    low, high, least, most = (format_minor(one, currency) for one in (kept[0], kept[-1], allowed[0], allowed[-1]))
    if (low, high) == (least, most):
        return f"lowest allowed: {low}, highest: {high}"
    return f"lowest that all rules and guards let pass: {low}, highest: {high}; by the rules on this product alone: {least} to {most}"


ROUTES = (
    Route("prices.bound", "GET", "/prices/bound/{sku:path}", "read", bound, Together, Bound, "prices_bound.html", "prices"),
    act("product.override", "/products/{sku:path}", "draft", one, Mine),
    act("prices.override", "/prices/override", "draft", many, Answered),
    act("prices.again", "/prices/again", "draft", again, Again),
)
