"""A price that a person sets stands beside the run: nothing else of the run is touched by it."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main
from pricesmith.flows.publishing.answers.own_price import bound, breaking, judged

from . import came
from .place import Place, csrf, overridden, place, post

pytestmark = pytest.mark.real  # long

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def test_an_own_price_stands_beside_the_run_and_alone_in_its_own(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    changes = ben.get(f"/runs/{desk.run}", headers=JSON).json()["one"]["changes"]
    own = overridden(desk, "anna")
    assert desk.desk.reading.latest() == desk.run
    assert ben.get("/prices", headers=JSON).json()["run"] == desk.run
    first = ben.get("/", headers=JSON).json()
    assert (first["run"], first["own_open"], first["own_ready"], first["up"] + first["down"]) == (desk.run, 1, 0, changes)
    one = ben.get(f"/runs/{own}", headers=JSON).json()["one"]
    assert (one["changes"], one["states"], [(row["by"], row["why"]) for row in one["own"]]) == (
        1, {"open": 1}, [("anna", "the manager says so")],
    )  # fmt: skip
    row = one["own"][0]
    found = ben.get("/prices", params={"search": row["sku"]}, headers=JSON).json()["rows"][0]["own"]
    assert (found["run"], found["price"], found["by"], found["state"]) == (own, row["price"], "anna", "open")
    assert "own price proposed:" in ben.get("/prices", params={"search": row["sku"]}, headers=HTML).text
    page = ben.get(f"/products/{row['sku']}", headers=HTML).text
    assert f"/runs/{own}" in page and "the manager says so" in page
    assert "set by a person: the manager says so" in ben.get(f"/products/{row['sku']}?run={own}", headers=HTML).text
    listed = ben.get("/approvals", headers=JSON).json()["all"]["runs"]
    assert {one["run"]: one["changes"] for one in listed} == {own: 1, desk.run: changes}


def test_a_second_person_approves_what_was_set_and_nothing_else(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    own = overridden(desk, "anna")
    rest = desk.desk.reading.run(own).decided.filter((pl.col("action") == "change") & (pl.col("reason") != "override")).row(0, named=True)
    key = "\x1f".join(rest[name] for name in ("sku", "channel", "region"))
    assert post(ben, "/prices/accept", run=own, products=key).status_code == 422
    assert post(anna, f"/runs/{own}/accept", sure="1").status_code == 422
    assert post(ben, f"/runs/{own}/accept", sure="1").status_code == 303
    assert ben.get(f"/runs/{own}", headers=JSON).json()["one"]["states"] == {"ready": 1}
    assert ben.get(f"/runs/{desk.run}", headers=JSON).json()["one"]["states"].get("ready", 0) == 0
    first = ben.get("/", headers=JSON).json()
    assert (first["own_open"], first["own_ready"], first["ready"]) == (0, 1, 0)
    assert post(anna, f"/runs/{desk.run}/accept", sure="1").status_code == 303, "the requester of one price may answer the rest"


def test_the_reason_of_an_own_price_stands_on_its_receipt_and_no_rule_is_blamed(desk: Place) -> None:
    own = overridden(desk, "anna")
    came.arrive(desk.folder, own, only_set=True)
    client = desk.client("viewer")
    assert "set by a person: the manager says so" in client.get(f"/runs/{own}/receipts", headers=HTML).text
    assert "人工定价：the manager says so" in client.get(f"/runs/{own}/receipts", headers={**HTML, "Accept-Language": "zh"}).text
    row = client.get(f"/prices?run={own}&reason=override&columns=binding_rules&columns=reason", headers=JSON).json()["rows"][0]
    assert (row["reason"], row["binding_rules"]) == ("override", "")
    limits = client.get(f"/products/{row['sku']}?run={own}", headers=JSON).json()["limits"]
    assert not any(one["binding"] for one in limits)


def test_the_history_of_a_product_tells_nothing_of_what_was_set_for_another(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    own = overridden(desk, "anna")
    assert post(ben, f"/runs/{own}/accept", sure="1").status_code == 303
    decided = desk.desk.reading.run(own).decided
    before = desk.desk.reading.run(desk.run).decided.select("sku", "channel", "region", before="price")
    rest = decided.filter(pl.col("reason") != "override").join(before, on=["sku", "channel", "region"])
    alike = rest.filter(pl.col("price").eq_missing(pl.col("before")))
    assert alike.height > 1
    for row in alike.iter_rows(named=True):
        where = {"channel": row["channel"], "region": row["region"]}
        events = ben.get(f"/products/{row['sku']}", params=where, headers=JSON).json()["events"]
        assert [(one["kind"], one["run"]) for one in events] == [("decided", desk.run)]
    row = decided.filter(pl.col("reason") == "override").row(0, named=True)
    where = {"channel": row["channel"], "region": row["region"]}
    events = ben.get(f"/products/{row['sku']}", params=where, headers=JSON).json()["events"]
    assert sorted((one["kind"], one["run"]) for one in events) == sorted([("accept", own), ("decided", own), ("decided", desk.run)])


def test_a_price_that_a_person_set_is_told_as_such_with_what_it_costs(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    once = overridden(desk, "anna")
    decided = {name: desk.desk.reading.run(name).decided for name in (desk.run, once)}
    row = decided[once].filter(pl.col("reason") == "override").row(0, named=True)
    recommended = decided[desk.run].filter(pl.col("sku") == row["sku"]).row(0, named=True)
    address = f"/products/{row['sku']}?run={once}"
    told = anna.get(address, headers=JSON).json()["by_hand"]
    assert (told["by"], told["price"]) == ("anna", recommended["price"])
    assert told["against"] == pytest.approx(row["profit_change"] - recommended["profit_change"])
    pages = {language: anna.get(address, headers={**HTML, "Accept-Language": language}).text for language in ("en", "zh")}
    assert "A person set this price: anna." in pages["en"] and "此价格由 anna 人工设定。" in pages["zh"]
    assert "against the recommendation" in pages["en"] and "与建议价相比" in pages["zh"]
    assert told["against"] < 0 and f'<data value="{told["against"]}">' in pages["en"]
    assert "By itself this change loses" not in pages["en"] and "在共同限制下" not in pages["zh"]
    assert anna.get(f"/products/{row['sku']}?run={desk.run}", headers=JSON).json()["by_hand"] is None


def test_a_proposal_is_overtaken_where_a_newer_run_published_another_price(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    own = overridden(desk, "anna")
    row = desk.desk.reading.run(own).decided.filter(pl.col("reason") == "override").row(0, named=True)
    address = f"/products/{row['sku']}?run={desk.run}"
    assert ben.get(address, headers=JSON).json()["in_shop"] is None
    assert "/prices/accept" in ben.get(address, headers=HTML).text
    came.arrive(desk.folder, own, only_set=True)
    twin = ben.get(address, headers=JSON).json()
    assert (twin["in_shop"]["price"], twin["in_shop"]["run"], twin["decided"]["state"]) == (row["price"], own, "overtaken")
    page = ben.get(address, headers=HTML).text
    assert (
        "/prices/accept" not in page
        and "overtaken by a newer price" in page
        and "In the shop web now:" in page
        and "against the price when the run was made" in page
    )
    rows = {one["sku"]: one for one in ben.get("/prices", headers=JSON).json()["rows"]}
    told = rows.pop(row["sku"])
    assert (told["in_shop"]["price"], told["state"]) == (row["price"], "overtaken")
    assert all(one["in_shop"] is None for one in rows.values())
    others = {one["state"] for one in rows.values() if one["action"] == "change"}
    assert others == {"open"}
    assert "now in the shop:" in ben.get("/prices", headers=HTML).text
    states = ben.get(f"/runs/{desk.run}", headers=JSON).json()["one"]["states"]
    assert states == {"open": sum(one["action"] == "change" for one in rows.values()), "overtaken": 1}
    assert [one["sku"] for one in ben.get("/prices?state=overtaken", headers=JSON).json()["rows"]] == [row["sku"]]
    itself = ben.get(f"/products/{row['sku']}?run={own}", headers=JSON).json()
    assert itself["in_shop"] == twin["in_shop"] and itself["decided"]["state"] == "applied"


def test_the_answer_that_stands_is_told_where_it_is_given(desk: Place) -> None:
    """A reason is asked for before a rejection is sent; who has answered nothing has nothing to withdraw."""
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    address, key = f"/products/{row['sku']}?run={desk.run}", "\x1f".join(row[name] for name in ("sku", "channel", "region"))

    def acts(client: TestClient) -> str:
        return client.get(address, headers=HTML).text.partition('<div class="acts')[2].partition("</form>")[0]

    first = acts(ben)
    assert 'class="primary" formaction="/prices/accept" formnovalidate' in first and "/prices/withdraw" not in first
    assert re.search(r'<input name="why"[^>]* required', first)
    assert post(ben, "/prices/reject", run=desk.run, products=key, why="too steep").status_code == 303
    assert "rejected · ben: too steep" in acts(ben) and "/prices/withdraw" in acts(ben)
    assert 'class="primary"' not in acts(ben)
    assert "rejected · ben" in acts(anna) and "/prices/withdraw" not in acts(anna)
    assert post(ben, "/prices/withdraw", run=desk.run, products=key).status_code == 303
    assert "/prices/withdraw" not in acts(ben) and 'class="primary"' in acts(ben) and "rejected" not in acts(ben)


BOUNDED = '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n'


def test_a_price_that_only_a_rule_over_the_whole_shop_forbids_is_not_offered_and_is_refused_in_words(tmp_path: Path) -> None:
    desk = place(tmp_path / "bounded", BOUNDED)
    anna = desk.client("approver", "anna")
    rows = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").iter_rows(named=True)
    told = {str(row["sku"]): anna.get(f"/products/{row['sku']}?run={desk.run}", headers=JSON).json() for row in rows}
    sku, twin = next((sku, twin) for sku, twin in told.items() if twin["seen"]["barred"] and twin["name"])
    one = twin["seen"]["barred"][0]
    assert (one["rules"], one["whole"]) == (["index_limit"], True) and not set(one["prices"]) & set(twin["seen"]["near"])
    assert {limit["name"] for limit in twin["limits"] if limit["whole"]} == {"index_limit"}
    page = {language: anna.get(f"/products/{sku}", headers={**HTML, "Accept-Language": language}).text for language in ("en", "zh")}
    assert "would break a rule over the whole shop: average move</span>" in page["en"] and "会违反整店规则：平均变动</span>" in page["zh"]
    assert 'colspan="2">over the whole shop</td>' in page["en"] and 'colspan="2">整店规则</td>' in page["zh"]
    for language, forbids in (("en", "beside the run's other prices forbids"), ("zh", "与本批次其他价格一起时禁止")):
        listed = re.search(f"<small>{forbids} (.*?)</small>", html.unescape(page[language]))
        assert listed and re.sub("<.*?>", "", listed[1]).split(" · ") == [f"{price / 100:.2f}" for price in one["prices"]]
    assert not any(f'<option value="{price / 100:.2f}">' in page["en"] for price in one["prices"])
    price = f"{one['prices'][0] / 100:.2f}"
    fields = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "price": price, "why": "because"}
    answer = anna.post(f"/products/{sku}", data=fields, headers=JSON)
    assert answer.status_code == 422 and answer.json()["code"] == "not_publishable"
    said = answer.json()["detail"]
    assert said.startswith(f"{price} EUR for {twin['name']} ({sku})") and "default" not in said
    assert re.search(r"over all prices of the run together: average move \(now .* %, with this .* %, at (most|least) .* %\)$", said)
    assert twin["seen"]["near"] == [], "the proposal itself is no other price"
    assert "Near it nothing else can be published" in page["en"] and "其附近没有其他可发布的价格" in page["zh"]
    assert answer.json()["hint"].startswith("to make room, reject changes of other products first")
    assert f"/prices?run={desk.run}&amp;action=change&amp;direction={one['fills']}&amp;sort=move" in page["en"]
    chinese = anna.post(f"/products/{sku}", data=fields, headers={**HTML, "Accept-Language": "zh"}).text
    assert "会违反按本批次全部价格合计的规则：平均变动（目前 " in chinese and "请先驳回其他商品的调价" in chinese
    assert desk.desk.reading.rows("runs").height == 1


def test_what_the_whole_shop_leaves_and_what_the_product_alone_are_told_apart(tmp_path: Path) -> None:
    desk = place(tmp_path / "bounded", BOUNDED)
    anna = desk.client("approver", "anna")
    decided = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")
    hints, form = [], {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "price": "0.03", "why": "because"}
    for row in decided.iter_rows(named=True):
        where = {"channel": row["channel"], "region": row["region"]}
        hints.append((row, anna.post(f"/products/{row['sku']}", data={**form, **where}, headers=JSON).json()["hint"]))
    pattern = r"lowest that all rules and guards let pass: (.*), highest: (.*); by the rules on this product alone: (.*) to (.*)"
    both = [(row, found) for row, hint in hints if (found := re.fullmatch(pattern, hint))]
    assert both
    row, (low, high, least, most) = both[0][0], (float(text) for text in both[0][1].groups())
    assert least <= low <= high <= most and (least, most) != (low, high)
    address = f"/products/{row['sku']}"
    assert "a rule over the whole shop may leave less" in anna.get(address, headers=HTML).text
    chinese = anna.post(address, data=form, headers={**HTML, "Accept-Language": "zh"}).text
    assert "仅按该商品自身的规则：" in chinese


def test_todays_price_is_no_price_of_ones_own(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    form = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "price": f"{row['current_price'] / 100:.2f}", "why": "keep it"}
    refused = anna.post(f"/products/{row['sku']}", data=form, headers=JSON)
    assert refused.status_code == 422
    assert "is the price that the run began with: a run with it would send nothing" in refused.json()["detail"]
    assert refused.json()["hint"].startswith("reject the proposal to keep it")
    chinese = anna.post(f"/products/{row['sku']}", data=form, headers={**HTML, "Accept-Language": "zh"}).text
    assert "是该批次开始时的价格：采用它不会发送任何价格" in chinese and "请驳回建议" in chinese
    assert "To keep today's price, reject the proposal instead." in html.unescape(anna.get(f"/products/{row['sku']}", headers=HTML).text)
    assert desk.desk.reading.rows("runs").height == 1


@pytest.mark.parametrize("text", ["1,299", "1.299", "12.999", "1.2.3", "1e3", "nan", "-5", "0"])
def test_a_price_is_taken_as_it_is_typed_or_not_at_all(desk: Place, text: str) -> None:
    """1,299 may be meant as more than a thousand: it is not read as 1.30."""
    anna = desk.client("approver", "anna")
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    form = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "price": text, "why": "because"}
    refused = anna.post(f"/products/{row['sku']}", data=form, headers=JSON)
    assert refused.status_code == 422 and "is not a price" in refused.json()["detail"], refused.text


def test_more_percent_than_limits_allow_is_said(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    keys = ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).decided.select("sku", "channel", "region").iter_rows()]
    fields = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "products": keys, "percent": "200", "why": "because"}
    done = anna.post("/prices/override", data=fields, headers=HTML)
    assert done.status_code == 303, done.text
    own = desk.desk.reading.rows("runs")["run"][-1]
    count = desk.desk.reading.run(own).decided.filter(pl.col("reason") == "override").height
    assert f"Limits keep {count} of these prices from moving as far as you said" in anna.get("/prices", headers=HTML).text


def test_prices_that_break_a_rule_only_together_are_refused_together(tmp_path: Path) -> None:
    desk = place(tmp_path / "bounded", BOUNDED)
    anna = desk.client("approver", "anna")
    keys = ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).decided.select("sku", "channel", "region").iter_rows()]
    fields = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "products": keys, "percent": "5", "why": "because"}
    refused = anna.post("/prices/override", data=fields, headers=JSON)
    assert refused.status_code == 422, refused.text
    assert "prices together would break a rule over several products: average move (now " in refused.json()["detail"]
    chinese = anna.post("/prices/override", data=fields, headers={**HTML, "Accept-Language": "zh"}).text
    assert "个价格合在一起会违反涉及多个商品的规则：平均变动（目前 " in chinese
    assert desk.desk.reading.rows("runs").height == 1


SOFT = '\n[[rule]]\nkind = "price_endings"\nendings = [0.49]\nhard = false\n' + BOUNDED.replace("0.004", "0.02")


def told(desk: Place, client: TestClient, sku: str, price: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the price desk, What if and the command say of one price, each without the name of the product."""
    amount = f"{price / 100:.2f}"
    form = {"_csrf": csrf(client, "/sign-in"), "run": desk.run, "price": amount, "why": "because"}
    own = client.post(f"/products/{sku}", data=form, headers=JSON).json()["detail"]
    page = client.get("/what-if", params={"changes": f"set_price?product={sku}&price={amount}"}, headers=HTML).text
    lines = re.findall(r'<p (?:class="bad" role="alert"|role="status")>(.*?)</p>', page)
    with pytest.raises(SystemExit):
        main.main(["override", str(desk.folder), desk.run, "--set", f"{sku}={amount}", "--by", "eve", "--why", "because"])
    command = capsys.readouterr().err
    return [re.sub(r" for .* would", " would", one.strip()) for one in (own, html.unescape(lines[-1]).partition(": ")[2], command)]


