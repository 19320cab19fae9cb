"""What can be done on the page Prices."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.jobs import Job, Jobs
from pricesmith.apps.web.pages import mine
from pricesmith.flows.desk.prices import table as prices
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.own_price import nearest
from tests.desk.place import Place, csrf, overridden, place, post

JSON = {"Accept": "application/json"}
ROOM = '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n'
"""A limit over all products, under which some changes make room for others."""


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def seen(client: TestClient, query: str = "") -> dict[str, object]:
    found: dict[str, object] = client.get(f"/prices/every?{query}", headers=JSON).json()
    return found


def states(client: TestClient, query: str = "") -> dict[str, int]:
    rows = client.get(f"/prices?{query}&size=200", headers=JSON).json()["rows"]
    return dict(pl.DataFrame({"state": [row["state"] for row in rows]}).group_by("state").len().iter_rows())


def test_enter_in_the_reason_never_accepts(desk: Place) -> None:
    """The first button of a form is the one that Enter presses."""
    client, sku = desk.client("approver"), desk.desk.reading.run(desk.run).changes["sku"][0]
    for address in ("/prices?action=change", "/prices/every", f"/products/{sku}"):
        page = client.get(address, headers={"Accept": "text/html"}).text
        (form,) = (one for one in re.findall(r"<form\b.*?</form>", page, re.DOTALL) if 'formaction="/prices/accept"' in one)
        assert re.findall(r'<button(?! type="button")[^>]*', form)[0].split('formaction="')[1].startswith("/prices/reject")


def test_who_may_not_answer_is_offered_no_answer(desk: Place) -> None:
    for role, expected in (("viewer", {True}), ("approver", {False})):
        page = desk.client(role, role).get("/prices?action=change", headers={"Accept": "text/html"}).text  # type: ignore[arg-type]
        answers = re.findall(r'<button[^>]*formaction="/prices/(?:accept|reject|withdraw|override)"[^>]*>', page)
        assert len(answers) == 4
        assert {" disabled" in one for one in answers} == expected


@pytest.mark.parametrize(("answer", "state"), [("accept", "ready"), ("reject", "rejected")])
def test_everything_a_filter_finds_is_answered_at_once(desk: Place, answer: str, state: str) -> None:
    client = desk.client("approver")
    found = seen(client, "direction=up")
    assert 0 < found["changes"] < seen(client)["changes"]  # type: ignore[operator]
    fields = {"run": found["run"], "filter": found["filter"], "count": found["changes"], "why": "as agreed", "back": "/prices?direction=up"}
    assert post(client, f"/prices/{answer}", **fields).headers["location"] == "/prices?direction=up"
    verdicts = desk.desk.reading.rows("verdicts")
    assert verdicts.height == found["changes"] and "*" not in verdicts["sku"]
    after = states(client, "direction=up")
    two = client.get("/prices?direction=up&columns=needs&columns=state&size=200", headers=JSON).json()["rows"]
    expected = sum(row["needs"] <= 1 for row in two) if answer == "accept" else found["changes"]
    assert after.get(state, 0) == expected
    assert state not in states(client, "direction=down")


def test_today_tells_what_became_of_the_changes(desk: Place) -> None:
    client = desk.client("approver")
    found = seen(client, "direction=up")
    fields = {"run": found["run"], "filter": found["filter"], "count": found["changes"], "why": "too dear"}
    post(client, "/prices/reject", **fields)
    rows = client.get("/prices?state=rejected&columns=profit_change&size=200", headers=JSON).json()["rows"]
    today = client.get("/", headers=JSON).json()
    rejected = today["states"]["rejected"]
    assert rejected["count"] == found["changes"] == len(rows)
    assert rejected["profit_change"] == pytest.approx(sum(row["profit_change"] or 0.0 for row in rows))
    assert sum(part["count"] for part in today["states"].values()) == today["up"] + today["down"]


def test_a_filter_that_finds_another_number_is_refused(desk: Place) -> None:
    client = desk.client("approver")
    found = seen(client, "direction=up")
    fields = {"run": found["run"], "filter": found["filter"], "count": found["changes"] - 1, "_csrf": csrf(client, "/sign-in")}  # type: ignore[operator]
    answer = client.post("/prices/accept", data=fields, headers=JSON)
    assert answer.status_code == 409 and answer.json()["code"] == "changed"
    assert desk.desk.reading.rows("verdicts").is_empty()


@pytest.mark.parametrize("fields", [{}, {"products": "a"}, {"filter": "nothing=1", "count": 3}, {"filter": "page=x", "count": 3}])
def test_what_is_not_chosen_is_not_answered(desk: Place, fields: dict[str, object]) -> None:
    client = desk.client("approver")
    assert post(client, "/prices/accept", run=desk.run, **fields).status_code == 422
    assert desk.desk.reading.rows("verdicts").is_empty()


def test_an_answer_with_a_percentage_is_refused(desk: Place) -> None:
    """Somebody who typed a percentage meant to set prices, not to accept those proposed."""
    client = desk.client("approver")
    row = client.get("/prices?action=change", headers=JSON).json()["rows"][0]
    products = "\x1f".join(row[name] for name in ("sku", "channel", "region"))
    assert post(client, "/prices/accept", run=desk.run, products=products, percent="5").status_code == 422


def test_many_prices_are_moved_in_a_run_of_ones_own(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    rows = client.get("/prices?action=change&size=5", headers=JSON).json()["rows"]
    products = ["\x1f".join(row[name] for name in ("sku", "channel", "region")) for row in rows]
    without = post(client, "/prices/override", run=desk.run, products=products, percent="2")
    assert without.status_code == 422 and "a price of one&#39;s own needs a reason" in without.text
    for typed, told in (("0.02", "0.02 may mean 2 % or 0.02 %"), ("more", "is no number")):
        refused = post(client, "/prices/override", run=desk.run, products=products, percent=typed, why="flyer")
        assert refused.status_code == 422 and told in refused.text
    answer = post(client, "/prices/override", run=desk.run, products=products, percent="2 %", why="flyer")
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"], headers={"Accept": "text/html"}).text
    shown = client.get(answer.headers["location"], headers=JSON).json()
    assert f'<a href="/runs/{shown["run"]}#approval">On to its approval</a>' in page
    assert shown["run"] != desk.run and 0 < shown["found"] <= 5
    assert "Today shows the joint effect" not in page
    for row in shown["rows"]:
        assert row["reason"] == "override"
        assert abs(row["price"] / row["current_price"] - 1.02) < 0.05
    made = desk.desk.reading.rows("runs").row(-1, named=True)
    assert (made["by"], made["parent"], made["kind"]) == ("anna", desk.run, "override")


def test_the_joint_effect_is_where_the_list_says_that_it_is(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    (some, *_), joint = client.get("/prices?action=change", headers=JSON).json()["rows"], "Today shows the joint effect"
    for question, known in (("", True), ("?action=change", True), (f"?search={some['sku']}", False), ("?action=keep", False)):
        page = client.get(f"/prices{question}", headers={"Accept": "text/html", "Accept-Language": "en"}).text
        assert (joint in page) is known, question


def test_a_move_that_a_rule_stops_names_it_in_the_readers_language(desk: Place) -> None:
    client, decided = desk.client("analyst", "anna"), desk.desk.reading.replayed(desk.run).decided
    rows = decided.items.join(decided.decisions.select(*KEY, "price", "binding_rules"), on=KEY).filter(
        pl.col("binding_rules") == "max_change"
    )
    reach = nearest(decided, rows["item"].cast(pl.Int64).to_numpy(), rows["current_price"].to_numpy() * 1.4)[:, 0]
    products = ["\x1f".join(row) for row in rows.filter(pl.Series(reach == rows["price"].to_numpy())).select(KEY).iter_rows()]
    assert products
    for language, rule in (("en", "what stops them: largest change"), ("zh", "限制来自：最大调价幅度")):
        headers = {"Accept": "text/html", "Accept-Language": language}
        asked = {"_csrf": csrf(client), "run": desk.run, "products": products, "percent": "40", "why": "flyer"}
        answer = client.post("/prices/override", data=asked, headers=headers)
        assert answer.status_code == 422 and rule in answer.text and "larger move" not in answer.text


def test_a_view_is_kept_opened_and_forgotten_by_its_owner(desk: Place) -> None:
    client, other = desk.client("analyst", "anna"), desk.client("analyst", "ben")
    query = "action=change&sort=move&order=down&columns=name&columns=move&search=%C3%A9"
    kept = post(client, "/prices/views", name="big moves", query=query)
    assert kept.status_code == 303 and "sort=move" in kept.headers["location"]
    [view] = client.get("/prices", headers=JSON).json()["views"]
    assert view["name"] == "big moves"
    opened = client.get(f"/prices?{view['query']}", headers=JSON).json()
    assert opened["wanted"]["search"] == "é" and opened["columns"] == ["name", "move"]
    assert other.get("/prices", headers=JSON).json()["views"] == []
    assert post(other, "/prices/views/drop", handle=view["handle"]).status_code == 404
    assert post(client, "/prices/views/drop", handle=view["handle"]).status_code == 303
    assert client.get("/prices", headers=JSON).json()["views"] == []


@pytest.mark.parametrize(("name", "query"), [("", "action=change"), ("x" * 81, ""), ("bad", "nothing=1"), ("bad", "sort=up&page=a")])
def test_a_view_that_is_none_is_refused(desk: Place, name: str, query: str) -> None:
    client = desk.client("analyst")
    assert post(client, "/prices/views", name=name, query=query).status_code == 422


@pytest.mark.parametrize(("kind", "start"), [("csv", b'\xef\xbb\xbf"sku"'), ("xlsx", b"PK")])
def test_everything_found_is_exported(desk: Place, kind: str, start: bytes) -> None:
    client = desk.client("viewer")
    found = client.get("/prices?direction=up&size=1", headers=JSON).json()
    answer = client.get(f"/prices/export?direction=up&columns=price&columns=name&as={kind}")
    assert answer.status_code == 200 and answer.content.startswith(start)
    if kind == "csv":
        table = pl.read_csv(answer.content)
        assert table.height == found["found"] > 1
        beside = ["category", "shop_price", "state", "state_said"]
        own = ["own_price", "own_by", "own_why", "own_state", "own_state_said", "currency"]
        assert table.columns == ["sku", "channel", "region", "action", "action_said", "price", "name", *beside, *own]
        assert table["price"].dtype == pl.Float64


def test_the_price_in_the_shop_is_said_where_there_is_one(desk: Place) -> None:
    policy = desk.folder / "shop.toml"
    text = policy.read_text(encoding="utf-8")
    for there, kept in ((True, text), (False, text[: text.index("\n[shop.")])):
        policy.write_text(kept, encoding="utf-8")
        table = pl.read_csv(desk.client("viewer").get("/prices/export").content, infer_schema_length=None)
        assert table["shop_price"].null_count() == (0 if there else table.height)


def test_an_export_has_the_interval_the_own_price_and_words_beside_codes_at_the_precision_of_the_currency(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    own = overridden(desk, "anna")
    row = desk.desk.reading.run(own).changes.row(0, named=True)
    mine = row["price"]
    for language in ("en", "zh"):
        text = client.get(f"/prices/export?run={desk.run}", headers={"Accept-Language": language}).content
        table = pl.read_csv(text, schema_overrides={"sku": pl.String}, infer_schema_length=None)
        assert {"profit_change_lo", "profit_change_hi", "elasticity_lo", "elasticity_hi"} <= set(table.columns)
        one = table.filter(pl.col("sku") == row["sku"]).row(0, named=True)
        assert (one["own_price"], one["own_by"], one["own_why"], one["own_state"]) == (mine / 100, "anna", "the manager says so", "open")
        assert one["own_state_said"] and one["own_state_said"] != "open"
        assert table.filter(pl.col("reason").is_not_null() & pl.col("reason_said").is_null()).is_empty()
        assert not set(table["reason"].drop_nulls()) & set(table["reason_said"].drop_nulls())
        cells = [cell for line in text.decode("utf-8-sig").splitlines() for cell in line.split(",") if re.fullmatch(r"-?\d+\.\d+", cell)]
        assert cells and all(len(cell.partition(".")[2]) <= 4 for cell in cells)
        assert all(len(str(value).partition(".")[2]) <= 2 for value in table["profit_change_lo"].drop_nulls())
    book = zipfile.ZipFile(io.BytesIO(client.get(f"/prices/export?run={desk.run}&as=xlsx").content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    heads = re.findall(r'<c r="[A-Z]+1" [^>]*><is><t[^>]*>([^<]*)</t>', sheet)
    assert [head.endswith("(code)") for head in heads] == sorted(head.endswith("(code)") for head in heads)
    assert {"Category", "In the shop now", "Status", "Why (code)"} <= set(heads)
    assert ">Own price<" in sheet and ">the manager says so<" in sheet and "<f>" not in sheet


def test_a_page_that_many_rows_are_asked_for_stays_small(desk: Place) -> None:
    answer = desk.client().get("/prices?size=100000", headers={"Accept": "text/html"})
    assert answer.status_code == 200 and len(answer.content) <= 300_000


def test_a_large_shop_is_set_by_a_job(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of the job names each product with its place, so that no other place of it is touched."""
    begun: list[list[str]] = []

    def begin(kind: str, words: list[str], by: str) -> Job:
        begun.append(words)
        return Job("j1", kind, by, desk.desk.reading.now(), tuple(words))

    monkeypatch.setattr(mine, "QUICK", 0)
    monkeypatch.setattr(Jobs, "begin", lambda _self, kind, words, by: begin(kind, words, by))
    client = desk.client("analyst", "anna")
    rows = client.get("/prices?action=change&size=3", headers=JSON).json()["rows"]
    products = ["\x1f".join(row[name] for name in ("sku", "channel", "region")) for row in rows]
    answer = post(client, "/prices/override", run=desk.run, products=products, percent="2", why="flyer")
    assert answer.status_code == 303 and desk.run in answer.headers["location"]
    [words] = begun
    assert words[:3] == ["override", str(desk.folder), desk.run]
    sets = [word for word in words if "=" in word]
    assert 0 < len(sets) <= 3 and all(word.rpartition("=")[0].count("/") == 2 for word in sets)
    assert words[-4:] == ["--by", "anna", "--why", "flyer"]
    monkeypatch.setattr(mine, "MOST", 0)
    assert post(client, "/prices/override", run=desk.run, products=products, percent="2", why="flyer").status_code == 422
    assert desk.desk.reading.rows("runs").height == 1


