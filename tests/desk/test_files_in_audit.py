"""Which file was taken over as which table, and that the approved prices were downloaded, stands in the audit with who and when."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk

from .feed import feed, told
from .place import csrf, post

HTML = {"Accept": "text/html"}
NAMES = ("sku", "valid_from", "unit_cost")


def taken(client: TestClient, name: str, text: str, **more: object) -> None:
    fields = {"_csrf": csrf(client, "/start"), "table": "costs"}
    place = client.post("/start/send", data=fields, files={"file": (name, text.encode(), "text/csv")}).headers["location"]
    columns = [f"{name}={name}" for name in NAMES]
    given = {"encoding": "utf-8", "delimiter": "comma", "decimal": "point", "columns": columns, "dates": "ymd-"}
    answer = post(client, "/start/match", upload=place.partition("=")[2], **given, **more)
    assert (answer.status_code, answer.headers["location"]) == (303, "/start"), client.get(answer.headers["location"], headers=HTML).text


def acts(client: TestClient, act: str) -> list[dict]:  # type: ignore[type-arg]
    return list(told(client, f"/audit?act={act}")["all"]["acts"])


def test_a_file_that_is_taken_over_is_an_act(client: TestClient, desk: Desk) -> None:
    taken(client, "costs, May.csv", "sku,valid_from,unit_cost\nA,2026-01-01,1.50\nB,2026-01-01,2.50\n")
    taken(client, "costs, June.csv", "sku,valid_from,unit_cost\nA,2026-01-01,1.60\nB,2026-01-01,2.50\n", standing="replace")
    taken(client, "more.csv", "sku,valid_from,unit_cost\nB,2026-01-01,3.50\nC,2026-01-01,1.00\n", standing="add")
    second, anew, first = acts(client, "imported_file")
    assert first["subject"] == "table costs, rows written: 2, the first of its table, file costs, May.csv"
    assert anew["subject"] == "table costs, rows written: 2, in place of what was there, file costs, June.csv"
    assert second["subject"] == "table costs, rows written: 2, rows of before that stay: 1, rows of before that gave way: 1, file more.csv"
    assert first["by"] == second["by"] and first["rows"] == {}
    for language, words in (("en", "took over a file"), ("zh", "导入了文件")):
        page = client.get("/audit", headers={**HTML, "Accept-Language": language}).text
        assert words in page and "more.csv" in page
    chinese = client.get("/audit", headers={**HTML, "Accept-Language": "zh"}).text
    assert all(f"表 costs，写入 2 行，{said}" in chinese for said in ("此前没有该表", "替换原有内容"))


def test_the_file_of_approved_prices_is_an_act_once_it_has_any(tmp_path: Path) -> None:
    place = feed(tmp_path / "shop")
    anna = place.client("approver", "anna")
    anna.get(f"/runs/{place.run}/approved", headers=HTML)
    assert acts(anna, "downloaded_prices") == [], "there was none to download"
    row = told(anna, "/prices?action=change")["rows"][0]
    post(anna, "/prices/accept", run=place.run, products="\x1f".join(row[name] for name in ("sku", "channel", "region")))
    assert anna.get(f"/runs/{place.run}/approved", headers=HTML).status_code == 200
    (one,) = acts(anna, "downloaded_prices")
    assert (one["by"], one["subject"]) == ("anna", f"{place.run}, prices: 1")
    assert "下载了已批准价格的文件" in anna.get("/audit", headers={**HTML, "Accept-Language": "zh"}).text