def test_every_way_to_a_price_of_ones_own_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = place(tmp_path / "soft", SOFT)
    anna, reading = desk.client("approver", "anna"), desk.desk.reading
    decided = reading.replayed(desk.run).decided
    block, known, found = decided.opened(), bound(decided), {}
    for item in range(decided.items.height):
        prices = block.ladder.prices[item][block.ladder.valid[item]]
        verdicts, over = judged(decided, np.full(prices.size, item), prices), breaking(decided, known, np.array([item]), prices[:, None])
        for price, one, broken in zip(prices.tolist(), verdicts, over, strict=True):
            kind = next((name for name in ("same", "hold", "barred") if getattr(one, name)), "")
            kind = kind or ("broken" if broken else "against" if one.against else "free")
            found.setdefault(kind, (str(decided.items["sku"][item]), int(price), item))
    assert found.keys() >= {"same", "barred", "broken", "against", "free"}
    for kind, words in (
        ("same", "is the price that the run began with"),
        ("barred", "cannot be published; what forbids it: "),
        ("broken", "would break a rule over all prices"),
        ("against", ""),
    ):
        sku, price, _ = found[kind]
        said = told(desk, anna, sku, price, capsys)
        assert said[0] == said[1] and said[0] in said[2], said
        assert words in said[0]
    sku, price, item = found["against"]
    form = {"run": desk.run, "price": f"{price / 100:.2f}", "why": "flyer"}
    assert said[0] == f"{price / 100:.2f} EUR goes against what may give way: price endings (2)"

    def set_again() -> dict[str, Any]:
        found: dict[str, Any] = anna.post(f"/products/{sku}", data={"_csrf": csrf(anna, "/sign-in"), **form}, headers=JSON).json()
        return found

    assert set_again()["detail"] == f"{price / 100:.2f} EUR is proposed already: accept that proposal instead", "the command did it"
    own = reading.rows("runs").row(-1, named=True)["run"]
    assert post(desk.client("approver", "ben"), f"/runs/{own}/reject", sure="1", why="a test").status_code == 303
    refused = set_again()
    assert refused["code"] == "goes_against" and refused["hint"].startswith("say that it is meant all the same, or take one near it: ")
    done = post(anna, f"/products/{sku}", **form, anyway="1")
    made = reading.rows("runs").row(-1, named=True)
    shown = anna.get(done.headers["location"], headers=JSON).json()
    assert (done.status_code, shown["run"], shown["sku"]) == (303, made["run"], sku)
    assert reading.run(made["run"]).decided.filter(pl.col("sku") == sku)["price"][0] == price


