"""The approved prices of a run as a file: only what was approved and may leave, with the signs that a shop system or Excel wants."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.contracts.money import format_minor

from .feed import attested, feed, settings, state
from .place import Place, overridden, post
from .stores import chain

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def rows(answer: httpx.Response, delimiter: str = ",") -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=delimiter))


def file(client: TestClient, desk: Place, query: str = "") -> httpx.Response:
    answer: httpx.Response = client.get(f"/runs/{desk.run}/approved{query}", headers={"Accept": "text/html"})
    return answer


def changes(desk: Place) -> pl.DataFrame:
    return desk.desk.reading.run(desk.run).changes


def keys(desk: Place) -> list[str]:
    return ["\x1f".join(row) for row in changes(desk).select("sku", "channel", "region").iter_rows()]


def test_only_what_was_approved_is_in_it(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    assert "may leave" in file(anna, desk).text and 'id="approved-file"' not in anna.get(f"/runs/{desk.run}").text
    some = changes(desk).head(3)
    post(anna, "/prices/accept", run=desk.run, products=keys(desk)[:3])
    post(anna, "/prices/reject", run=desk.run, products=keys(desk)[3:5], why="no")
    found = rows(file(anna, desk))
    assert {row["sku"]: row["price"] for row in found} == {
        sku: format_minor(price, "EUR") for sku, price in some.select("sku", "price").iter_rows()
    }
    assert list(found[0]) == ["sku", "price", "currency", "current_price", "name"] == state(anna, desk.run)["file"]["columns"]
    beside = {sku: (format_minor(price, "EUR"), name) for sku, price, name in some.select("sku", "current_price", "name").iter_rows()}
    assert {row["sku"]: (row["current_price"], row["name"]) for row in found} == beside
    assert {row["currency"] for row in found} == {"EUR"}
    assert state(anna, desk.run)["file"]["prices"] == 3


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "point"), (";", "comma"), (";", "point")])
def test_it_is_written_with_the_signs_that_are_asked_for(delimiter: str, decimal: str, desk: Place) -> None:
    anna = desk.client("approver", "anna")
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    answer = file(anna, desk, f"?delimiter={'%3B' if delimiter == ';' else ','}&decimal={decimal}")
    assert answer.headers["content-type"].startswith("text/csv") and desk.run in answer.headers["content-disposition"]
    assert answer.content.startswith(b"sku" + delimiter.encode()), "no mark stands before the first header where every text is plain"
    mark = "," if decimal == "comma" else "."
    amounts = [row[name] for row in rows(answer, delimiter) for name in ("price", "current_price")]
    assert all(amount.rpartition(mark)[0].isdigit() and len(amount.rpartition(mark)[2]) == 2 for amount in amounts)


@pytest.mark.parametrize(("language", "said"), [("en", "a comma cannot both"), ("zh", "逗号不能既作")])
def test_commas_cannot_do_both(language: str, said: str, desk: Place) -> None:
    anna = desk.client("approver", "anna")
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    for address in (f"/runs/{desk.run}/approved?decimal=comma", f"/prices/export?run={desk.run}&decimal=comma"):
        answer = anna.get(address, headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == 422 and said in answer.text


LEFT = {
    "en": ("Approved, but not in the file:", "a guard would hold:", "the product or its shop is stopped", "Download the approved prices"),
    "zh": ("已获批但不在文件中：", "护栏会拦下：", "商品或其店铺已停止", "下载获批价格"),
}


@pytest.mark.parametrize("language", list(LEFT))
def test_what_a_guard_would_hold_or_is_stopped_is_left_out_and_told(language: str, desk: Place) -> None:
    settings(desk, "max_step = 0.15 ", "max_step = 0.05 ")
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    post(anna, f"{run}/accept", sure="1", held="1")
    moves = changes(desk).with_columns(move=(pl.col("price") / pl.col("current_price") - 1).abs())
    far, near = (set(part["sku"]) for part in (moves.filter(pl.col("move") > 0.05), moves.filter(pl.col("move") < 0.05)))
    assert far and near
    told = state(anna, desk.run)["file"]
    ready = state(anna, desk.run)["shops"][0]["ready"]
    assert told["held"]["changes"] > 0 and told["prices"] + told["held"]["changes"] == ready
    found = {row["sku"] for row in rows(file(anna, desk))}
    assert not found & far and found <= near
    stopped = min(found)
    post(anna, "/stop", scope="sku", name=stopped, why="its label")
    assert {row["sku"] for row in rows(file(anna, desk))} == found - {stopped}
    assert state(anna, desk.run)["file"]["stopped"] == 1
    page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text
    assert all(words in page.partition('id="approved-file"')[2] for words in LEFT[language])
    post(anna, "/stop", scope="target", name="web", why="wrong prices")
    answer = file(anna, desk)
    assert answer.status_code == 422 and state(anna, desk.run)["file"]["stopped"] > 1
    assert LEFT[language][3] not in anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text


def test_an_answer_that_no_longer_counts_takes_its_prices_out(desk: Place) -> None:
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    shop, told = (state(anna, desk.run)[name] for name in ("shops", "file"))
    assert shop[0]["waiting"] > 0 and told["there"] == shop[0]["now"] > 0 and told["prices"] == shop[0]["sent"]
    there = told["there"]
    post(anna, f"{run}/withdraw", sure="1")
    told = state(anna, desk.run)["file"]
    assert told["prices"] == told["there"] == there, "what stands in the shop stays; what waits is no longer approved"


def test_the_table_of_prices_leaves_with_semicolons_and_decimal_commas(desk: Place) -> None:
    anna = desk.client("viewer")
    plain = pl.read_csv(anna.get(f"/prices/export?run={desk.run}").content, schema_overrides={"sku": pl.String}, infer_schema_length=None)
    data = anna.get(f"/prices/export?run={desk.run}&delimiter=%3B&decimal=comma").content
    comma = pl.read_csv(data, separator=";", decimal_comma=True, schema_overrides={"sku": pl.String}, infer_schema_length=None)
    assert comma.equals(plain) and b"," in data.splitlines()[1]
    page = anna.get("/prices", headers={"Accept": "text/html"}).text
    assert "delimiter=%3B&amp;decimal=comma" in page and "CSV ;" in page


def test_it_names_channel_and_region_where_there_are_several_and_says_so_before(tmp_path: Path) -> None:
    stores = chain(tmp_path / "stores")
    anna = stores.client("approver", "anna")
    post(anna, f"/runs/{stores.run}/accept", sure="1", held="1")
    found, columns = rows(file(anna, stores)), state(anna, stores.run)["file"]["columns"]
    assert columns == list(found[0]) == ["sku", "channel", "region", "price", "currency", "current_price", "name"]
    assert "<code>channel</code>" in anna.get(f"/runs/{stores.run}").text.split('id="approved-file"')[1]


def test_own_prices_that_were_approved_beside_the_run_stand_in_the_same_file(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    first, second = changes(desk).rows(named=True)[:2]
    own = overridden(desk, "cleo")
    post(anna, "/prices/accept", run=desk.run, products=[keys(desk)[1]])
    assert {row["sku"] for row in rows(file(anna, desk))} == {second["sku"]} and state(anna, desk.run)["file"]["own"] == 0
    for client in (anna, ben):
        post(client, "/prices/accept", run=own, products=[keys(desk)[0]])
    found = {row["sku"]: row["price"] for row in rows(file(anna, desk))}
    assert found == {first["sku"]: format_minor(first["price"] - 50, "EUR"), second["sku"]: format_minor(second["price"], "EUR")}
    twin = state(anna, desk.run)["file"]
    assert (twin["prices"], twin["own"]) == (2, 1)
    page = anna.get(f"/runs/{desk.run}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "that people set beside this run:" in page.partition('id="approved-file"')[2]
    alone = rows(anna.get(f"/runs/{own}/approved", headers={"Accept": "text/html"}))
    assert {row["sku"] for row in alone} == {first["sku"]}
