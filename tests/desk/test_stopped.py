"""What is stopped stays: a shop, a product, and prices that would go back."""

from __future__ import annotations

from pathlib import Path

import pytest

from .feed import attested, feed, prices, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_a_stopped_shop_gets_nothing(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    post(anna, "/stop", why="a doubt")
    assert state(anna, desk.run)["stops"][0]["by"] == "anna"
    before = prices(desk)
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    assert prices(desk) == before


def test_a_stopped_product_leaves_the_others_to_be_published(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    before = prices(desk)
    sku = told(anna, f"/prices?run={desk.run}&state=ready")["rows"][0]["sku"]
    post(anna, "/stop", scope="sku", name=sku, why="its label")
    assert f'action="{run}/publish"' in anna.get(run, headers={"Accept": "text/html"}).text
    post(anna, f"{run}/publish", to="web", sure="1")
    after = prices(desk)
    assert after != before and after[sku] == before[sku]
    post(anna, "/stop", scope="target", name="web")
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert f'action="{run}/publish"' not in page and "Publishing is stopped: shop web." in page


def test_stopped_products_are_counted_apart(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    skus = [row["sku"] for row in told(anna, f"/prices?run={desk.run}&state=ready")["rows"]]
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "stopped, and stay" not in page
    post(anna, "/stop", scope="sku", name=skus[0])
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["ready"], shop["stopped"]) == (len(skus) - 1, 1)
    for sku in skus[1:]:
        post(anna, "/stop", scope="sku", name=sku)
    assert state(anna, desk.run)["shops"][0]["ready"] == 0
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "stopped, and stay until two people release them:" in page
    assert f'action="{run}/publish"' not in page and "Every product that is ready is stopped." in page


def test_a_stop_that_forbids_it_is_said_where_prices_would_go_back(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    offer, refusal = f'action="{run}/undo"', "Prices cannot go back either: stopped is"

    def page(place: str = "") -> str:
        return anna.get(run + place, headers={"Accept": "text/html"}).text

    assert offer in page()
    post(anna, "/stop", why="a doubt", let_undo="1")
    assert offer in page() and refusal not in page()
    post(anna, "/stop", why="a certainty")
    post(anna, "/stop", scope="target", name="web")
    assert offer not in page() and f"{refusal} everything, shop web" in page()
    assert refusal in page("/receipts")
