"""What prices did, from the ledger and the sales since to the pages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from . import came
from .place import SHOP, Place, place, post, priced_anew
from .working import at_once, priced_early


def with_shop(text: str) -> str:
    """shop.toml with a shop to which prices can go."""
    return text + SHOP


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A shop whose prices came two months before its last sale."""
    found = priced_early(tmp_path_factory.mktemp("came") / "shop", with_shop)
    came.sell(found.folder, came.arrive(found.folder, found.run))
    return found


@pytest.fixture(scope="module")
def client(desk: Place) -> TestClient:
    """A browser, after both reckonings were asked for."""
    found = desk.client()
    assert told(found, "/outcome")["all"]["at"] is None
    assert post(found, "/outcome").status_code == 303
    assert post(found, f"/outcome/{desk.run}").status_code == 303
    return found


def told(client: TestClient, address: str) -> dict:  # type: ignore[type-arg]
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    client = found.client()
    assert told(client, "/outcome")["all"]["came"] == []
    page = client.get("/outcome", headers={"Accept": "text/html"}).text
    assert "Nothing was published yet" in page
    one = client.get(f"/outcome/{found.run}", headers={"Accept": "text/html"}).text
    assert "No price of this run was published from here" in one


def test_all_runs(client: TestClient, desk: Place) -> None:
    found = told(client, "/outcome")["all"]
    run = found["runs"][0]
    assert (run["run"], run["since"], run["why"]) == (desk.run, "2026-06-02", "")
    assert dt.date.fromisoformat(run["until"]) - dt.date.fromisoformat(run["last"]) == dt.timedelta(days=1)
    assert run["realised_lo"] < run["realised"] < run["realised_hi"]
    assert found["together"]["realised"] == run["realised"]
    assert not found["newer"]
    taken = found["taken"]
    assert taken["accepted"] + taken["overridden"] + taken["rejected"] + taken["unanswered"] == taken["proposals"]
    assert (taken["accepted"], taken["rejected"]) == (taken["proposals"] - 1, 1)
    assert all(0.5 < row["index"] < 2.0 and 0.0 < row["share"] <= 1.0 for row in found["index"])
    page = client.get("/outcome", headers={"Accept": "text/html"}).text
    assert page.count('<svg class="chart') == 3
    assert f"{run['since']} – {run['last']}" in page
    assert taken["in_shop"] == taken["accepted"] and taken["taken_back"] == 0
    for language, said in (("en", "taken back later is accepted still"), ("zh", "采纳后又退回原价的仍计为已采纳")):
        assert said in client.get("/outcome", headers={"Accept": "text/html", "Accept-Language": language}).text


def test_a_run_that_was_replaced_before_anything_of_it_left_is_not_counted(tmp_path: Path) -> None:
    desk = at_once(place(tmp_path / "shop"))
    newest = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.15\ndown = 0.15\n')
    came.arrive(desk.folder, newest)
    client = desk.client()
    post(client, "/outcome")
    found = told(client, "/outcome")["all"]
    rows = {row["run"]: row for row in found["adoption"]}
    assert rows.keys() == {desk.run, newest} and rows[desk.run]["proposals"] > 0
    assert (found["passed"], found["taken"]["proposals"]) == (1, rows[newest]["proposals"])
    for language, said in (("en", "Not counted here, as a newer run replaced them"), ("zh", "已被新批次取代，不计入上图")):
        assert said in client.get("/outcome", headers={"Accept": "text/html", "Accept-Language": language}).text


