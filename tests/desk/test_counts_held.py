"""One number means one thing: what is foreseen to be held, what the dry run holds and what guards held when it was published."""

from __future__ import annotations

from pathlib import Path

import pytest

from .feed import attested, feed, settings, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = feed(tmp_path / "shop")
    settings(found, "[guards]\n", "[guards]\nceiling = 1.08\nratio_high = 1.05\nratio_low = 0.93\n")
    return found


def by_code(rows: list[dict[str, object]]) -> dict[str, object]:
    return {f"{row['guard']} {row['code']}": row["count"] for row in rows}


@pytest.mark.parametrize("dwell", ["1e-7", "99999"])
def test_the_dry_run_holds_as_many_as_foreseen_also_of_those_that_must_wait_first(desk: Place, dwell: str) -> None:
    settings(desk, "dwell_minutes = 1e-7\n", f"dwell_minutes = {dwell}\n")
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    foreseen = state(anna, desk.run)["foreseen"]
    assert len(foreseen["caught"]) == 2 and sum(row["count"] for row in foreseen["caught"]) == foreseen["changes"]
    attested(desk, anna, ben)
    for one in (anna, ben):
        post(one, f"/runs/{desk.run}/accept", sure="1", held="1")
    post(anna, f"/runs/{desk.run}/dry-run", to="web")
    dry = told(anna, f"/runs/{desk.run}/dry-run?to=web")["one"]
    assert dry["dry"]["counts"]["held"] == foreseen["changes"] and by_code(dry["caught"]) == by_code(foreseen["caught"])
    assert dwell == "1e-7" or "send" not in dry["dry"]["counts"], "G4 lets all of them wait, and comes before G7"


def test_the_alarms_count_each_change_once_for_each_guard_and_once_in_all(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    foreseen = state(anna, desk.run)["foreseen"]["changes"]
    attested(desk, anna, ben)
    for one in (anna, ben):
        post(one, f"/runs/{desk.run}/accept", sure="1", held="1")
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1", anyway="1")
    today = told(anna, "/")
    counts = [one["count"] for one in today["alarms"] if one["code"] == "guard" and not one["what"].startswith(("G5", "G11"))]
    assert today["caught"] == foreseen and sum(counts) > foreseen == max(counts), "G7 holds each of them, G2 some of them too"
    page = anna.get("/", headers={"Accept": "text/html"}).text
    assert f">{foreseen:,}<" in page.split('id="caught"')[1].split("</p>")[0] and "counted with each of them" in page
