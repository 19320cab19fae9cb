"""What Today says of changes that were rejected, taken back or overtaken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .feed import attested, feed, told
from .place import post


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
