"""What became of each price that was to leave: taken back, replaced, changed by somebody else, or held by a guard."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED, Act

from .feed import attested, feed, settings, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_a_receipt_tells_what_became_of_the_price(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    came = [row for row in told(anna, f"{run}/receipts?fate=applied")["rows"] if row["stands"]]
    back, foreign, stays = came[:3]
    keys = {row["sku"]: "\x1f".join((row["sku"], row["channel"], row["region"])) for row in came[:3]}

    def offered() -> set[str]:
        page = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
        return {sku for sku, key in keys.items() if f'name="products" value="{key}"'.replace("\x1f", "&#31;") in page}

    assert offered() == set(keys)
    post(ben, f"{run}/undo", to="web", sure="1", chosen="1", products=keys[back["sku"]])
    applied = pl.DataFrame(
        [["web", foreign["sku"], foreign["channel"], foreign["region"], desk.desk.reading.now(), 9999, "EUR", "drift", None]],
        schema=APPLIED.schema, orient="row",
    )  # fmt: skip
    desk.desk.reading.book.append(Act(desk.desk.reading.now(), "w", "read_shop", "web: 1 prices"), {"applied": applied})
    rows = {row["sku"]: row for row in told(anna, f"{run}/receipts?kind=publish")["rows"]}
    found = {sku: (rows[sku]["fate"], rows[sku]["end_by"], rows[sku]["end_price"], rows[sku]["stands"]) for sku in keys}
    assert found == {
        back["sku"]: ("undone", "ben", back["before"], False),
        foreign["sku"]: ("changed", None, 9999, False),
        stays["sku"]: ("applied", None, None, True),
    }
    assert offered() == {stays["sku"]}
    page = anna.get(f"{run}/receipts?fate=undone", headers={"Accept": "text/html"}).text
    assert "taken back</span> <small>by ben," in page and page.count("<tr data-row>") == 1
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["fates"]["undone"], shop["fates"]["changed"], shop["now"]) == (1, 1, shop["arrived"] - 2)


@pytest.mark.parametrize(
    ("before", "after", "code", "unit", "said"),
    [
        ("max_step = 0.15", "max_step = 0.02", "step", "price", ("in the shop:", "lets through", "店铺现价：")),
        ("cost_hours = 24.0", "cost_hours = 0.0000001", "cost_stale", "hours", ("hours since the costs", "up to", "成本数据距今")),
    ],
)
def test_the_receipt_of_a_held_price_says_what_it_was_measured_by(
    desk: Place, before: str, after: str, code: str, unit: str, said: tuple[str, ...]
) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    settings(desk, before, after)
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1", held="1")
    post(anna, f"{run}/publish", to="web", sure="1", anyway="1")
    held = [row for row in told(anna, f"{run}/receipts?fate=held")["rows"] if row["code"] == code]
    assert held
    setting, _, limit = after.partition(" = ")
    for row in held:
        assert (row["unit"], row["setting"], row["detail"]) == (unit, setting, None)
        if unit == "price":
            assert row["against"] == row["read"] and abs(row["bound"] / row["read"] - 1) <= 0.02 < abs(row["price"] / row["read"] - 1)
        else:
            assert row["against"] > row["bound"] == float(limit)
    settings(desk, after, before)
    pages = [
        anna.get(f"{run}/receipts?fate=held", headers={"Accept": "text/html", "Accept-Language": language}).text
        for language in ("en", "zh")
    ]
    assert all(word in pages[0] for word in (*said[:2], f"[guards] {setting}")) and said[2] in pages[1]
    one = held[0]
    address = f"/products/{one['sku']}?channel={one['channel']}&region={one['region']}"
    (event,) = (event for event in told(anna, address)["events"] if event["code"] == "held")
    assert event["why"] is None and event["held"] == {name: one[name] for name in event["held"]} and event["held"]["code"] == code
    for language, words in (("en", said[:2]), ("zh", said[2:])):
        page = anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        head, _, history = page.partition('id="events"')
        assert 'id="held"' in head and f"{one['guard']}:{code}" not in page
        assert all(word in part for word in words for part in (head, history))
        row = next(row for row in history.split("<tr>") if f"{words[0]}" in row)
        assert {"en": "held by a guard, not sent", "zh": "被护栏拦下，未发送"}[language] in row
        assert f'<data value="{one["price"]}"' in row, "the price that was held, not none"
