"""What a guard will hold is told before anybody accepts it: by the verdict of the dry run, on every page that asks for an answer."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.flows.desk.approval.foreseen import known

from .feed import attested, feed, settings, state, told
from .place import SHOP, Place, post

pytestmark = pytest.mark.real  # long

USUAL, STEP = "max_step = 0.15 ", "max_step = 0.05 "


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = feed(tmp_path / "shop")
    settings(found, USUAL, STEP)
    return found


def held(desk: Place) -> list[tuple[str, str, str]]:
    rows = told(desk.client("admin"), "/prices?outlook=held&size=200")["rows"]
    return sorted((row["sku"], row["held"]["guard"], row["held"]["code"]) for row in rows)


def test_the_dry_run_holds_what_was_foretold_and_nothing_else(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before = held(desk)
    assert before and len(before) < state(anna, desk.run)["changes"]
    assert {code for _, _, code in before} == {"step"}
    attested(desk, anna, ben)
    for one in (anna, ben):
        post(one, f"/runs/{desk.run}/accept", sure="1", held="1")
    assert held(desk) == before, "accepting changes nothing of it"
    post(anna, f"/runs/{desk.run}/dry-run", to="web")
    rows = told(anna, f"/runs/{desk.run}/dry-run?to=web&verdict=held")["one"]["rows"]
    assert sorted((row["sku"], row["guard"], row["code"]) for row in rows) == before
    sizes = {row["sku"]: (row["against"], row["bound"], row["unit"], row["setting"]) for row in rows}
    for row in told(anna, "/prices?outlook=held&size=200")["rows"]:
        one = row["held"]
        assert (one["against"], one["bound"], one["unit"], one["setting"]) == sizes[row["sku"]]


def test_changes_that_no_guard_would_hold_are_found_by_themselves(desk: Place) -> None:
    anna, caught = desk.client("approver", "anna"), {sku for sku, _, _ in held(desk)}
    free = told(anna, "/prices?outlook=not_held&size=200")
    every = {row["sku"] for row in told(anna, "/prices?action=change&size=200")["rows"]}
    assert {row["sku"] for row in free["rows"]} == every - caught and free["choices"]["outlook"]["not_held"] == len(every - caught)
    page = anna.get("/prices?outlook=not_held", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert f'<option value="not_held" selected>not held by a guard ({len(every - caught)})</option>' in page
    settings(desk, STEP, USUAL)
    assert "not_held" not in told(anna, "/prices")["choices"]["outlook"], "nothing is held: all changes are meant"


@pytest.mark.parametrize(
    ("language", "would", "why"),
    [
        ("en", "would be held by a guard when published", "the price moves too far in one step"),
        ("zh", "发布时也会被护栏拦下", "单次调价幅度过大"),
    ],
)
def test_every_page_that_asks_for_an_answer_says_it(desk: Place, language: str, would: str, why: str) -> None:
    anna = desk.client("approver", "anna")
    first, count = held(desk)[0][0], len(held(desk))
    asks = {"Accept": "text/html", "Accept-Language": language}
    for address in ("/", "/prices", f"/runs/{desk.run}"):
        text = anna.get(address, headers=asks).text
        assert f"{count:,}" in text.split('id="foreseen"')[1].split("</p>")[0] and would in text and why in text, address
    every = anna.get(f"/prices/every?run={desk.run}", headers=asks).text
    assert would in every and told(anna, f"/prices/every?run={desk.run}")["leaving"]["aside"]["changes"] == count
    page = anna.get(f"/products/{first}", headers=asks).text
    assert 'id="held"' in page and why in page and "[guards] max_step" in page
    one = told(anna, f"/products/{first}")
    assert one["held"]["code"] == "step" and one["foreseen"]["changes"] == count
    free = next(row["sku"] for row in told(anna, "/prices?action=change&size=200")["rows"] if row["held"] is None)
    assert told(anna, f"/products/{free}")["held"] is None and 'id="held"' not in anna.get(f"/products/{free}", headers=asks).text


def test_the_table_filters_by_the_guard_and_its_reason_and_takes_it_along(desk: Place) -> None:
    anna, count = desk.client("approver", "anna"), len(held(desk))
    page = told(anna, "/prices?columns=name&columns=guard&guard=G3+step&size=200")
    assert page["found"] == count and {row["guard"] for row in page["rows"]} == {"G3 step"}
    assert page["choices"]["guard"] == {"G3 step": count} and page["choices"]["outlook"]["held"] == count
    assert told(anna, "/prices?guard=G2+above_ceiling")["found"] == 0
    file = anna.get("/prices/export?outlook=held&columns=guard&as=csv", headers={"Accept-Language": "en"}).text
    assert file.count("G3 largest move: the price moves too far in one step") == count
    assert "G3 largest move" in anna.get("/prices?columns=guard", headers={"Accept": "text/html"}).text


def test_it_follows_the_settings_and_what_was_sent_or_turned_down(desk: Place) -> None:
    anna, count = desk.client("approver", "anna"), len(held(desk))
    first = told(anna, "/prices?outlook=held&size=1")["rows"][0]
    post(anna, "/prices/reject", run=desk.run, why="no", products="\x1f".join(first[name] for name in ("sku", "channel", "region")))
    assert state(anna, desk.run)["foreseen"]["changes"] == count - 1, "what is rejected does not leave"
    settings(desk, STEP, "max_step = 0.5 ")
    assert state(anna, desk.run)["foreseen"] == {"changes": 0, "caught": [], "stops": [], "working": False, "failed": None}
    assert 'id="foreseen"' not in anna.get("/prices", headers={"Accept": "text/html"}).text


def test_it_is_worked_out_once_for_what_it_rests_on(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, asked = desk.desk.reading, []
    from pricesmith.flows.desk.approval import foreseen

    whole = foreseen.foretold
    monkeypatch.setattr(foreseen, "foretold", lambda *given: asked.append(1) or whole(*given))
    run, anna = reading.run(desk.run), desk.client("approver", "anna")
    first = known(reading, run, reading.now())
    told(anna, f"/runs/{desk.run}")
    count = len(asked)
    for address in ("/", "/prices", f"/runs/{desk.run}"):
        told(anna, address)
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    told(anna, "/prices")
    assert len(asked) == count > 0 and known(reading, run, reading.now()).stamp == first.stamp
    settings(desk, STEP, "max_step = 0.08 ")
    assert known(reading, run, reading.now()).stamp != first.stamp and len(asked) > count


def test_what_hangs_on_the_moment_is_not_foretold(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, "cost_hours = 24.0 ", "cost_hours = 0.000001 ")
    settings(desk, "dwell_minutes = 1e-7\n", "dwell_minutes = 99999\n")
    anna = desk.client("approver", "anna")
    post(anna, "/stop", why="a doubt")
    assert state(anna, desk.run)["foreseen"]["changes"] == 0


def test_every_guard_that_judges_the_price_is_asked_and_the_first_one_is_named(desk: Place) -> None:
    anna, changes = desk.client("approver", "anna"), state(desk.client("admin"), desk.run)["changes"]
    settings(desk, "[guards]\n", "[guards]\nmin_margin = 9.0\n")
    assert state(anna, desk.run)["foreseen"]["caught"] == [{"guard": "G1", "code": "below_floor", "count": changes}]


def test_it_is_told_before_a_shop_is_connected(desk: Place) -> None:
    count = len(held(desk))
    path = desk.folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(SHOP, ""), encoding="utf-8")
    one = state(desk.client("admin"), desk.run)
    assert (one["unreached"], one["shops"], one["foreseen"]["changes"]) == (one["changes"], [], count)


def test_a_move_counts_from_the_price_that_the_shop_was_last_seen_to_have(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    row = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    seen = {
        **{name: row[name] for name in ("sku", "channel", "region")}, "target": "web", "at": desk.desk.reading.now(),
        "price": 2 * row["price"], "currency": "EUR", "cause": "found", "intent": None,
    }  # fmt: skip
    desk.desk.reading.book.append(Act(seen["at"], "w", "settled", "web"), {"applied": pl.DataFrame([seen], schema=APPLIED.schema)})
    (one,) = told(desk.client("admin"), "/prices?outlook=held")["rows"]
    assert (one["sku"], one["held"]["code"], one["held"]["against"]) == (row["sku"], "step", 2.0 * row["price"])
