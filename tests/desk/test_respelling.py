"""A price file that was made with the wrong separator or decimal mark is mended on the page Shops, and nothing of its prices changes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from .feed import settings, told
from .place import SHOP, Place, place, post

MADE = {"platform": "csv_feed", "name": "web", "url": "prijzen.csv", "options": ["sku", "price"], "_values": ["artikel", "prijs"]}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """A shop whose price file was made with commas and points."""
    found = place(tmp_path / "shop")
    settings(found, SHOP, "")
    assert post(found.client("admin"), "/shops/make-feed", **MADE).status_code == 303
    return found


def rows(desk: Place, delimiter: str) -> dict[str, str]:
    text = (desk.folder / "prijzen.csv").read_text(encoding="utf-8")
    return {row["artikel"]: row["prijs"] for row in csv.DictReader(io.StringIO(text), delimiter=delimiter)}


@pytest.mark.parametrize(("delimiter", "decimal", "mark"), [(";", "comma", ","), ("\t", "point", "."), ("|", "comma", ",")])
def test_a_price_file_is_written_anew_with_other_signs(delimiter: str, decimal: str, mark: str, desk: Place) -> None:
    admin, before = desk.client("admin"), rows(desk, ",")
    assert told(admin, "/shops?shop=web")["signs"] == {"delimiter": ",", "decimal": "point"}
    answer = post(admin, "/shops/web/respell", delimiter=delimiter, decimal=decimal)
    assert answer.headers["location"].startswith("/shops")
    assert rows(desk, delimiter) == {sku: price.replace(".", mark) for sku, price in before.items()}
    assert told(admin, "/shops?shop=web")["signs"] == {"delimiter": delimiter, "decimal": decimal}
    seen = desk.desk.reading.rows("applied")
    assert seen["cause"].unique().to_list() == ["found"], "the same prices stand there"
    why = desk.desk.reading.book.read("audit").filter(act="changed_policy")
    assert why.height == 2, "who changed the settings stands in the audit"
    assert post(admin, "/shops/web/respell", delimiter=",", decimal="point").status_code == 303 and rows(desk, ",") == before


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ("How the file is written", "Write the file anew", "cannot both separate")), ("zh", ("文件写法", "重新写入文件", "不能既作"))],
)
def test_the_page_offers_it_and_says_what_cannot_be(language: str, said: tuple[str, str, str], desk: Place) -> None:
    admin, html = desk.client("admin"), {"Accept": "text/html", "Accept-Language": language}
    page = admin.get("/shops?shop=web", headers=html).text
    assert said[0] in page and said[1] in page and 'action="/shops/web/respell"' in page
    before = (desk.folder / "prijzen.csv").read_bytes()
    token = {"_csrf": page.partition('name="csrf" content="')[2].partition('"')[0]}
    answer = admin.post("/shops/web/respell", data={**token, "delimiter": ",", "decimal": "comma"}, headers=html)
    assert answer.status_code == 422 and said[2] in answer.text
    assert (desk.folder / "prijzen.csv").read_bytes() == before
    (desk.folder / "prijzen.csv").write_text("no,columns\n", encoding="utf-8")
    page = admin.get("/shops?shop=web", headers=html).text
    assert said[1] not in page, "what cannot be read cannot be written anew"
    answer = admin.post("/shops/web/respell", data={**token, "delimiter": ";", "decimal": "comma"}, headers=html)
    assert answer.status_code == 502 and (desk.folder / "prijzen.csv").read_text(encoding="utf-8") == "no,columns\n"


def test_where_the_settings_cannot_be_written_the_old_file_stands(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (desk.folder / "prijzen.csv").read_bytes()

    def fails(*_given: object, **_more: object) -> int:
        raise OSError("no room")

    monkeypatch.setattr("pricesmith.flows.desk.connecting.respelling.save", fails)
    with pytest.raises(OSError, match="no room"):
        post(desk.client("admin"), "/shops/web/respell", delimiter=";", decimal="comma")
    assert (desk.folder / "prijzen.csv").read_bytes() == before


def test_what_is_no_amount_stays_as_it_stands(desk: Place) -> None:
    path = desk.folder / "prijzen.csv"
    path.write_text(path.read_text(encoding="utf-8") + "X-1,ask us\n", encoding="utf-8")
    assert post(desk.client("admin"), "/shops/web/respell", delimiter=";", decimal="comma").status_code == 303
    assert rows(desk, ";")["X-1"] == "ask us"


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_an_admin_may(role: str, desk: Place) -> None:
    client = desk.client(role)  # type: ignore[arg-type]
    assert post(client, "/shops/web/respell", delimiter=";", decimal="comma").status_code == 403
    assert desk.client("admin").post("/shops/none/respell").status_code in (403, 404, 422)
