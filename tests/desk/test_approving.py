"""Who may accept the prices of a run, what an acceptance covers, and how long it holds."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.accounts import Role
from pricesmith.flows.desk.approval.approving import approving
from pricesmith.flows.desk.today.ages import SALES_DAYS

from .feed import attested, feed, prices, settings, state, told
from .place import SHOP, Place, csrf, overridden, place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_who_asked_cannot_approve(desk: Place) -> None:
    run = overridden(desk, "anna")
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    refused = post(anna, f"/runs/{run}/accept", sure="1")
    assert refused.status_code == 422
    assert "cannot approve" in refused.text
    assert state(anna, run)["states"].get("ready", 0) == 0
    assert post(ben, f"/runs/{run}/accept", sure="1").status_code == 303
    assert state(ben, run)["verdicts"][0]["holds"]


def test_an_acceptance_dies_with_what_it_was_given_to(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    attested(desk, ben, desk.client("approver", "carl"))
    post(ben, f"/runs/{desk.run}/accept", sure="1")
    other = overridden(desk, "anna")
    assert state(ben, other)["verdicts"] == []
    assert state(ben, other)["shops"][0]["ready"] == 0
    before = prices(desk)
    post(ben, f"/runs/{other}/publish", to="web", sure="1")
    assert prices(desk) == before


def test_an_acceptance_ends_by_itself(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    post(ben, f"/runs/{desk.run}/accept", sure="1")
    reading = desk.desk.reading
    late = reading.now() + dt.timedelta(hours=25)
    assert [row.holds for row in approving(reading, desk.run, late).verdicts] == [False]
    assert approving(reading, desk.run, late).shops[0].ready == 0


def test_an_answer_to_a_class_names_its_products(desk: Place) -> None:
    moves = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")["move"].abs()
    settings(desk, "two_people_move = 0.20 ", f"two_people_move = {moves.median()} ")
    ben, carl = desk.client("approver", "ben"), desk.client("approver", "carl")
    assert [row["needs"] for row in state(ben, desk.run)["classes"]] == [1, 2]
    post(ben, f"/runs/{desk.run}/accept", sure="1", needs="2")
    two = state(ben, desk.run)["classes"][1]
    assert (two["agreed"], two["states"]) == (1, {"open": two["changes"]})
    assert two["partly"] == [{"agreed": 1, "needs": 2, "changes": two["changes"]}]
    post(carl, f"/runs/{desk.run}/accept", sure="1", needs="2")
    one, two = state(ben, desk.run)["classes"]
    assert (one["states"], two["states"]) == ({"open": one["changes"]}, {"ready": two["changes"]})
    assert post(carl, f"/runs/{desk.run}/reject", sure="1", needs="1").status_code == 422
    assert post(carl, f"/runs/{desk.run}/reject", sure="1", needs="1", why="too early").status_code == 303
    assert state(ben, desk.run)["classes"][0]["states"] == {"rejected": one["changes"]}


def test_one_of_two_acceptances_is_told_as_one_of_two(desk: Place) -> None:
    """Where only some of the changes have it, too."""
    settings(desk, "two_people_move = 0.20 ", "two_people_move = 0.0001 ")
    ben, carl, run = desk.client("approver", "ben"), desk.client("approver", "carl"), f"/runs/{desk.run}"
    rows = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(3)
    keys = ["\x1f".join(row) for row in rows.iter_rows()]
    post(ben, "/prices/accept", run=desk.run, products=keys)
    partly = [{"agreed": 1, "needs": 2, "changes": 3}]
    (two,) = state(ben, desk.run)["classes"]
    row = told(ben, "/approvals")["all"]["runs"][0]
    assert two["partly"] == row["partly"] == partly and two["agreed"] == 0
    for language, said in (("en", "accepted by 1 of 2 people so far: 3"), ("zh", "目前 2 人中已有 1 人批准的：3")):
        for address in ("/approvals", run):
            page = ben.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
            assert said in re.sub(r"<[^>]*>", "", page)
    post(carl, "/prices/accept", run=desk.run, products=keys[0])
    assert told(ben, "/approvals")["all"]["runs"][0]["partly"] == [{**partly[0], "changes": 2}]
    post(carl, "/prices/accept", run=desk.run, products=keys[1:])
    assert told(ben, "/approvals")["all"]["runs"][0]["partly"] == state(ben, desk.run)["classes"][0]["partly"] == []


@pytest.mark.parametrize(("said", "why"), [("accept", ""), ("reject", "too early")])
def test_the_whole_run_is_answered_when_it_is_confirmed(desk: Place, said: str, why: str) -> None:
    ben, run = desk.client("approver", "ben"), f"/runs/{desk.run}"
    one = state(ben, desk.run)
    form = ben.get(run, headers={"Accept": "text/html"}).text.partition(f'action="{run}/{said}"')[2].partition("</form>")[0]
    assert '<input type="checkbox" name="sure" value="1" required>' in form
    assert f'<data value="{one["changes"]}">' in form and f'<data value="{one["profit_change"]}">' in form, "how many, and their worth"
    verdicts = desk.desk.reading.rows
    assert post(ben, f"{run}/{said}", why=why).status_code == 422
    assert post(ben, f"{run}/{said}", why=why, sure="1", count=one["changes"] - 1).status_code == 409
    assert verdicts("verdicts").is_empty()
    assert post(ben, f"{run}/{said}", why=why, sure="1", count=one["changes"]).status_code == 303
    assert verdicts("verdicts")["answer"].to_list() == [said]
    assert post(ben, f"{run}/withdraw").status_code == 422, "taking all of it back is confirmed too"
    assert post(ben, f"{run}/withdraw", sure="1", count=one["changes"] + 1).status_code == 409
    assert post(ben, f"{run}/withdraw", sure="1", count=one["changes"]).status_code == 303
    assert state(ben, desk.run)["states"] == {"open": one["changes"]}


def test_one_person_attests_nothing(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    attested(desk, anna)
    digest = told(anna, "/approvals")["attestation"]["digest"]
    assert post(anna, "/attest", digest=digest).status_code == 422
    assert post(anna, "/attest", digest="another").status_code == 422
    assert not told(anna, "/approvals")["attestation"]["stands"]
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    before = prices(desk)
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 422
    assert prices(desk) == before


@pytest.mark.parametrize(("language", "missing", "button"), [("en", "One person runs", "Agree:"), ("zh", "本店由一人经营", "同意：")])
def test_the_one_person_of_a_shop_attests_with_one_click(desk: Place, language: str, missing: str, button: str) -> None:
    settings(desk, "# alone = true ", "alone = true ")
    anna = desk.client("approver", "anna")
    page = anna.get("/approvals", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert missing in page and button in page
    assert told(anna, "/approvals")["attestation"]["people"] == 1
    attested(desk, anna)
    seen = told(anna, "/approvals")["attestation"]
    assert seen["stands"] and seen["by"] == "anna" and seen["people"] == 1
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    before = prices(desk)
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 303
    assert prices(desk) != before
    page = anna.get("/approvals", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert missing not in page and ("Attested by anna" in page or "已授权：anna" in page)


def test_the_list_counts_answers_and_says_no_word_for_all(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    rows = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(3)
    keys = ["\x1f".join(row) for row in rows.iter_rows()]
    post(ben, "/prices/accept", run=desk.run, products=keys[:2])
    post(ben, "/prices/reject", run=desk.run, products=keys[2], why="too dear")
    row = told(ben, "/approvals")["all"]["runs"][0]
    assert (row["accepted"], row["rejected"]) == (2, 1)
    page = re.sub(r"<[^>]*>", "", ben.get("/approvals", headers={"Accept": "text/html"}).text)
    assert f"2 of {row['changes']} accepted, 1 rejected" in page
    run = ben.get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    assert "people so far" not in run and "people so far" not in page


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_approved_price_that_no_shop_takes_is_not_said_to_be_ready_to_publish(tmp_path: Path, elsewhere: bool) -> None:
    desk = place(tmp_path / "shop")
    settings(desk, SHOP, SHOP + 'region = "north"\n' if elsewhere else "")
    ben, run = desk.client("approver", "ben"), f"/runs/{desk.run}"
    post(ben, f"{run}/accept", sure="1")
    row = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    assert state(ben, desk.run)["unreached"] == state(ben, desk.run)["changes"] == state(ben, desk.run)["states"]["unreached"]
    assert len(told(ben, "/prices?state=unreached")["rows"]) > 0 and told(ben, "/prices?state=ready")["rows"] == []
    assert (told(ben, "/")["ready"], told(ben, "/")["unreached"]) == (0, state(ben, desk.run)["changes"])
    for language, approved, how, on in (
        ("en", "approved, but no shop takes it", "How to connect a shop", "On to publishing"),
        ("zh", "已批准，但没有店铺接收", "如何连接店铺", "前往发布"),
    ):
        said = {"Accept": "text/html", "Accept-Language": language}
        page = ben.get(f"/products/{row['sku']}", headers=said).text
        assert approved in page and how in page and f'href="{run}#connect"' in page and on not in page.partition('<div class="acts')[2]
        assert approved in ben.get("/prices?action=change", headers=said).text
        text = ben.get(run, headers=said).text
        assert 'id="connect"' in text and 'href="/shops"' in text
        assert how in ben.get("/", headers=said).text


def test_who_asked_is_told_that_another_person_accepts(desk: Place) -> None:
    ann, ben = desk.client("approver", "ann"), desk.client("approver", "ben")
    assert post(ann, "/jobs/price").status_code == 303
    run = told(ann, "/")["run"]
    assert post(ann, f"/runs/{run}/accept", sure="1").status_code == 422
    row = desk.desk.reading.run(run).changes.row(0, named=True)
    for address in (f"/products/{row['sku']}", "/prices?action=change", "/prices/every", f"/runs/{run}"):
        assert (told(ann, address).get("one") or told(ann, address))["askers"] == ["ann"]
        for language, said in (("en", "another person accepts them"), ("zh", "须由另一人批准")):
            pages = [client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text for client in (ann, ben)]
            offered = [re.findall(r"<button[^>]*>(?:Accept|(?:全部)?批准)[^<]*</button>", page) for page in pages]
            assert [said in page for page in pages] == [True, False]
            assert offered[0] and all(" disabled" in button for button in offered[0])
            assert offered[1] and not any(" disabled" in button for button in offered[1])


@pytest.mark.parametrize(("role", "shown"), [("admin", '<a href="/people">{add}</a>'), ("approver", "{ask}")])
def test_who_may_not_accept_alone_learns_where_people_are_added(desk: Place, role: Role, shown: str) -> None:
    ann = desk.client(role, "ann")
    assert post(ann, "/jobs/price").status_code == 303
    run = told(ann, "/")["run"]
    sku = desk.desk.reading.run(run).changes["sku"][0]
    for language, add, ask in (("en", "Add a person", "An admin adds people"), ("zh", "添加人员", "请让管理员添加人员")):
        for address in (f"/products/{sku}", "/prices?action=change", "/prices/every", f"/runs/{run}"):
            page = ann.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
            assert shown.format(add=add, ask=ask) in page and (ask in page) == (role == "approver")


@pytest.mark.parametrize(("language", "said"), [("en", "Nobody checks whose name that is"), ("zh", "无法核实姓名是否属实")])
def test_a_desk_without_accounts_says_once_that_nobody_checks_a_name(desk: Place, language: str, said: str) -> None:
    run, html = f"/runs/{desk.run}", {"Accept": "text/html", "Accept-Language": language}
    assert said not in desk.client().get(run, headers=html).text, "one person is enough here"
    moves = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")["move"].abs()
    settings(desk, "two_people_move = 0.20 ", f"two_people_move = {moves.median()} ")
    assert desk.client().get(run, headers=html).text.count(said) == 1
    assert said not in desk.client("approver", "ann").get(run, headers=html).text


def test_approvals_explains_attestation_and_which_run_is_the_newest(desk: Place) -> None:
    own = overridden(desk, "ann")
    client = desk.client("approver", "ben")
    rows = client.get("/approvals", headers={"Accept": "application/json"}).json()["all"]["runs"]
    assert [(row["run"], row["newest"]) for row in rows] == [(own, False), (desk.run, True)]
    for language, plain, badge in (
        ("en", "Attestation is the approval of the program itself", "newest of the whole shop"),
        ("zh", "发布授权是对程序本身的批准", "最新全店批次"),
    ):
        page = client.get("/approvals", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert plain in page and badge in page.partition(f'href="/runs/{desk.run}"')[2].partition("</tr>")[0]
        assert plain in client.get(f"/runs/{desk.run}", headers={"Accept": "text/html", "Accept-Language": language}).text


@pytest.mark.parametrize(
    ("language", "asked", "before", "lone"),
    [
        (
            "en",
            "You asked for these prices: another person accepts them.",
            "Whoever asks for prices does not accept them",
            "one person runs the shop",
        ),
        ("zh", "这些价格由您发起，须由另一人批准。", "发起定价的人不能批准这些价格", "只有一人的店铺"),
    ],
)
def test_who_prices_the_shop_learns_before_any_click_that_another_person_accepts(
    desk: Place, language: str, asked: str, before: str, lone: str
) -> None:
    ann, ben, html = desk.client("approver", "ann"), desk.client("approver", "ben"), {"Accept": "text/html", "Accept-Language": language}
    assert before in ann.get("/jobs", headers=html).text and before not in desk.client("analyst", "eve").get("/jobs", headers=html).text
    assert asked not in ann.get("/approvals", headers=html).text, "nobody asked for the run of a schedule"
    assert post(ann, "/jobs/price").status_code == 303
    run = told(ann, "/")["run"]
    for address in ("/", "/approvals", f"/runs/{run}"):
        assert asked in ann.get(address, headers=html).text and asked not in ben.get(address, headers=html).text, address
    page = ann.get(f"/runs/{run}", headers=html).text
    assert lone in page and '<a href="/rules#text"><code>[approval]</code></a>' in page and "<code>alone = true</code>" in page
    refused = ann.post(f"/runs/{run}/accept", data={"_csrf": csrf(ann), "sure": "1"}, headers=html)
    assert refused.status_code == 422 and lone in refused.text
    assert f'action="/runs/{run}/accept"' not in page and f'action="/runs/{run}/accept"' in ben.get(f"/runs/{run}", headers=html).text
    assert f'action="/runs/{run}/reject"' in page, "who asked may still reject"


def test_while_the_settings_cannot_be_read_nothing_is_said_of_how_many_people_run_the_shop(desk: Place) -> None:
    ann, html = desk.client("approver", "ann"), {"Accept": "text/html"}
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    notes = "Whoever asks for prices does not accept them", "One person runs this shop"
    assert [note in ann.get("/jobs", headers=html).text for note in notes] == [True, False]
    path.write_text(text.replace("[approval]\n", "[approval]\nalone = true\n"), encoding="utf-8")
    assert [note in ann.get("/jobs", headers=html).text for note in notes] == [False, True]
    path.write_text(text.replace("[approval]\n", "[approval]\nalone = ture\n"), encoding="utf-8")
    page = ann.get("/jobs", headers=html)
    assert page.status_code == 200 and "Price the shop now" in page.text
    assert [note in page.text for note in notes] == [False, False]


def test_a_run_that_rests_on_old_data_says_so_where_it_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = place(tmp_path / "shop")
    reading, client = found.desk.reading, found.client("approver", "ann")
    until = reading.run(found.run).as_of
    for days, old in ((SALES_DAYS, 0), (SALES_DAYS + 1, SALES_DAYS + 1)):
        at = dt.datetime.combine(until + dt.timedelta(days=days), dt.time(9), dt.UTC)
        assert approving(reading, found.run, at).days_old == old
    monkeypatch.setattr(type(reading), "now", lambda _reading: dt.datetime.combine(until, dt.time(9), dt.UTC))
    assert 'id="old"' not in client.get(f"/runs/{found.run}", headers={"Accept": "text/html"}).text
    monkeypatch.setattr(type(reading), "now", lambda _reading: at)
    for language, said in (("en", f"rest on old data: the sales before {until} were counted"), ("zh", f"仅计入 {until} 之前的销售")):
        assert said in client.get(f"/runs/{found.run}", headers={"Accept": "text/html", "Accept-Language": language}).text
