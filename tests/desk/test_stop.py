"""The kill switch on the pages: what is stopped in words, one banner, the way back, and two people."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.web.words import Words
from pricesmith.contracts.ledger import GUARD_HITS, Act
from pricesmith.flows.desk.today.alarms import RECENT, alarms
from pricesmith.flows.publishing import reach
from pricesmith.flows.publishing.sending.switch import state_of

from .feed import settings
from .place import Place, csrf, place, post

HTML = {"Accept": "text/html"}
SKU = "G012"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def shown(client: TestClient, address: str, language: str = "en") -> str:
    return client.get(address, headers={**HTML, "Accept-Language": language}).text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stop_has_one_banner_in_every_language(desk: Place, language: str) -> None:
    anna = desk.client("approver", "anna")
    post(anna, "/stop", why="a doubt", to="/prices")
    page = shown(anna, "/prices", language)
    assert page.count('class="banner') == 1 and ("Publishing is stopped" in page or "发布已停止" in page)


def test_stopping_is_said_once_and_in_words(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    page = shown(anna, "/prices?state=open")
    assert 'name="to" value="/prices?state=open"' in page.partition('action="/stop"')[2].partition("</form>")[0]
    assert post(anna, "/stop", why="a doubt", to="/prices?state=open").headers["location"] == "/prices?state=open"
    page = shown(anna, "/prices?state=open")
    assert page.count('class="banner') == 1
    assert "Publishing is stopped: everything." in page and "all *" not in page
    assert "发布已停止：全部。" in shown(anna, "/", "zh")
    for address in ("/", f"/runs/{desk.run}", "/audit"):
        assert "all *" not in shown(anna, address)
    assert post(anna, "/resume").status_code == 303
    page = shown(anna, "/prices")
    assert "anna has asked to release everything" in page and 'action="/resume"' not in page
    page = shown(ben, "/prices")
    assert "anna has asked to release everything" in page and 'action="/resume"' in page
    assert post(ben, "/resume", to="/audit").headers["location"] == "/audit"
    assert "Publishing is stopped" not in shown(ben, "/prices")


@pytest.mark.parametrize("scope", ["target", "sku"])
def test_an_empty_name_is_never_everything(desk: Place, scope: str) -> None:
    anna = desk.client("approver", "anna")
    assert post(anna, "/stop", scope=scope, name=" ").status_code == 422
    assert state_of(desk.desk.reading.book.read("switches")) == {}
    post(anna, "/stop")
    assert post(anna, "/resume", scope=scope, name="").status_code == 422
    assert state_of(desk.desk.reading.book.read("switches"))["all", "*"]["asked_by"] is None


def test_the_banner_leads_to_the_release(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    assert "#release" not in shown(anna, "/")
    post(anna, "/stop", why="a doubt")
    for language, words in (("en", "To the release"), ("zh", "前往解除")):
        banner = shown(anna, "/prices", language).partition('<p class="banner bad"')[2].partition("</p>")[0]
        assert f'<a href="#release">{words}</a>' in banner
    panel = shown(anna, "/prices").partition('<details class="menu stop">')[2].partition("</details>")[0]
    assert panel.index('id="release"') < panel.index('action="/resume"')


def test_after_accepting_a_link_leads_to_publishing(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    row = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").row(0)
    post(ben, "/prices/accept", run=desk.run, products="\x1f".join(row))
    page = shown(ben, "/prices")
    assert f'<a href="/runs/{desk.run}#publishing">On to publishing</a>' in page
    assert f'<a class="pill" href="/runs/{desk.run}#publishing">ready to publish</a>' in shown(ben, f"/products/{row[0]}")
    assert f'<a class="button primary" href="/runs/{desk.run}#publishing">On to publishing</a>' in shown(ben, f"/products/{row[0]}")
    assert "On to publishing" not in shown(ben, "/prices"), "it is told once"


def test_today_and_prices_lead_to_a_product_by_its_name_and_by_its_key(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    for page in ("/", "/prices?action=change"):
        shown_ = shown(ben, page)
        row = ben.get("/?format=json").json()["moves"][0]
        address = f'<a href="/products/{row["sku"]}">'
        assert f"{address}{row['sku']}</a>" in shown_ and f"{address}{row['name']}</a>" in shown_
    days = ben.get("/?format=json").json()["horizon_days"]
    assert f"Figures a day are averages over the next {days} days." in shown(ben, "/")
    assert f"每日金额与销量均为未来 {days} 天的日均值。" in shown(ben, "/", "zh")


def test_while_stopped_the_release_is_offered_and_another_stop_is_apart(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    post(anna, "/stop", why="a wrong cost")
    page = shown(ben, "/")
    release, stop = (page.partition(f'action="/{name}"')[2].partition("</form>")[0] for name in ("resume", "stop"))
    assert "Reason for the release" in release and "Stop publishing now" not in page
    assert '<details class="unfold more-stop">' in page and 'value="all"' not in stop and 'value="sku"' in stop
    post(ben, "/stop", why="by mistake")
    page = shown(ben, "/")
    assert "a wrong cost" in page and "by mistake" not in page
    post(ben, "/stop", scope="sku", name=SKU, why="its label")
    page = shown(ben, "/")
    assert "a wrong cost" in page and "its label" in page
    post(anna, "/resume", why="mended")
    audit = shown(ben, "/audit")
    assert all(why in audit for why in ("a wrong cost", "by mistake", "its label", "mended"))


def test_one_product_is_stopped_at_once_and_the_rest_goes_on(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    form = shown(anna, "/").partition('action="/stop"')[2].partition("</form>")[0]
    assert re.findall(r'<option value="(\w+)"', form) == ["all", "target", "sku", "web"], "everything is chosen by itself"
    assert "Stop publishing now" in form
    post(anna, "/stop", scope="sku", name=SKU, why="its label")
    page = shown(ben, "/")
    assert "Stopped: product G012; everything else may be published." in page and "Publishing is stopped" not in page
    assert "<summary>Stop</summary>" in page and '<summary class="on">' not in page
    assert "已停止：商品 G012；其余均可发布。" in shown(ben, "/", "zh")
    post(anna, "/resume", scope="sku", name=SKU)
    post(ben, "/resume", scope="sku", name=SKU)
    assert "Released: product G012." in shown(ben, "/")
    post(anna, "/stop", scope="target", name="web")
    page = shown(ben, "/")
    assert '<summary class="on">Stopped</summary>' in page and "Publishing is stopped: shop web." in page, "the only shop there is"


def test_a_product_is_stopped_on_its_page(desk: Place) -> None:
    anna, viewer = desk.client("approver", "anna"), desk.client("viewer")
    sku = desk.desk.reading.run(desk.run).changes["sku"][0]
    page = f"/products/{sku}"
    own = '<input type="hidden" name="scope" value="sku">'
    assert own in shown(anna, page) and own not in shown(viewer, page)
    assert "该商品已停止" not in shown(anna, page, "zh")
    assert post(anna, "/stop", scope="sku", name=sku, why="its label", to=page).headers["location"] == page
    stopped = shown(viewer, page)
    assert '<span class="pill bad">stopped</span>' in stopped and "This product is stopped, by anna" in stopped and "its label" in stopped
    assert "该商品已停止，操作人：anna" in shown(anna, page, "zh")
    assert "Stop this product" not in shown(anna, page)
    assert shown(viewer, f"/prices?search={sku}").count('<span class="pill bad">stopped</span>') == 1


def test_a_stop_must_name_what_there_is(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    assert post(ben, "/stop", scope="sku", name=" ").status_code == 422
    assert post(ben, "/stop", scope="target", name="no such shop").status_code == 404
    assert "Publishing is stopped" not in shown(ben, "/")


def held(desk: Place) -> list[tuple[str, str]]:
    return list(state_of(desk.desk.reading.rows("switches")))


def test_a_stop_of_an_unknown_product_is_refused_with_the_nearest_names(desk: Place) -> None:
    ben, program = desk.client("approver", "ben"), desk.client("approver", "carl")
    page = ben.post("/stop", data={"_csrf": csrf(ben), "scope": "sku", "name": "G0123"}, headers={**HTML, "Accept-Language": "zh"})
    assert page.status_code == 404 and "是否指 G0" in page.text and "G012" in page.text
    token = {"X-CSRF-Token": csrf(program)}
    for body, near in (({"scope": "sku", "name": "G0123"}, "G012"), ({"scope": "target", "name": "wbe"}, "web")):
        answer = program.post("/api/v1/switches/stop", json=body, headers=token)
        assert answer.status_code == 404 and near in answer.json()["hint"]
    assert held(desk) == []
    assert program.post("/api/v1/switches/stop", json={"scope": "sku", "name": SKU}, headers=token).json()["checked"] is True
    assert held(desk) == [("sku", SKU)]


def test_what_was_not_stopped_is_said_first_and_found_by_its_name(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    products = pl.read_csv(desk.folder / "data" / "products.csv", infer_schema=False)
    name, sku = products.filter(pl.col("sku") == SKU).select("name", "sku").row(0)
    for language, not_stopped, nobody in (
        ("en", "NOT stopped: nothing was changed", f"there is no product &#39;{name.lower()}&#39;"),
        ("zh", "未能停止：未作任何更改", f"没有商品 &#39;{name.lower()}&#39;"),
    ):
        form = {"_csrf": csrf(ben), "scope": "sku", "name": name.lower()}
        page = ben.post("/stop", data=form, headers={**HTML, "Accept-Language": language}).text
        assert f"<h1>{not_stopped}</h1>" in page and f"{sku} ({name})" in page
        assert nobody in page and "There is nothing here" not in page
        page = ben.post("/stop", data={**form, "scope": "target", "name": "wbe"}, headers={**HTML, "Accept-Language": language}).text
        assert f"<h1>{not_stopped}</h1>" in page and "shop.toml" not in page and "web" in page
        page = ben.post("/stop", data={**form, "name": " "}, headers={**HTML, "Accept-Language": language}).text
        assert f"<h1>{not_stopped}</h1>" in page
    assert held(desk) == []


def test_a_stop_never_fails_because_something_cannot_be_read(desk: Place) -> None:
    ben, anna = desk.client("approver", "ben"), desk.client("approver", "anna")
    (desk.folder / "data" / "products.csv").write_bytes(b"nothing of use\n")
    answer = post(ben, "/stop", scope="sku", name="G0123")
    assert answer.status_code == 303
    assert "Stopped: product G0123. The name could not be checked" in shown(ben, "/")
    (desk.folder / "shop.toml").write_text("this is = = not a setting", encoding="utf-8")
    body = {"scope": "target", "name": "wbe"}
    assert anna.post("/api/v1/switches/stop", json=body, headers={"X-CSRF-Token": csrf(anna)}).json()["checked"] is False
    assert post(ben, "/stop").status_code == 303
    assert held(desk) == [("sku", "G0123"), ("target", "wbe"), ("all", "*")]


def test_stopping_everything_reads_no_name(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("known_target", "known_product"):
        monkeypatch.setattr(reach, name, None)
    assert post(desk.client("approver", "ben"), "/stop").status_code == 303
    assert held(desk) == [("all", "*")]


def test_a_stop_may_let_prices_go_back(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    assert 'name="let_undo"' in shown(ben, "/")
    post(ben, "/stop", why="a doubt", let_undo="1")
    assert "Prices may still go back to what stood before." in shown(ben, f"/runs/{desk.run}")
    assert "价格仍可退回原价。" in shown(ben, "/", "zh")
    post(ben, "/stop", why="a certainty")
    page = shown(ben, f"/runs/{desk.run}")
    assert "may still go back" not in page and "a doubt; a certainty" in page


def test_a_stop_that_was_released_is_told_as_released(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    post(anna, "/stop", why="a wrong cost")
    assert "Stopped: <b>everything</b> by anna," in shown(ben, "/")
    post(anna, "/resume")
    post(ben, "/resume", why="mended")
    page = shown(ben, "/")
    assert "<li>Released: <b>everything</b> by anna and ben," in page and "(it was stopped for: a wrong cost)" in page
    assert "Stopped: <b>" not in page
    assert "已解除：<b>全部</b> 操作人：anna、ben，" in shown(ben, "/", "zh")
    reading = desk.desk.reading
    assert [one.code for one in alarms(reading, reading.now())] == ["released"]
    assert alarms(reading, reading.now() + RECENT) == [], "told for a day, as the others are"


def test_what_a_guard_caught_is_told_in_words(desk: Place) -> None:
    reading, ben = desk.desk.reading, desk.client("approver", "ben")
    product = reading.run(desk.run).decided.row(0, named=True)
    key = {name: product[name] for name in ("sku", "channel", "region")}
    hit = {"hit": "h", "at": reading.now(), "guard": "G2", "code": "above_ceiling", "target": "web", **key, "stops": 0}
    rows = pl.DataFrame([{name: hit.get(name) for name in GUARD_HITS.schema}], schema=GUARD_HITS.schema)
    reading.book.append(Act(reading.now(), "w", "settled", "web: 1 prices"), {"guard_hits": rows})
    for language in ("en", "zh"):
        words, page = Words(language), shown(ben, "/", language)
        assert f"<b>{words.code('guard', 'G2')}{words('colon')}{words.code('guardcode', 'above_ceiling')}</b>" in page
        assert "above_ceiling" not in page
        alarm = page[page.index('<ul class="alarms">') :].partition("</ul>")[0]
        assert f'href="/products/{key["sku"]}"' in alarm and f">{product['name']}</a>" in alarm


@pytest.mark.real  # long
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(
    ("language", "menu", "trust", "other"),
    [
        ("en", "in the menu “Stop” at the top", "somebody you trust", "account of their own"),
        ("zh", "在顶部“停止发布”菜单中", "您信任的人", "自己的账户"),
    ],
)
def test_the_way_out_of_a_stop_is_told_where_the_stop_is(
    tmp_path: Path, language: str, menu: str, trust: str, other: str, alone: bool
) -> None:
    """A release takes two people, also where one person decides prices: that is said beside the stop, before and after."""
    desk = place(tmp_path / "shop")
    if alone:
        settings(desk, "[approval]\n", "[approval]\nalone = true\n")
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before = {"en": "It takes a second person to release it", "zh": "解除停止仍须另一人同意"}[language]
    assert (before in shown(anna, f"/products/{SKU}", language)) is alone and (before in shown(anna, "/", language)) is alone
    post(anna, "/stop", scope="sku", name=SKU)
    for address in ("/", f"/products/{SKU}", "/prices"):
        page = shown(anna, address, language)
        assert menu in page and other in page and (trust in page) is alone, address
    post(anna, "/resume", scope="sku", name=SKU)
    asked = {"en": "anna has asked to release", "zh": "anna 已申请解除"}[language]
    for address in ("/", f"/products/{SKU}", "/prices"):
        page = shown(ben, address, language)
        assert asked in page and menu not in page, address
    post(ben, "/resume", scope="sku", name=SKU)
    assert 'id="way-out-1"' not in shown(anna, "/", language)


def test_without_accounts_the_one_who_agrees_says_a_name(desk: Place) -> None:
    visitor = desk.client()
    post(visitor, "/stop", why="a doubt")
    page = shown(visitor, "/")
    assert "in the menu “Stopped” at the top" in page and "first says their name in the menu at the top right" in page
