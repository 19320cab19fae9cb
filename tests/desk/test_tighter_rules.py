"""A rule is tightened after a run was made: which of its prices it forbids is said wherever they are accepted, and they do not leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from .feed import attested, feed, prices, settings, state, told
from .place import Place, post

HTML = {"Accept": "text/html"}
OTHER = {
    "en": ("The rules in force are others than those that this run was made under", "made under other rules than those in force"),
    "zh": ("现行规则与本批次生成时的规则不同", "生成时的规则与现行规则不同"),
}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """The rule says 5 % now; the run was made at more, and the guards let that through."""
    found = feed(tmp_path / "shop")
    settings(found, "\nstep = 0.15", "\nstep = 0.05")
    return found


def forbidden(desk: Place) -> set[str]:
    rows = told(desk.client("admin"), "/prices?guard=G17+other_rules&size=200")["rows"]
    assert {(row["held"]["guard"], row["held"]["code"]) for row in rows} == {("G17", "other_rules")}
    assert all(abs(row["move"]) > 0.05 for row in rows)
    return {row["sku"] for row in rows}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_run_says_it_before_anybody_accepts(desk: Place, language: str) -> None:
    anna, first = desk.client("approver", "anna"), sorted(forbidden(desk))[0]
    run, said = OTHER[language], {**HTML, "Accept-Language": language}
    for address in ("/prices", f"/prices?run={desk.run}", f"/products/{first}?run={desk.run}", f"/runs/{desk.run}"):
        text = anna.get(address, headers=said).text
        assert run[0] in text and run[1] in text, address
    assert run[1] in anna.get("/approvals", headers=said).text
    assert told(anna, f"/products/{first}")["behind"] == told(anna, "/prices")["behind"] == {"newer": None, "rules": True}


def test_an_acceptance_says_it_and_one_of_many_leaves_them_aside(desk: Place) -> None:
    anna, far = desk.client("approver", "anna"), forbidden(desk)
    row = next(row for row in told(anna, "/prices?action=change&size=200")["rows"] if row["sku"] in far)
    key = "\x1f".join(row[name] for name in ("sku", "channel", "region"))
    post(anna, "/prices/accept", run=desk.run, products=key)
    page = anna.get("/prices", headers={**HTML, "Accept-Language": "en"}).text
    assert "Of these 1 would be held by a guard when published: G17 attestation: a rule in force forbids the price" in page
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    rows = told(anna, "/prices?action=change&size=200")["rows"]
    assert {one["sku"] for one in rows if one["state"] == "open"} == far - {row["sku"]}


def test_what_the_rule_forbids_stays_in_the_shop_though_it_is_accepted(desk: Place) -> None:
    anna, ben, far = desk.client("approver", "anna"), desk.client("approver", "ben"), forbidden(desk)
    before = prices(desk)
    attested(desk, anna, ben)
    for one in (anna, ben):
        post(one, f"/runs/{desk.run}/accept", sure="1", held="1")
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 422, "it is said once more, before anything leaves"
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1", anyway="1").status_code == 303
    after = prices(desk)
    moved = {sku for sku, price in before.items() if after[sku] != price}
    assert moved and not moved & far
    assert state(anna, desk.run)["states"]["held"] == len(far)