def test_a_run_without_sales_since_says_so_in_place_of_a_dash(tmp_path: Path) -> None:
    desk = at_once(place(tmp_path / "shop"))
    came.arrive(desk.folder, desk.run)
    folder = desk.folder / "data" / "sales.csv"
    lines = folder.read_text(encoding="utf-8").splitlines(keepends=True)
    folder.write_text(lines[0] + "".join(line for line in lines[1:] if line[:10] < "2026-06-02"), encoding="utf-8")
    client = desk.client()
    post(client, "/outcome")
    row = told(client, "/outcome")["all"]["runs"][0]
    assert (row["since"], row["until"], row["last"], row["promised"], row["why"]) == ("2026-06-02", None, None, None, "no_sales")
    for language, said in (
        ("en", ("the first whole day that counts is 2026-06-02", "not known: no sales since", "of the proposals came into a shop")),
        ("zh", ("从首个完整日 2026-06-02 起计", "未知：此后尚无销售", "建议中已在店铺生效")),
    ):
        page = client.get("/outcome", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert all(words in page for words in said)


def test_one_run(client: TestClient, desk: Place) -> None:
    found = told(client, f"/outcome/{desk.run}")["one"]
    assert found["days"] == 62
    assert found["effect"]["low"] < found["effect"]["value"] < found["effect"]["high"]
    assert set(found["promised"]) == set(found["realised"]) == {"units", "revenue", "profit"}
    gains = [row["effect"] for row in found["products"]]
    assert gains == sorted(gains)
    assert len(found["points"]) == found["judged"] == found["found"] > 0
    inside = sum(point[2] for point in found["points"]) / found["judged"]
    assert found["coverage90"] == pytest.approx(inside)
    assert found["holdout"] is None
    page = client.get(f"/outcome/{desk.run}", headers={"Accept": "text/html"}).text
    dots = re.findall(r'<circle class="(inside|outside)"', page)
    assert len(dots) == found["judged"]
    assert dots.count("inside") == round(inside * found["judged"])


def test_the_table_is_searched_and_sorted(client: TestClient, desk: Place) -> None:
    whole = told(client, f"/outcome/{desk.run}?shown=all&sort=units")["one"]["products"]
    units = [row["units"] for row in whole]
    assert units == sorted(units)
    one = told(client, f"/outcome/{desk.run}?shown=all&search={whole[0]['sku']}")["one"]
    assert {row["sku"] for row in one["products"]} == {whole[0]["sku"]}


def test_newer_data_are_noticed(client: TestClient, desk: Place) -> None:
    import os

    path = desk.folder / "data" / "sales.csv"
    before = path.stat().st_mtime
    os.utime(path, (before + 1e6, before + 1e6))
    assert told(client, "/outcome")["all"]["newer"]
    os.utime(path, (before, before))
    assert not told(client, "/outcome")["all"]["newer"]


def test_prices_set_by_hand_are_reckoned_since_the_day_that_is_said(desk: Place, client: TestClient, tmp_path: Path) -> None:
    """The same prices and sales as those that were published have the same outcome."""
    mine = priced_early(tmp_path / "shop", with_shop)
    came.sell(mine.folder, came.agree(mine.folder, mine.run))
    browser = mine.client()
    (asked,) = told(browser, "/outcome")["all"]["by_hand"]
    assert (asked["run"], asked["why"], asked["since"]) == (mine.run, "unasked", "")
    for language, said in (("en", "set in your shop yourself"), ("zh", "自行在店铺设定的价格")):
        for address in ("/outcome", f"/outcome/{mine.run}"):
            assert said in browser.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    assert post(browser, f"/outcome/{mine.run}", since="1 June").status_code == 422
    assert post(browser, f"/outcome/{mine.run}", since="2026-06-02").status_code == 303
    one, published = (told(*pair)["one"] for pair in ((browser, f"/outcome/{mine.run}"), (client, f"/outcome/{desk.run}")))
    for name in ("since", "until", "days", "promised", "realised", "effect", "coverage90", "stayed", "judged", "points"):
        assert one[name] == published[name], name
    assert not one["came"]
    page = browser.get(f"/outcome/{mine.run}", headers={"Accept": "text/html"}).text
    assert "by what was said here: since 2026-06-02" in page and 'value="2026-06-02"' in page
    (row,) = told(browser, "/outcome")["all"]["by_hand"]
    assert (row["since"], row["why"], row["realised"]) == ("2026-06-02", "", one["effect"]["value"])


def test_a_viewer_looks_and_does_not_reckon(desk: Place, client: TestClient) -> None:
    assert client
    viewer = desk.client("viewer")
    assert viewer.get("/outcome", headers={"Accept": "text/html"}).status_code == 200
    assert post(viewer, "/outcome").status_code == 403
