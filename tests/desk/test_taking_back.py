"""Taking a run back at the desk while a wave of it is still to leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from .feed import QUIET, attested, feed, prices, state, told
from .place import Place, post


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """One change leaves first; the others wait for half an hour."""
    return feed(tmp_path / "shop", QUIET.replace("canary_minutes = 0", "canary_minutes = 30\ncanary_least = 1"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_has_not_left_yet_leaves_no_more(desk: Place, language: str) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    assert post(anna, f"{run}/accept", sure="1").status_code == 303
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    sent, came, left = shop["sent"], shop["now"], shop["waiting"]
    assert came > 0 and left > 0 and came + left == sent and prices(desk) != before
    shown = {"en": f"{left} of them have not been sent yet", "zh": f"其中 {left} 项尚未发布"}[language]
    assert shown in anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text

    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["now"], shop["waiting"], shop["undone"]) == (0, 0, came) and prices(desk) == before
    assert shop["fates"] == {"called_off": left, "undone": came}
    page = anna.get(f"{run}/receipts?fate=called_off", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert page.count({"en": "called off before it left", "zh": "发布前已取消"}[language]) > left
    assert {row["state"] for row in told(anna, "/prices?action=change&size=100")["rows"]} == {"undone"}


@pytest.mark.parametrize("address", ["/runs/{}", "/runs/{}/dry-run", "/runs/{}/receipts", "/api/v1/runs/{}/dry-runs", "/outcome/{}"])
def test_a_run_that_is_not_there_is_said_not_to_be(desk: Place, address: str) -> None:
    answer = desk.client("approver", "anna").get(address.format("20200101-00000000"), headers={"Accept": "application/json"})
    assert answer.status_code == 404 and "20200101-00000000" in answer.json()["detail"]
