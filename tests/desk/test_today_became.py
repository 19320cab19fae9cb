"""What Today says of changes that were rejected, taken back or overtaken."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers.override import override

from . import came
from .feed import attested, feed, told
from .place import overridden, place, post

pytestmark = pytest.mark.real  # long


@pytest.mark.parametrize(("language", "none_yet", "no_more", "left", "pills"), [
    ("en", "stands in the shop yet", "none of them stands there now", "no longer to come: rejected 1, taken back 1.",
     ("taken back", "rejected")),
    ("zh", "尚无一项在店铺生效", "目前均未在店铺中生效", "不再实施：已驳回1、已退回原价1。", ("已退回原价", "已驳回")),
])  # fmt: skip
def test_what_comes_no_more_is_said(tmp_path: Path, language: str, none_yet: str, no_more: str, left: str, pills: tuple[str, str]) -> None:
    desk = feed(tmp_path / "shop")
    anna, html = desk.client("approver", "anna"), {"Accept": "text/html", "Accept-Language": language}

    def page() -> str:
        return re.sub(r"\s+", "" if language == "zh" else " ", re.sub(r"<[^>]*>", "", anna.get("/", headers=html).text))

    assert none_yet in page() and told(anna, "/")["coming"] is None
    assert all(row["state"] == "open" for row in told(anna, "/")["moves"])
    attested(desk, anna, desk.client("approver", "ben"))
    first, second = ("\x1f".join(row[name] for name in ("sku", "channel", "region")) for row in told(anna, "/")["moves"][:2])
    post(anna, "/prices/accept", run=desk.run, products=first)
    post(anna, "/prices/reject", run=desk.run, products=second, why="too dear")
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    post(anna, f"/runs/{desk.run}/undo", to="web", sure="1")
    one = told(anna, "/")
    assert [row["state"] for row in one["moves"]][:2] == ["undone", "rejected"]
    rest = one["states"]["open"]
    assert one["coming"] == rest and one["came"] and one["live"]["count"] == 0
    assert none_yet not in page() and no_more in page() and left in page()
    whole = anna.get("/", headers=html).text
    table = whole[whole.index("<tbody>") :]
    rows = re.findall(r"<tr data-row>.*?</tr>", table, re.DOTALL)
    assert [f'<span class="pill">{pill}</span>' in row for pill, row in zip(pills, rows, strict=False)] == [True, True]
    assert 'class="pill"' not in rows[2]
    lead = whole[whole.index('id="coming"') :].partition("</p>")[0]
    assert f'<data value="{rest["profit_change"]}">' in lead


@pytest.mark.parametrize(("language", "said"), [("en", "prices that people set themselves:"), ("zh", "此外已在店铺生效的自定价格")])
def test_a_price_of_ones_own_that_stands_in_the_shop_counts_beside_the_run(tmp_path: Path, language: str, said: str) -> None:
    desk = place(tmp_path / "shop")
    client, html = desk.client("viewer"), {"Accept": "text/html", "Accept-Language": language}
    first, reading = overridden(desk, "anna"), desk.desk.reading
    assert told(client, "/")["own_live"] == {"count": 0, "profit_change": 0.0}
    assert 'id="own-live"' not in client.get("/", headers=html).text
    came.arrive(desk.folder, first, only_set=True)
    row = reading.run(first).decided.filter(pl.col("reason") == "override").row(0, named=True)
    wanted = {Key(row["sku"], row["channel"], row["region"]): row["price"] - 50}
    override(reading.book, desk.run, wanted, by="anna", why="a little more", at=reading.now(), code=reading.place.code)
    one = told(client, "/")
    assert one["own_open"] == 1
    assert one["own_live"] == {"count": 1, "profit_change": row["profit_change"]}, "what was set later waits, and does not hide it"
    assert one["live"]["count"] == 0
    page = client.get("/", headers=html).text
    line = page[page.index('id="own-live"') :].partition("</p>")[0]
    assert said in line and f'<data value="{row["profit_change"]}">' in line
    came.go_back(desk.folder, first)
    assert told(client, "/")["own_live"]["count"] == 0
