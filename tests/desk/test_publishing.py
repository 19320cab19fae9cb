"""Two people bring prices into a shop that is a file, and take them back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricesmith.apps.service.jobs import Job
from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.flows.desk.publishing import sending

from .feed import attested, feed, prices, state, told
from .place import Place, post


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


@pytest.mark.real  # long
def test_from_the_proposal_to_the_shop_and_back(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    assert post(anna, f"{run}/accept", sure="1").headers["location"] == run
    waiting = state(anna, desk.run)
    assert [(row["approver"], row["holds"], row["products"]) for row in waiting["verdicts"]] == [("anna", True, 0)]
    assert waiting["shops"][0]["ready"] == waiting["changes"] > 0

    assert post(anna, f"{run}/dry-run", to="web").status_code == 303
    dry = told(anna, f"{run}/dry-run?to=web")["one"]
    assert sum(dry["dry"]["counts"].values()) == dry["found"] == waiting["changes"]
    assert prices(desk) == before

    assert post(anna, f"{run}/publish", to="web").status_code == 422
    assert prices(desk) == before
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    sent = told(anna, f"{run}/receipts")
    arrived = {row["sku"]: row["price"] for row in sent["rows"] if row["fate"] == "applied"}
    assert arrived
    assert prices(desk) == before | arrived
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["arrived"], shop["fates"]["applied"]) == (len(arrived), len(arrived))
    page = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
    assert all(sku in page for sku in arrived)

    today = told(anna, "/")
    worth = {row["sku"]: row["profit_change"] for row in desk.desk.reading.run(desk.run).changes.iter_rows(named=True)}
    assert today["live"]["count"] == len(arrived) and today["live"]["profit_change"] == pytest.approx(sum(worth[sku] for sku in arrived))
    page = anna.get("/", headers={"Accept": "text/html"}).text.partition('<p id="live">')[2].partition("</p>")[0]
    assert [float(value) for value in re.findall(r'<data value="([^"]*)"', page)] == list(today["live"].values())

    one = next(row for row in sent["rows"] if row["fate"] == "applied")
    key = "\x1f".join((one["sku"], one["channel"], one["region"]))
    assert post(ben, f"{run}/undo", to="web", sure="1", chosen="1").status_code == 422
    assert post(ben, f"{run}/undo", to="web", sure="1", chosen="1", products=key).status_code == 303
    assert prices(desk) == before | arrived | {one["sku"]: before[one["sku"]]}
    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    assert prices(desk) == before
    assert told(anna, "/")["live"]["count"] == 0
    assert "目前均未在店铺中生效" in anna.get("/", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["now"], shop["fates"].get("applied", 0), shop["fates"]["undone"]) == (0, 0, len(arrived))
    assert 'value="0" aria-label="Progress"' in anna.get(run, headers={"Accept": "text/html"}).text
    acts = desk.desk.reading.rows("audit")
    asked = acts.filter(pl.col("act").is_in([sending.PUBLISH, sending.UNDO])).select("act", "by").rows()
    assert asked == [("asked_publish", "anna"), ("asked_undo", "ben"), ("asked_undo", "ben")]
    address = f"/products/{one['sku']}?channel={one['channel']}&region={one['region']}"
    events = told(anna, address)["events"]
    assert [event["seq"] for event in events] == sorted((event["seq"] for event in events), reverse=True)
    queued, tries = ([(event["by"], event["to"]) for event in events if event["kind"] == kind] for kind in ("queued", "sent"))
    assert queued == tries == [("ben", "web"), ("anna", "web")]
    assert [event["kind"] for event in events][:3] == ["price", "sent", "queued"]
    assert "ben <small>→ web</small>" in anna.get(address, headers={"Accept": "text/html"}).text


def test_publishing_that_is_under_way_is_not_asked_for_again(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    words = sending.publishing(str(desk.folder.resolve()), desk.run, "web")
    jobs = desk.desk.jobs
    jobs._jobs["going"] = Job("going", "publish", "anna", jobs.clock(), tuple(words), state="running")
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").headers["location"].startswith("/jobs")
    assert desk.desk.reading.rows("audit").filter(pl.col("act") == sending.PUBLISH).is_empty()


@pytest.mark.real  # long
def test_pages_say_what_is_live_where_it_is_not_what_the_run_priced_from(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    came = {row["sku"]: row["price"] for row in told(anna, f"{run}/receipts?fate=applied")["rows"]}
    moves = told(anna, "/")["moves"]
    assert moves and all(one["in_shop"]["price"] == one["price"] == came[one["sku"]] for one in moves)
    rows = {row["sku"]: row for row in told(anna, "/prices")["rows"]}
    assert rows[moves[0]["sku"]]["in_shop"] == moves[0]["in_shop"]

    def page(address: str, language: str = "en") -> str:
        return anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text

    def unit(language: str) -> str:
        part = page(address, language).partition('id="unit"')[2]
        return part.partition("</thead>")[0]

    def exported() -> dict[str, Any]:
        text = anna.get(f"/prices/export?run={desk.run}").content
        table = pl.read_csv(text, schema_overrides={"sku": pl.String}, infer_schema_length=None)
        return {row["sku"]: row for row in table.iter_rows(named=True)}

    price, old = moves[0]["price"], moves[0]["current_price"]
    sheet = exported()
    assert all(sheet[sku]["shop_price"] == cents / 100 != sheet[sku]["current_price"] for sku, cents in came.items())
    others = [row for sku, row in sheet.items() if sku not in came]
    assert others and all(row["shop_price"] == row["current_price"] for row in others)
    assert f'now in the shop: <data value="{price}"' in page("/") and f'店铺现价：<data value="{price}"' in page("/", "zh")
    address = f"/products/{moves[0]['sku']}"
    assert f'In the shop web now: <data value="{price}"' in page(address)
    assert "when priced" in unit("en") and "in the shop now" in unit("en") and "定价时" in unit("zh") and "店铺现价" in unit("zh")
    assert unit("en").count("<th ") == 3

    post(ben, f"{run}/undo", to="web", sure="1")
    one = told(anna, address)
    assert (one["in_shop"]["price"], one["unit"][0]["live"]) == (old, None)
    assert exported()[moves[0]["sku"]]["shop_price"] == old / 100
    assert "when priced" not in unit("en") and "now in the shop" not in page("/")
    at = desk.desk.reading.now()
    key = [moves[0][name] for name in ("sku", "channel", "region")]
    seen = pl.DataFrame([["web", *key, at, old + 7, "EUR", "drift", None]], schema=APPLIED.schema, orient="row")
    desk.desk.reading.book.append(Act(at, "w", "read_shop", "web: 1 prices"), {"applied": seen})
    one = told(anna, address)
    assert (one["in_shop"]["price"], one["in_shop"]["run"], one["unit"][0]["live"]) == (old + 7, None, old + 7)
    assert unit("en").count("<th ") == 4


def test_nothing_on_the_way_ends_the_stream(desk: Place) -> None:
    answer = desk.client().get(f"/runs/{desk.run}/live")
    assert answer.text == "data: end\n\n"
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_may_not_does_not(desk: Place, role: str) -> None:
    client = desk.client(role)  # type: ignore[arg-type]
    run = f"/runs/{desk.run}"
    page = client.get(run, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert f'{run}/accept"' not in page.text
    assert f'{run}/publish"' not in page.text
    seq = desk.desk.reading.book.read("audit").height
    for act in ("accept", "reject", "withdraw", "publish", "undo"):
        assert post(client, f"{run}/{act}", to="web", sure="1").status_code == 403
    assert post(client, "/attest", digest="any").status_code == 403
    assert desk.desk.reading.book.read("audit").height == seq


def test_taking_back_counts_what_was_sent_and_not_what_stood_there(desk: Place) -> None:
    """Some products have the price of the run before anything is published: nothing of theirs goes back."""
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    new = dict(desk.desk.reading.run(desk.run).changes.select("sku", "price").iter_rows())
    there = list(new)[:3]
    rows = pl.read_csv(desk.folder / "feed.csv", schema_overrides={"sku": pl.String})
    had = pl.col("sku").replace_strict({sku: new[sku] / 100 for sku in there}, default=pl.col("price"), return_dtype=pl.Float64)
    rows.with_columns(price=had).write_csv(desk.folder / "feed.csv", float_precision=2)
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    assert shop["fates"]["same"] == len(there) == 3
    assert shop["back"] == shop["fates"]["applied"] == shop["now"] - len(there) > 0
    page = ben.get(run, headers={"Accept": "text/html"}).text
    assert f"put back the earlier prices in web (products: {shop['back']})" in re.sub(r"<[^>]*>", "", page)
    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    assert prices(desk) == before
    assert state(anna, desk.run)["shops"][0]["back"] == 0