def test_changes_are_found_by_the_profit_that_they_bring_and_accepted_together(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client, changes = desk.client("approver", "ben"), desk.desk.reading.run(desk.run).changes
    offered = client.get("/prices", headers=JSON).json()["choices"]["least"]
    assert offered and all(0 < count < changes.height for count in offered.values())
    assert offered == {text: changes.filter(pl.col("profit_change") >= float(text)).height for text in offered}
    least = list(offered)[len(offered) // 2]
    large = changes.filter(pl.col("profit_change") >= float(least))
    rows = client.get(f"/prices?least={least}&size=200", headers=JSON).json()["rows"]
    assert {row["sku"] for row in rows} == set(large["sku"]) and len(rows) == offered[least]
    sure = client.get("/prices?outlook=gains&size=200", headers=JSON).json()["rows"]
    assert {row["sku"] for row in sure} == set(changes.filter(pl.col("profit_change_lo") > 0)["sku"]) != set()
    for language, said in (("en", f"Profit rises by at least: {least} EUR a day"), ("zh", f"每天 {least} EUR")):
        text = client.get(f"/prices?least={least}", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert said in re.sub(r"<[^>]*>", "", text.partition('<ul class="chips">')[2].partition("</ul>")[0])
    refused = client.get("/prices?least=many", headers=JSON)
    assert refused.status_code == 422 and "no amount of money" in refused.text
    found = client.get(f"/prices/every?least={least}", headers=JSON).json()
    assert found["changes"] == len(rows)
    post(client, "/prices/reject", run=desk.run, filter=found["filter"], count=found["changes"], why="too small")
    answered = client.get("/prices?state=rejected&size=200", headers=JSON).json()["rows"]
    assert {row["sku"] for row in answered} == set(large["sku"])


@pytest.mark.parametrize(
    ("outlook", "words"),
    [("may_lose", ("expected to gain, may lose", "预期增加利润，但可能带来损失")), ("loses", ("expected to lose", "预期减少利润"))],
)
def test_changes_that_lose_or_may_are_found_exported_and_answered(tmp_path: Path, outlook: str, words: tuple[str, str]) -> None:
    """Today counts them apart and leads to exactly these."""
    desk = place(tmp_path / "shop", ROOM)
    client = desk.client("approver")
    changes = desk.desk.reading.run(desk.run).changes
    loses = pl.col("profit_change") < 0
    losing = set(changes.filter(loses if outlook == "loses" else ~loses & (pl.col("profit_change_lo") < 0))["sku"])
    assert 0 < len(losing) < changes.height, "the example has some and others"
    today = client.get("/", headers=JSON).json()
    assert (today["losing"]["count"] if outlook == "loses" else today["uncertain"]) == len(losing)
    assert f'<a href="/prices?outlook={outlook}">' in client.get("/", headers={"Accept": "text/html"}).text
    rows = client.get(f"/prices?outlook={outlook}&size=200", headers=JSON).json()["rows"]
    assert {row["sku"] for row in rows} == losing
    for language, said, chip in zip(("en", "zh"), words, ("Outlook", "前景"), strict=True):
        page = client.get(f"/prices?outlook={outlook}", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert f'<option value="{outlook}" selected>{said} ({len(losing)})</option>' in page and 'id="outlook-note"' in page
        assert f"<li>{chip}" in page and f"{said}<a href" in page and f"outlook={outlook}" in page.partition("/prices/every?")[2][:200]
    exported = client.get(f"/prices/export?outlook={outlook}").text.splitlines()
    assert len(exported) == 1 + len(losing)
    found = seen(client, f"outlook={outlook}")
    assert found["changes"] == len(losing) and found["filter"] == f"outlook={outlook}"
    post(client, "/prices/reject", run=desk.run, filter=found["filter"], count=found["changes"], why="too risky")
    assert set(desk.desk.reading.rows("verdicts")["sku"]) == losing


@pytest.mark.parametrize(
    ("language", "lose", "room", "may"),
    [
        (
            "en",
            "Expected to lose profit by themselves:",
            "makes room for better moves of others under a limit that products share: average move",
            "may lose",
        ),
        ("zh", "预期自身会减少利润", "在共同限制下为其他更优调价让出空间：平均变动", "可能带来损失"),
    ],
)
def test_today_tells_those_that_make_room_from_those_that_may_lose(tmp_path: Path, language: str, lose: str, room: str, may: str) -> None:
    desk = place(tmp_path / "shop", ROOM)
    client = desk.client()
    losing = desk.desk.reading.run(desk.run).changes.filter(pl.col("profit_change") < 0)
    today = client.get("/", headers=JSON).json()
    assert today["making_room"] == losing.height == losing.filter(pl.col("reason") == "makes_room").height
    assert today["losing"]["profit_change"] == pytest.approx(losing["profit_change"].sum())
    page = client.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
    line = page[page.index('id="losing"') :].partition("</p>")[0]
    told = re.sub(r"<[^>]*>", "", line)
    assert lose in told and room in told and f'<data value="{today["losing"]["profit_change"]}">' in line
    assert may in page[page.index('id="uncertain"') :].partition("</p>")[0]


def test_the_next_rows_come_without_the_page_and_say_where_they_go_on(desk: Place) -> None:
    client, rows = desk.client("approver"), {"Accept": "text/html", "Part": "rows"}
    address, shown = "/prices?size=9&sort=sku&order=up", []
    while address:
        answer = client.get(address, headers=rows).text
        shown += re.findall(r'name="products" value="([^"&]*)', answer)
        address = next(iter(re.findall(r'data-more href="([^"]*)"', answer)), "").replace("&amp;", "&")
    assert shown == sorted(desk.desk.reading.run(desk.run).decided["sku"])


def test_what_the_last_act_did_is_said_on_the_next_page_not_lost_to_rows(desk: Place) -> None:
    client = desk.client("approver")
    sku = desk.desk.reading.run(desk.run).changes.row(0, named=True)
    key = "\x1f".join(sku[name] for name in KEY)
    post(client, "/prices/accept", run=desk.run, products=key)
    said = client.cookies["ps_said"]
    client.get("/prices?page=2&size=9", headers={"Accept": "text/html", "Part": "rows"})
    assert client.cookies["ps_said"] == said


def test_values_in_their_hundreds_are_typed_and_few_are_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks, few = {"Accept": "text/html"}, prices.choices
    assert '<select name="family">' in place(tmp_path / "few").client().get("/prices", headers=asks).text
    monkeypatch.setattr(prices, "choices", lambda table: {**few(table), "family": {f"handle-{number}": 2 for number in range(41)}})
    page = place(tmp_path / "many").client().get("/prices?family=handle-7", headers=asks).text
    assert '<input type="search" name="family" value="handle-7" list="family-values"' in page and '<select name="family">' not in page
    assert page.count('<option value="handle-') == 41 and '<select name="brand">' in page
