"""What one person accepted and a second one has to accept too is told in the same breath, with the limit that asks for it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.publishing import ApprovalPolicy
from pricesmith.flows.desk.approval.another import another
from pricesmith.flows.publishing.answers.approval import Size, needs
from tests.desk.place import Place, place, post

KEY = ["sku", "channel", "region"]
HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def limited(desk: Place, old: str, new: str) -> int:
    """Set a limit; how many changes the run has."""
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return desk.desk.reading.run(desk.run).changes.height


@pytest.mark.parametrize(
    ("old", "new", "why", "en", "zh"),
    [
        ("two_people_products = 500", "two_people_products = 2", "large_run", "and more than 2 need two people", "超过 2 种须两人审批"),
        ("two_people_move = 0.20 ", "two_people_move = 0.0001 ", "large_move", "move by more than 0.01 %", "的幅度超过 0.01%"),
    ],
)
def test_what_waits_for_another_person_is_said_with_the_limit(desk: Place, old: str, new: str, why: str, en: str, zh: str) -> None:
    count, run = limited(desk, old, new), f"/runs/{desk.run}"
    ben, carl = desk.client("approver", "ben"), desk.client("approver", "carl")
    told = post(ben, f"{run}/accept?format=json", sure="1").json()
    assert told["another"] == count == told["count"]
    assert f"{count} of these stay “to be approved” until another person accepts them too" in told["second"] and en in told["second"]
    assert ("smaller largest change" in told["second"]) == (why == "large_move")
    reading = desk.desk.reading
    found = another(reading, reading.run(desk.run), reading.now())
    assert (found.changes, found.whys) == (count, {why: count})
    post(ben, f"{run}/withdraw", sure="1")
    ben.headers["Accept-Language"] = "zh"
    done = post(ben, f"{run}/accept", sure="1")
    shown = html.unescape(re.sub(r"<[^>]*>", "", ben.get(done.headers["location"], headers=HTML).text))
    assert zh in shown and "请另一位有审批权限的人登录" in shown
    last = post(carl, f"{run}/accept?format=json", sure="1").json()
    assert "second" not in last and "another" not in last


def test_some_prices_alone_are_told_too_and_one_person_is_enough_for_the_rest(desk: Place) -> None:
    moves = desk.desk.reading.run(desk.run).changes
    limited(desk, "two_people_move = 0.20 ", f"two_people_move = {moves['move'].abs().median()} ")
    median = moves["move"].abs().median()
    large, small = (moves.filter(one).select(KEY).row(0) for one in (pl.col("move").abs() > median, pl.col("move").abs() < median))
    ben = desk.client("approver", "ben")
    told = post(ben, "/prices/accept?format=json", run=desk.run, products="\x1f".join(large)).json()
    assert told["another"] == 1 and "1 of these" in told["second"]
    assert "second" not in post(ben, "/prices/accept?format=json", run=desk.run, products="\x1f".join(small)).json()
    assert "second" not in post(ben, "/prices/reject?format=json", run=desk.run, products="\x1f".join(large), why="no").json()


def test_where_people_have_no_accounts_the_other_one_says_a_name(desk: Place) -> None:
    limited(desk, "two_people_products = 500", "two_people_products = 1")
    someone = desk.client()
    post(someone, "/name", name="Ann")
    told = post(someone, f"/runs/{desk.run}/accept?format=json", sure="1").json()
    assert "says their name in the menu at the top right" in told["second"]


def stores(products: int, places: int) -> pl.DataFrame:
    rows = [(f"p{one}", f"s{place}", "", "change", 105, 100) for one in range(products) for place in range(places)]
    return pl.DataFrame(rows, schema=["sku", "channel", "region", "action", "price", "current_price"], orient="row")


def test_a_product_counts_once_in_however_many_stores() -> None:
    policy = ApprovalPolicy(alone=True)
    assert set(needs(stores(11, 71), policy)) == {1}, "781 prices of 11 products"
    assert set(needs(stores(500, 2), policy)) == {1}
    assert set(needs(stores(501, 1), policy)) == {2}, "the limit itself stays"
    assert set(needs(stores(1, 3), policy, size=Size(3, 501))) == {2}, "of a part the whole run counts"


def test_what_needs_nobody_is_counted_by_prices() -> None:
    policy = ApprovalPolicy(automatic_move=0.1, automatic_products=20)
    assert set(needs(stores(10, 2), policy)) == {0}
    assert set(needs(stores(7, 3), policy)) == {1}


def test_a_large_move_needs_two_in_every_store() -> None:
    table = stores(2, 2).with_columns(price=pl.Series([105, 121, 105, 79]))
    assert needs(table, ApprovalPolicy()).to_list() == [1, 2, 1, 2]
