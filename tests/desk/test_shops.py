"""The page Shops: a shop is tried, connected, changed, or made as a feed, in the browser; nothing is written before it can be read."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from .feed import feed, settings, told
from .place import SHOP, Place, place, post

OURS = {"platform": "csv_feed", "name": "loja", "url": "export.csv"}
READ = {"options": ["sku", "price", "decimal", "encoding"], "_values": ["Código", "Preço", "comma", "cp1252"]}
"""How the shop system of a Brazilian shop exports prices."""


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """A shop that has prices and no publisher."""
    found = place(tmp_path / "shop")
    settings(found, SHOP, "")
    return found


def export(desk: Place, rows: list[tuple[str, str]]) -> None:
    text = "Código;Nome;Preço\n" + "".join(f"{sku};Relógio;{price}\n" for sku, price in rows)
    (desk.folder / "export.csv").write_bytes(text.encode("cp1252"))


def skus(desk: Place) -> list[str]:
    return desk.desk.reading.run(desk.run).decided["sku"].sort().to_list()


def tried(client: Any, **fields: Any) -> dict[str, Any]:
    answer = client.post("/shops/try", data={"_csrf": _csrf(client), **fields}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _csrf(client: Any) -> str:
    from .place import csrf

    return csrf(client, "/sign-in")


def toml(desk: Place) -> str:
    return (desk.folder / "shop.toml").read_text(encoding="utf-8")


def test_a_shop_is_tried_and_then_connected(desk: Place) -> None:
    ours, admin, before = skus(desk), desk.client("admin", "ada"), toml(desk)
    export(desk, [*((sku, "86,00") for sku in ours[2:]), (ours[1], "ask us"), ("X-9", "1,00")])
    found = tried(admin, **OURS, **READ)["found"]
    assert (found["prices"], found["products"], found["found"], found["unknown"]) == (len(ours) - 1, len(ours), len(ours) - 2, 2)
    reasons = {one["code"]: (one["count"], one["examples"]) for one in found["missing"]}
    assert reasons == {"absent": (1, [ours[0]]), "no_amount": (1, [f"{ours[1]}: ask us"])}
    assert (found["others"], found["examples"]) == (1, ["X-9"])
    assert toml(desk) == before and desk.desk.reading.rows("applied").is_empty(), "a trial writes nothing"

    page = admin.post("/shops/try", data={"_csrf": _csrf(admin), **OURS, **READ}, headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert "该处没有此编号" in page.text and 'action="/shops/connect"' in page.text and "处理办法" in page.text

    assert post(admin, "/shops/connect", **OURS, **READ).headers["location"] == "/shops"
    assert 'options = { sku = "Código", price = "Preço", decimal = "comma", encoding = "cp1252" }' in toml(desk)
    assert toml(desk).startswith(before.rstrip("\n")), "all else stays as it stands"
    (shop,) = told(admin, "/shops")["shops"]
    assert (shop["name"], shop["prices"], shop["file"]) == ("loja", len(ours) - 1, True)
    for address in ("/audit", "/rules"):
        for language, why in (("en", "connected shop loja"), ("zh", "连接了店铺 loja")):
            assert why in admin.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    acts = desk.desk.reading.book.read("audit").filter(act="changed_policy")
    assert acts["by"].to_list() == ["ada"], "who connected it stands in the audit"
    assert told(admin, f"/runs/{desk.run}")["one"]["behind"]["rules"] is False, "a shop is no rule: its runs are not overtaken"


@pytest.mark.parametrize(
    ("fields", "words", "zh"),
    [
        ({}, "line 1 is not written in utf-8", "编码不是 utf-8"),
        ({"options": ["encoding"], "_values": ["cp1252"]}, "no column 'sku'; found: Código, Nome, Preço", "现有列：Código, Nome, Preço"),
        ({"options": READ["options"], "_values": ["Código", "Preço", "", "cp1252"]}, "decimal comma, such as 86,00", "逗号作小数点"),
        ({"url": "none.csv"}, "cannot be read", "无法读取"),
        ({"name": "no name"}, "letters, digits", "须由字母"),
        ({"platform": "woocommerce", "url": "https://shop.example"}, "secret", "PRICESMITH_SECRET_LOJA"),
    ],
)
def test_why_a_shop_cannot_be_read(fields: dict[str, Any], words: str, zh: str, desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRICESMITH_SECRET_LOJA", raising=False)
    export(desk, [(sku, "86,00") for sku in skus(desk)])
    admin, before = desk.client("admin"), toml(desk)
    page = tried(admin, **OURS | fields)
    assert page["found"] is None and words in page["failed"]["what"]
    said = admin.post("/shops/try", data={"_csrf": _csrf(admin), **OURS | fields}, headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert zh in said.text
    answer = admin.post("/shops/connect", data={"_csrf": _csrf(admin), **OURS | fields}, headers={"Accept": "application/json"})
    assert answer.status_code in (422, 502)
    assert toml(desk) == before, "what cannot be read is not connected"


def test_the_export_of_a_shop_program_is_connected_without_naming_its_columns(desk: Place) -> None:
    own = skus(desk)
    rows = [f"h,P,,,{sku},86.00\n" for sku in own]
    (desk.folder / OURS["url"]).write_text("Handle,Title,Vendor,Option1 Value,Variant SKU,Variant Price\n" + "".join(rows))
    found = tried(desk.client("admin"), **OURS)["found"]
    assert found is not None and found["prices"] == found["found"] == len(own)
    for language, words in (("en", "known by its headers"), ("zh", "可按列名识别")):
        page = desk.client("admin").get("/shops?platform=csv_feed", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert words in page


@pytest.mark.parametrize(("decimal", "price"), [("", "."), ("comma", ",")])
def test_a_feed_is_made_of_the_products(decimal: str, price: str, desk: Place) -> None:
    admin = desk.client("admin")
    more = {"options": ["sku", "price", "delimiter", "decimal"], "_values": ["Código", "Preço", ";", decimal]}
    asked = {"platform": "csv_feed", "name": "web", "url": "precos.csv", **more}
    assert post(admin, "/shops/make-feed", **asked).headers["location"] == "/shops"
    answer = desk.client("viewer").get("/shops/web/feed")
    assert answer.headers["content-type"].startswith("text/csv") and "precos.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8")), delimiter=";"))
    now = dict(desk.desk.reading.run(desk.run).decided.select("sku", "current_price").iter_rows())
    assert {row["Código"]: row["Preço"] for row in rows} == {sku: f"{cents // 100}{price}{cents % 100:02d}" for sku, cents in now.items()}
    (shop,) = told(admin, "/shops")["shops"]
    assert (shop["name"], shop["url"], shop["prices"]) == ("web", "precos.csv", len(rows))
    again = post(admin, "/shops/make-feed", **{**asked, "name": "web2"})
    assert again.status_code == 502, "a file that is there is not written over"
    assert "web2" not in desk.desk.reading.policy.shops


@pytest.mark.parametrize("url", ["../feed.csv", "/tmp/feed.csv", "shop.toml", "data/products.csv", ".hidden.csv"])
def test_a_feed_is_made_in_the_folder_alone(url: str, desk: Place) -> None:
    answer = post(desk.client("admin"), "/shops/make-feed", platform="csv_feed", name="web", url=url)
    assert answer.status_code == 422 and "plain name" in answer.text


@pytest.mark.parametrize("url", ["shop.toml", "../other.csv", "ledger.db", "gone.csv"])
def test_no_other_file_can_be_had(url: str, desk: Place) -> None:
    (desk.folder.parent / "other.csv").write_text("sku,price\n", encoding="utf-8")
    with (desk.folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(SHOP.replace("feed.csv", url))
    assert desk.client("viewer").get("/shops/web/feed").status_code == 422
    assert desk.client("viewer").get("/shops/none/feed").status_code == 404


def test_a_shop_is_changed(desk: Place) -> None:
    admin = desk.client("admin")
    export(desk, [(sku, "86,00") for sku in skus(desk)])
    (desk.folder / "other.csv").write_text("sku,price\n" + "".join(f"{sku},86.00\n" for sku in skus(desk)), encoding="utf-8")
    text = toml(desk)
    head, tail = text.split("[guards]", 1)
    mine = '[shop.loja]\nplatform = "csv_feed"\nurl = "export.csv"\n[shop.loja.options]\nsku = "Código"\nprice = "Preço"\n\n# the guards\n'
    (desk.folder / "shop.toml").write_text(f"{head}{mine}[guards]{tail}", encoding="utf-8")
    form = told(admin, "/shops?shop=loja")["form"]["asked"]
    assert (form["url"], form["options"], form["_values"]) == ("export.csv", ["sku", "price"], ["Código", "Preço"])
    assert post(admin, "/shops/connect", platform="csv_feed", name="loja", url="other.csv").status_code == 422, "the name is taken"
    assert post(admin, "/shops/connect", platform="csv_feed", shop="loja", name="web", url="other.csv").status_code == 422
    assert post(admin, "/shops/connect", platform="csv_feed", shop="loja", name="loja", url="other.csv").status_code == 303
    assert toml(desk) == f'{head}\n# the guards\n[guards]{tail.rstrip()}\n\n[shop.loja]\nplatform = "csv_feed"\nurl = "other.csv"\n'


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_an_admin_connects(role: Any, desk: Place) -> None:
    client = desk.client(role)
    page = client.get("/shops", headers={"Accept": "text/html"})
    assert page.status_code == 200 and '<form method="post" action="/shops' not in page.text
    for address in ("/shops/try", "/shops/connect", "/shops/make-feed"):
        assert post(client, address, **OURS).status_code == 403


def test_the_way_there(desk: Place) -> None:
    admin = desk.client("admin")
    for address in ("/approvals", f"/runs/{desk.run}"):
        assert 'href="/shops"' in admin.get(address, headers={"Accept": "text/html"}).text
    form = told(admin, "/shops?platform=shopify")["form"]
    assert form["secret"] and form["variable"] == "PRICESMITH_SECRET_NAME" and not form["there"]
    assert admin.get("/shops?platform=none", headers={"Accept": "application/json"}).status_code == 404


@pytest.mark.parametrize(("language", "said"), [("en", "Shops"), ("zh", "店铺")])
def test_shops_stand_in_the_menu_of_every_page(language: str, said: str, desk: Place) -> None:
    for address, here in (("/", ""), ("/approvals", ""), ("/shops", ' aria-current="page"')):
        page = desk.client("viewer", "vera").get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        assert f'<a href="/shops" data-key="s"{here}>{said}</a>' in page, address


@pytest.mark.parametrize(
    ("lines", "said"), [('region = "Berlin"\n', "Berlin"), ('channel = "web"\nregion = "Berlin"\n', "web · Berlin"), ("", "–")]
)
def test_where_a_shop_goes_is_told_without_names_that_the_tables_do_not_give(tmp_path: Path, lines: str, said: str) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, "[shop.web]\n", f"[shop.web]\n{lines}")
    admin = desk.client("admin")
    page = admin.get("/shops", headers={"Accept": "text/html"}).text
    assert f'data-label="Channel · region">{said}</td>' in page
    title = admin.get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text.partition('id="shop-1"')[2].partition("</h2>")[0]
    assert ("default" in title, said in title) == (False, bool(lines))
