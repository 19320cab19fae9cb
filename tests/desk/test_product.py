"""What can be done on the page of one product."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.flows import wiring
from pricesmith.flows.desk.product.kin import Related
from pricesmith.flows.desk.product.why import Driver
from pricesmith.flows.publishing.history.certificate import canonical, recompute
from tests.desk.place import Place, csrf, place, post, priced_anew


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def first(desk: Place) -> dict[str, object]:
    decided = desk.desk.reading.run(desk.run).decided
    return decided.filter(pl.col("action") == "change").sort("profit_change", descending=True).row(0, named=True)


def where(row: dict[str, object]) -> dict[str, str]:
    return {"channel": str(row["channel"]), "region": str(row["region"])}


def test_a_price_that_stays_stands_beside_the_nearest_ones_and_says_what_is_counted(desk: Place) -> None:
    run = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nup = 0.15\ndown = 0.15\n')
    row = desk.desk.reading.run(run).decided.filter(pl.col("reason") == "already_best").row(0, named=True)
    client, address = desk.client(), f"/products/{row['sku']}"
    twin = client.get(address, params=where(row), headers={"Accept": "application/json"}).json()
    text = client.get(address, params=where(row), headers={"Accept": "text/html"}).text
    table = text.partition('<table id="nearest">')[2].partition("</table>")[0]
    shown = [
        (int(price), float(profit)) for price, profit in re.findall(r'<data value="(\d+)">.*?<td class="n"><data value="([^"]+)">', table)
    ]
    known = [(one["price"], one["together"]) for one in twin["seen"]["curve"]["candidates"] if one["allowed"]]
    place_ = known.index(next(one for one in known if one[0] == row["current_price"]))
    assert shown == known[place_ - 1 : place_ + 2] and max(shown, key=lambda one: one[1])[0] == row["current_price"]
    assert bool(twin["seen"]["related"]) == ("no other price is better, its effect on related products counted" in text)
    assert ("profit with related products, EUR a day" in text) == bool(twin["seen"]["related"])
    assert "its own profit (related products not counted)" in text
    chinese = client.get(address, params=where(row), headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "自身利润（不含关联商品）" in chinese and "相邻价格的预期利润" in chinese


def test_the_page_draws_what_its_twin_says(desk: Place) -> None:
    client, row = desk.client(), first(desk)
    address = f"/products/{row['sku']}"
    twin = client.get(address, params=where(row), headers={"Accept": "application/json"}).json()
    text = client.get(address, params=where(row), headers={"Accept": "text/html"}).text
    endings = text.partition('id="limits"')[2].partition("price endings")[2].partition("</tr>")[0]
    assert "says which prices, not how low or high" in endings and "does not bind" not in endings
    assert text.count('<svg class="chart" ') == 3
    assert text.count('class="candidate"') + text.count('class="candidate out"') - 2 == len(twin["seen"]["curve"]["candidates"])
    assert twin["decided"]["price"] == row["price"]
    assert twin["scale"] == 100.0
    there = next(one for one in twin["seen"]["curve"]["candidates"] if one["price"] == row["price"])
    said = re.search(
        r'Expected a day at the proposed price, <data value="[^"]+">[^<]*</data> EUR: [^<]*today&#39;s prices <data value="([^"]+)">'
        r'.*?once [^<(]*\((\d+) related products? changes?\) <data value="([^"]+)">'
        r'.*?\(90 % interval of the mean <data value="([^"]+)">.*? … <data value="([^"]+)">.*?; '
        r"of sales "
        r'<data value="([^"]+)">.*? … <data value="([^"]+)">',
        text,
    )
    assert said is not None and [float(one) for one in said.groups()] == pytest.approx(
        [
            *(twin["seen"]["beside"][name] for name in ("units", "changes")),
            there["units"],
            there["lo"],
            there["hi"],
            *twin["seen"]["sold_new"],
        ]
    )
    low, high = twin["seen"]["sold_new"]
    assert low < there["lo"] and there["hi"] < high, "what is sold is less sure than its mean"


def offers_read(client: TestClient, address: str, asked: dict[str, str]) -> Any:
    """What the twin says of offers once the files are read."""
    for _ in range(500):
        found = client.get(address, params=asked, headers={"Accept": "application/json"}).json()["offers"]
        if not found["working"]:
            return found
        time.sleep(0.02)
    raise AssertionError("the offers are not read")


def test_offers_of_sellers_stand_beside_our_prices(desk: Place) -> None:
    client, row = desk.client(), first(desk)
    columns = ("observed_at", "sku", "competitor", "price", "shipping", "confidence")
    offers = [("2026-08-02T09:00:00Z", row["sku"], *one) for one in (("dear", 4.0, 5.0, 1.0), ("cheap <b>", 0.5, None, 0.3))]
    for file in (desk.folder / "data").glob("competitor_prices*"):
        file.unlink()
    pl.DataFrame(offers, schema=columns, orient="row").write_csv(desk.folder / "data" / "competitor_prices.csv")
    address, asked = f"/products/{row['sku']}", where(row)
    found = offers_read(client, address, asked)["offers"]
    assert [(one["seller"], one["price"]) for one in found] == [("cheap <b>", 50.0), ("dear", 400.0)]
    assert found[0]["left_out"] == "unsure"
    assert [one["new"] for one in found] == [pytest.approx(float(str(row["price"])) / one["price"] - 1.0) for one in found]
    for language, word in (("en", "Competitors&#39; last offers"), ("zh", "各竞争对手的最新报价")):
        text = client.get(address, params=asked, headers={"Accept": "text/html", "Accept-Language": language}).text
        part = text[text.index('<section id="offers"') :].partition("</section>")[0]
        assert word in part and "cheap &lt;b&gt;" in part and part.count('<th scope="row"') == 2
        assert {str(one[name]) for one in found for name in ("price", "now", "new")} <= set(re.findall(r'<data value="([^"]*)"', part))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_expected_at_the_current_price_stands_beside_that_at_the_new_one(desk: Place, language: str) -> None:
    client, row = desk.client(), first(desk)
    address, asked = f"/products/{row['sku']}", where(row)
    twin = client.get(address, params=asked, headers={"Accept": "application/json"}).json()["seen"]
    (still,) = (one for one in twin["curve"]["candidates"] if one["price"] == row["current_price"])
    text = client.get(address, params=asked, headers={"Accept": "text/html", "Accept-Language": language}).text
    line = text[text.index('id="expected-before"') :].partition("</p>")[0]
    told = [float(value) for value in re.findall(r'<data value="([^"]*)"', line)]
    ranges = (still["lo"], still["hi"], *twin["sold_now"])
    assert told == pytest.approx([row["current_price"], still["units"], *ranges, still["profit"]], rel=1e-6)


def test_without_offers_the_page_says_what_brings_them(desk: Place) -> None:
    for file in (desk.folder / "data").glob("competitor_prices*"):
        file.unlink()
    client, row = desk.client(), first(desk)
    address = f"/products/{row['sku']}"
    assert offers_read(client, address, where(row))["offers"] == []
    text = client.get(address, params=where(row), headers={"Accept": "text/html"}).text
    assert text.count('href="/start?table=competitor_prices"') == 1


def test_a_product_without_competitors_says_so_once(desk: Place) -> None:
    client = desk.client()
    for file in (desk.folder / "data").glob("competitor_prices*"):
        file.unlink()
    decided = desk.desk.reading.run(desk.run).decided
    row = decided.filter(pl.col("competitor_price").is_null()).row(0, named=True)
    address = f"/products/{row['sku']}"
    assert offers_read(client, address, where(row))["offers"] == []
    for language, word in (("en", "No competitor&#39;s offer"), ("zh", "没有该商品的竞品报价")):
        text = client.get(address, params=where(row), headers={"Accept": "text/html", "Accept-Language": language}).text
        assert text.count('<section id="offers"') == 1 and text.count(word) == 1
        grid = text[text.index('<div class="two even">') : text.index('<section id="events"')]
        assert '<section id="offers"' in grid and text.count('href="/start?table=competitor_prices"') == 1


def test_what_a_manager_asks_comes_first_and_all_stands_open_without_a_script(desk: Place) -> None:
    client, row = desk.client(), first(desk)
    text = client.get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "text/html"}).text
    parts = re.findall(r'<section (?:class="lead|id="(\w+)")', text)
    assert parts[:3] == ["", "why", "limits"] and parts[-2:] == ["events", "certificate"]
    folded = re.findall(r"<details class=\"fold\"[^>]*>", text)
    assert len(folded) == len(parts) - 1 and all(one.endswith(" open>") for one in folded)


def test_a_price_of_ones_own_makes_a_run_that_somebody_else_approves(desk: Place) -> None:
    client, row = desk.client("analyst", "anna"), first(desk)
    twin = client.get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "application/json"}).json()
    price = next(one for one in twin["seen"]["near"] if one not in (row["price"], row["current_price"]))
    fields = {"run": desk.run, "price": f"{price / 100:.2f}", "why": "flyer says so", **where(row)}
    answer = post(client, f"/products/{row['sku']}", **fields)
    assert answer.status_code == 303, answer.text
    runs = desk.desk.reading.rows("runs")
    made = runs.row(-1, named=True)
    assert (made["kind"], made["parent"], made["by"]) == ("override", desk.run, "anna")
    assert made["run"] in answer.headers["location"]
    seen = client.get(answer.headers["location"], headers={"Accept": "application/json"}).json()
    assert seen["decided"]["price"] == price and seen["decided"]["reason"] == "override"
    assert [event["kind"] for event in seen["events"]][:2] == ["decided", "decided"]
    own = desk.client("approver", "anna-approves")
    accepted = post(own, "/prices/accept", run=made["run"], products="\x1f".join([str(row["sku"]), *where(row).values()]), back="/prices")
    assert accepted.status_code == 303


def test_a_price_that_cannot_be_published_is_refused_with_those_that_can(desk: Place) -> None:
    client, row = desk.client("analyst"), first(desk)
    for text in ("0.03", "none", "-1", "nan", "1e99"):
        answer = post(client, f"/products/{row['sku']}", run=desk.run, price=text, why="because", **where(row))
        assert answer.status_code == 422
    given = {"_csrf": csrf(client, "/sign-in"), "run": desk.run, "price": "0.03", "why": "because", **where(row)}
    refused = client.post(f"/products/{row['sku']}", data=given, headers={"Accept": "application/json"}).json()
    assert refused["code"] == "not_publishable"
    twin = client.get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "application/json"}).json()
    allowed = [f"{one['price'] / 100:.2f}" for one in twin["seen"]["curve"]["candidates"] if one["allowed"]]
    assert refused["hint"] == f"lowest allowed: {allowed[0]}, highest: {allowed[-1]}"
    assert "what forbids it: " in refused["detail"] and "largest change" in refused["detail"]
    between = next(one for one in range(round(100 * float(allowed[0])), 10**6) if f"{one / 100:.2f}" not in allowed)
    given = {**given, "price": f"{between / 100:.2f}"}
    refused = client.post(f"/products/{row['sku']}", data=given, headers={"Accept": "application/json"}).json()
    assert refused["hint"].startswith("Publishable near it: ") and allowed[0] in refused["hint"]
    assert refused["detail"].endswith("what forbids it: price endings")
    given = {**given, "price": f"{(row['price'] + 1) / 100:.2f}"}
    refused = client.post(f"/products/{row['sku']}", data=given, headers={"Accept": "application/json"}).json()
    proposed = f"{row['price'] / 100:.2f}"
    assert refused["hint"].startswith("Publishable near it: ") and proposed in allowed
    assert proposed not in refused["hint"].partition(": ")[2].split(", "), "that one would be refused as proposed already"
    page = client.post(f"/products/{row['sku']}", data=given, headers={"Accept": "text/html"}).text
    assert "<p>Publishable near it: " in page
    assert desk.desk.reading.rows("runs").height == 1


def test_a_certificate_is_true(desk: Place) -> None:
    client, row = desk.client("viewer"), first(desk)
    answer = client.get(f"/certificates/{row['sku']}", params={"run": desk.run, **where(row)})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    document = json.loads(answer.content)
    assert document["decision"]["price"] == row["price"]
    assert wiring.is_signed(canonical(document), document["signature"], wiring.signer_of(desk.folder).key)
    assert recompute(desk.desk.reading.book, document) == []


def test_answers_lead_back_to_the_product(desk: Place) -> None:
    client, row = desk.client("approver"), first(desk)
    products = "\x1f".join([str(row["sku"]), *where(row).values()])
    answer = post(client, "/prices/reject", run=desk.run, products=products, back=f"/products/{row['sku']}", why="too much")
    assert answer.headers["location"] == f"/products/{row['sku']}"
    twin = client.get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "application/json"}).json()
    assert twin["decided"]["state"] == "rejected"
    assert twin["events"][0]["kind"] == "reject" and twin["events"][0]["why"] == "too much"
    outside = post(client, "/prices/withdraw", run=desk.run, products=products, back="//elsewhere.example/")
    assert outside.headers["location"] == "/"


def test_a_held_product_leads_to_the_rule_that_holds_it(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop", '[[rule]]\nkind = "exclude"\nwhere = { sku = "G012" }\n')
    client = desk.client("viewer")
    page = client.get("/products/G012", headers={"Accept": "text/html"}).text
    assert '<a href="/rules#rule-exclude">' in page and 'href="/rules"' not in page.partition("<main")[2]
    assert 'id="rule-exclude"' in client.get("/rules", headers={"Accept": "text/html"}).text
    assert "a still better price was prevented" not in page and "leaves this product out" in page and 'href="/rules#versions"' in page
    assert "排除了该商品" in client.get("/products/G012", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert 'id="versions"' in client.get("/rules", headers={"Accept": "text/html"}).text


def test_a_product_whose_limits_cross_says_so_and_what_forbids_the_endings_beside_its_price(tmp_path: Path) -> None:
    limits = (("min_price = 900", "G012"), ("max_price = 1", "G01*"))
    rules = "".join(f'[[rule]]\nkind = "price_bounds"\n{limit}\nwhere = {{ sku = "{sku}" }}\n' for limit, sku in limits)
    client = place(tmp_path / "shop", rules).client("viewer")
    held = client.get("/", headers={"Accept": "application/json"}).json()["held"]
    assert [(one["reason"], one["rules"], one["count"], one["rule"]) for one in held] == [
        ("no_feasible_price", "margin_floor;price_bounds:3", 7, "margin_floor"),
        ("no_feasible_price", "price_bounds:2", 1, "price_bounds:2"),
    ]
    assert "reason=no_feasible_price&amp;rule=margin_floor" in client.get("/", headers={"Accept": "text/html"}).text
    twin = client.get("/products/G012", headers={"Accept": "application/json"}).json()
    now, crossed, near = twin["decided"]["price"], twin["seen"]["crossed"], twin["seen"]["beyond"]
    assert (twin["decided"]["reason"], crossed["low"], crossed["high"]) == ("no_feasible_price", 90000.0, 100.0)
    assert [(one["side"], one["bound"]) for one in near] == [
        (side, bound) for side in ("above", "below") for bound in ("highest", "lowest")
    ]
    assert all((one["price"] > now) == (one["side"] == "above") for one in near)
    assert all((one["price"] > one["limit"]) == (one["bound"] == "highest") for one in near)
    for language, cross, count in (
        ("en", "No price meets all limits.", "with an allowed ending that the rules forbid, "),
        ("zh", "没有价格能同时满足所有限制", "符合尾数但规则不允许的最近价格"),
    ):
        page = client.get("/products/G012", headers={"Accept": "text/html", "Accept-Language": language}).text
        part = page[page.index('<section id="limits"') :].partition("</section>")[0]
        assert part.count(cross) == 1 and part.count(count) == len(near) and "&lt;" not in part


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "fewer", "more"),
    [
        (
            "en",
            "Pan sells 0.42 fewer a day, and loses less: its price, less tax and fees, is below its cost.",
            "Pan sells 0.42 more a day, and loses more: its price, less tax and fees, is below its cost.",
        ),
        (
            "zh",
            "Pan 每天少卖 0.42 件，亏损也随之减少：其价格扣除税费后低于成本。",
            "Pan 每天多卖 0.42 件，亏损也随之增加：其价格扣除税费后低于成本。",
        ),
    ],
)
def test_a_related_product_that_loses_on_every_unit_says_why_selling_fewer_gains(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, fewer: str, more: str
) -> None:
    row, heads = first(desk), {"Accept": "text/html", "Accept-Language": language}

    def said(sold: float, loses: bool) -> str:
        one = Related("P", "default", "default", "Pan", 100, 100, sold / 10, sold, -sold, loses)
        monkeypatch.setattr("pricesmith.flows.desk.product.seen.related", lambda *_of: [one])
        return str(desk.client().get(f"/products/{row['sku']}", params=where(row), headers=heads).text)

    assert said(-0.42, True).count(fewer) == 2 and said(0.42, True).count(more) == 2, "beside the drivers, and below the related products"
    assert fewer not in said(-0.42, False) and fewer.replace("0.42", "0.00") not in said(-0.004, True)


@pytest.mark.parametrize(("language", "said"), [("en", "moves no other product measurably"), ("zh", "对其他商品没有可测量的影响")])
def test_a_price_that_moves_no_other_product_by_what_shows_says_so_in_a_line(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    row = first(desk)

    def told(units: float, profit: float | None) -> tuple[bool, bool, bool]:
        two = [Related(sku, "default", "default", f"Pan {sku}", 100, 100, units, -units, profit, False) for sku in "PQ"]
        monkeypatch.setattr("pricesmith.flows.desk.product.seen.related", lambda *_of: two)
        twin = desk.client().get(f"/products/{row['sku']}", params={**where(row), "format": "json"}).json()["seen"]
        assert [one["units"] for one in twin["related"]] == [units] * 2, "the twin keeps them"
        page = (
            desk.client()
            .get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "text/html", "Accept-Language": language})
            .text
        )
        return bool(twin["moves"]), said in page.partition('id="unmoved"')[2].partition("</p>")[0], "Pan P" in page and "Pan Q" in page

    assert told(0.000049, 0.00049) == told(-0.000049, None) == told(0.0, -0.00049) == (False, True, False)
    assert told(0.000051, 0.0) == told(0.0, -0.00051) == (True, False, True)


@pytest.mark.parametrize(("effect", "shown"), [(0.0004, False), (-0.0004, False), (0.0006, True), (-0.31, True)])
def test_an_effect_on_related_products_stands_among_the_drivers_where_it_is_not_nothing(
    desk: Place, monkeypatch: pytest.MonkeyPatch, effect: float, shown: bool
) -> None:
    row = first(desk)
    drivers = [Driver("margin", 1.0), Driver("volume", -0.2), Driver("family", effect)]
    monkeypatch.setattr("pricesmith.flows.desk.product.page.why.drivers", lambda _told: drivers)
    text = desk.client().get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "text/html"}).text
    assert ('<th scope="row">effect on related products</th>' in text) == shown
    twin = desk.client().get(f"/products/{row['sku']}", params={**where(row), "format": "json"}).json()
    assert [one["name"] for one in twin["drivers"]] == ["margin", "volume", "family"]


@pytest.mark.parametrize(
    ("families", "said"),
    [(True, "none shares its family"), (False, "Your product list names no families")],
)
def test_without_related_products_the_page_says_what_would_make_them_known(
    desk: Place, monkeypatch: pytest.MonkeyPatch, families: bool, said: str
) -> None:
    row = first(desk)
    monkeypatch.setattr("pricesmith.flows.desk.product.seen.related", lambda *_of: [])
    monkeypatch.setattr("pricesmith.flows.desk.product.seen.names_families", lambda _items: families)
    page = desk.client().get(f"/products/{row['sku']}", params=where(row), headers={"Accept": "text/html"}).text
    assert said in page.partition('id="no-family"')[2].partition("</p>")[0]


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("limit", "share", "reason", "en", "zh"),
    [
        ("min_price", 1.05, "floor", "lies below what the rules allow: price bounds (2), at least ", "价格上下限 (2)要求不低于 "),
        ("max_price", 0.95, "ceiling", "lies above what the rules allow: price bounds (2), at most ", "价格上下限 (2)要求不高于 "),
    ],
)
def test_a_price_that_moves_because_a_rule_forbids_todays_names_the_rule_and_its_limit(
    desk: Place, tmp_path: Path, limit: str, share: float, reason: str, en: str, zh: str
) -> None:
    now = int(first(desk)["current_price"])  # type: ignore[call-overload]
    sku, bound = first(desk)["sku"], round(now * share)
    rule = f'[[rule]]\nkind = "price_bounds"\n{limit} = {bound / 100}\nwhere = {{ sku = "{sku}" }}\n'
    client = place(tmp_path / "forced", rule).client("viewer")
    twin = client.get(f"/products/{sku}", headers={"Accept": "application/json"}).json()
    assert (twin["decided"]["reason"], twin["outside"]) == (reason, {"rule": "price_bounds:2", "limit": float(bound)})
    for language, said in (("en", en), ("zh", zh)):
        heads = {"Accept": "text/html", "Accept-Language": language}
        for address in (f"/products/{sku}", f"/prices?search={sku}"):
            assert f"{said}{bound / 100:.2f}" in client.get(address, headers=heads).text


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "up", "down"),
    [
        ("en", "a still higher price would earn more", "a still lower price would earn more"),
        ("zh", "再涨会更赚，但受以下规则限制：", "再降会更赚，但受以下规则限制："),
    ],
)
def test_a_rule_that_stops_a_better_price_says_on_which_side_that_lies(desk: Place, language: str, up: str, down: str) -> None:
    decided = desk.desk.reading.run(desk.run).decided
    stopped = decided.filter((pl.col("reason") == "profit_up") & (pl.col("binding_rules") == "max_change"))
    rises = stopped.with_columns(rise=pl.col("price") > pl.col("current_price")).unique("rise").sort("rise")
    assert rises["rise"].to_list() == [False, True]
    heads = {"Accept": "text/html", "Accept-Language": language}
    for row, said in zip(rises.iter_rows(named=True), (down, up), strict=True):
        assert said in desk.client().get(f"/products/{row['sku']}", params=where(row), headers=heads).text
    assert up in desk.client().get("/", headers=heads).text


def test_a_price_that_is_kept_is_not_called_better_than_one_that_rules_forbid(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop", '\n[[rule]]\nkind = "change_budget"\nmax_changes = 3\n')
    decided = desk.desk.reading.run(desk.run).decided.filter(pl.col("binding_rules") != "")
    client, asked = desk.client("viewer"), {"Accept": "text/html", "Accept-Language": "en"}
    for reason, said, unsaid in (
        ("best_allowed", "better ones are ruled out by:", "a still "),
        ("profit_up", "a still ", "ruled out"),
    ):
        row = decided.filter(pl.col("reason") == reason).row(0, named=True)
        page = client.get(f"/products/{row['sku']}?run={desk.run}", headers=asked).text
        assert said in page and unsaid not in page


@pytest.mark.parametrize(
    ("language", "plain", "related"),
    [
        ("en", "brings more profit", "earns less by itself, but brings more profit with its related products"),
        ("zh", "利润更高", "自身利润减少，但连同关联商品利润更高"),
    ],
)
def test_a_change_that_gains_only_by_way_of_others_says_so(
    desk: Place, monkeypatch: pytest.MonkeyPatch, language: str, plain: str, related: str
) -> None:
    decided = desk.desk.reading.run(desk.run).decided
    row = decided.filter((pl.col("reason") == "profit_up") & (pl.col("profit_change") > 0)).row(0, named=True)

    def said(margin: float) -> str:
        parts = [Driver("margin", margin), Driver("volume", 0.01), Driver("family", 0.07)]
        monkeypatch.setattr("pricesmith.flows.desk.product.why.drivers", lambda _told: parts)
        heads = {"Accept": "text/html", "Accept-Language": language}
        text = desk.client().get(f"/products/{row['sku']}", params=where(row), headers=heads).text
        return str(re.sub(r"<[^>]*>", "", text[text.index('class="lead split"') :].partition('class="acts')[0]))

    assert related in said(-0.03)
    assert related not in said(0.03) and plain in said(0.03)
