"""The nearest forbidden ending is told truly also where a rule that judges each price by itself forbids it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from pricesmith.apps.cli import story_text
from pricesmith.apps.report.words import Words
from pricesmith.contracts.curves import Flags, Ints
from pricesmith.contracts.rule import Context, Rule
from pricesmith.flows.desk.product import out_of_reach as module
from pricesmith.flows.desk.product.out_of_reach import Beyond, out_of_reach
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.what_if.replay import Again, again
from pricesmith.rules import RULES
from tests.desk.place import place

pytestmark = pytest.mark.real  # long


class NoDigit(Rule, frozen=True, kw_only=True, tag="no_digit"):
    """A price does not have one of the digits."""

    digit: int

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        has = np.char.find(prices.astype(str), f"{self.digit}") >= 0
        return ~has | ~self.selects(items)[:, np.newaxis]


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    with tempfile.TemporaryDirectory() as folder:
        yield place(Path(folder) / "shop").desk.reading


def under(reading: Reading, *more: Rule) -> Again:
    """The run with more rules."""
    run = reading.latest()
    assert run is not None
    stored = reading.replayed(run)
    policy = msgspec.structs.replace(stored.policy, rules=(*stored.policy.rules, *more))
    return again(reading, run, policy, stored.snapshot.items, {})


def told(found: Again, item: int, price: int) -> list[Beyond]:
    return out_of_reach(found.decided, found.decided.shop.snapshot, found.decided.shop.policy, item, price)


def priced(found: Again) -> list[tuple[int, int, int]]:
    """Item, price and current price of every product that is priced."""
    rows = found.decided.decisions.join(found.decided.items.select("sku", "channel", "region", "item"), on=["sku", "channel", "region"])
    return [(row["item"], row["price"], row["current_price"]) for row in rows.iter_rows(named=True) if row["action"] != "hold"]


MORE = [
    (NoDigit(digit=4),),
    (NoDigit(digit=3, hard=False), RULES["price_endings"](endings=(0.99,), hard=False)),  # type: ignore[call-arg]
    (NoDigit(digit=4), RULES["min_change"](step=0.06)),  # type: ignore[call-arg]
    (NoDigit(digit=4, where={"category": "none/*"}),),
]


@pytest.mark.parametrize("more", MORE, ids=["digit", "soft", "least change", "of others"])
def test_no_forbidden_ending_is_nearer_than_the_one_that_is_told(reading: Reading, more: tuple[Rule, ...]) -> None:
    found, ways = under(reading, *more), set()
    shop = found.decided.shop
    for item, price, now in priced(found):
        block, near = found.decided.opened(np.array([item])), told(found, item, price)
        rules = [one for one, let in zip(shop.policy.rules, block.allowed.dropped[:, 0], strict=True) if not let]
        every = np.array([one for one in range(1, 20_000) if one % 100 in (49, 99) and one != price])
        low, high = shop.bounds.low[:, item].max(), shop.bounds.high[:, item].min()
        fits = np.all([rule.admits(block.items, every[None, :], block.context)[0] for rule in rules], axis=0) | (every == now)
        forbidden = every[~(fits & (every >= low) & (every <= high))]
        for side, beyond in (("above", forbidden[forbidden > price]), ("below", forbidden[forbidden < price])):
            nearest = {int(beyond[np.abs(beyond - price).argmin()])} if beyond.size else set()
            assert {one.price for one in near if one.side == side} <= nearest, (item, side)
        for one in near:
            ways.add((one.bound, one.rule))
            assert (one.limit is None) == (one.bound == "refused")
    assert ("highest", "max_change") in ways
    refused = {rule for bound, rule in ways if bound == "refused"}
    assert refused == ({"no_digit"} if not more[0].where else set()) | (
        {"price_endings:2"} if len(more) > 1 and not more[0].hard else set()
    )


def test_nothing_is_said_on_a_side_with_too_many_to_ask(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    found, rows = under(reading, NoDigit(digit=4)), priced(under(reading, NoDigit(digit=4)))
    before = {item: told(found, item, price) for item, price, _ in rows}
    monkeypatch.setattr(module, "MOST", 0)
    after = {item: told(found, item, price) for item, price, _ in rows}
    assert any(one.bound == "refused" for told_ in before.values() for one in told_)
    for item, near in after.items():
        assert near == [one for one in before[item] if one in near] and not [one for one in near if one.bound == "refused"]
        sides = {one.side for one in before[item] if one.bound == "refused"}
        assert not sides & {one.side for one in near}, "a limit farther away is not the nearest"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "40.99, is not one that the rule allows (no digit)."), ("zh", "40.99：该规则不允许这一价格（no digit）。")],
)
def test_the_story_says_that_the_rule_refuses_it(language: str, said: str) -> None:
    one = {"side": "above", "price": 40.99, "bound": "refused", "rule": "no_digit", "limit": None}
    for side in ("above", "below"):
        assert story_text.beyond({**one, "side": side}, {"currency": "EUR"}, Words(language)).endswith(said)
