"""Answering all that is found leaves what was rejected as it is, and says so before."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from .feed import told
from .place import place, post


@pytest.mark.real  # long
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "left out where many are accepted together: 1"), ("zh", "批量批准时不包括的调价：1 项")]
)
def test_a_rejection_is_not_overturned_in_passing(tmp_path: Path, whole: bool, language: str, words: str) -> None:
    desk = place(tmp_path / "shop")
    anna = desk.client("approver", "anna")
    row = told(anna, "/prices?action=change")["rows"][0]
    key = "\x1f".join(row[name] for name in ("sku", "channel", "region"))
    assert post(anna, "/prices/reject", run=desk.run, products=key, why="never in summer").status_code == 303
    page = f"/runs/{desk.run}" if whole else "/prices/every"
    assert words in anna.get(page, headers={"Accept": "text/html", "Accept-Language": language}).text
    found = told(anna, "/prices/every")
    assert found["rejected"] == 1
    fields = {"sure": "1"} if whole else {"run": desk.run, "filter": found["filter"], "count": str(found["changes"])}
    answer = post(anna, f"{page}/accept" if whole else "/prices/accept", **fields)
    assert answer.status_code == 303, answer.text
    assert not parse_qs(urlsplit(answer.headers["location"]).query).get("error")
    states = {one["sku"]: one["state"] for one in told(anna, "/prices?action=change&size=100")["rows"]}
    assert states.pop(row["sku"]) == "rejected" and "rejected" not in states.values() and "open" not in states.values()