def test_a_second_price_of_ones_own_says_that_the_first_still_waits(desk: Place) -> None:
    anna, first = desk.client("approver", "anna"), overridden(desk, "anna")
    own = told_of(anna, first)
    assert f"set by a person · {own['why']}" in own["page"]
    for language, said in (("en", "An own price of the same product waits already"), ("zh", "同一商品已有待处理的自定价格")):
        near = anna.get(f"/products/{own['sku']}", headers=JSON).json()["seen"]["near"]
        form = {"run": desk.run, "price": f"{next(one for one in near if one != own['price']) / 100:.2f}", "why": "again"}
        done = anna.post(f"/products/{own['sku']}", data={"_csrf": csrf(anna, "/sign-in"), **form}, headers={"Accept-Language": language})
        shown = anna.get(done.headers["location"], headers={**HTML, "Accept-Language": language}).text
        assert said in shown and (language == "zh" or f"already, in {first}:" in shown)


def told_of(client: TestClient, run: str) -> dict[str, Any]:
    """The own price of a run, with the page of its product."""
    one = client.get(f"/runs/{run}", headers=JSON).json()["one"]["own"][0]
    return {**one, "page": client.get(f"/products/{one['sku']}", headers=HTML).text}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,299", "write 1299.00 or 1.30, whichever is meant"),
        ("about 3", "write it like 1199.90, 1199,90 or 1.199,90"),
        *((text, "a price is above 0") for text in ("-5", "0")),
    ],
)
def test_how_a_price_is_written_is_told_with_both_ways_that_it_can_mean(desk: Place, text: str, hint: str) -> None:
    anna = desk.client("approver", "anna")
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    form = {"_csrf": csrf(anna, "/sign-in"), "run": desk.run, "price": text, "why": "because"}
    assert anna.post(f"/products/{row['sku']}", data=form, headers=JSON).json()["hint"] == hint
