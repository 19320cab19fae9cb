"""A rejection is not forgotten: where a new run proposes the product again, Today, the list and the answer to many say so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from .feed import told
from .place import place, post, priced_anew

HTML = {"Accept": "text/html"}
LIMIT = '\n[[rule]]\nkind = "max_change"\nup = {share}\ndown = {share}\n'


@pytest.mark.real  # long
def test_a_rejection_in_an_earlier_run_is_named_until_somebody_accepts_the_product(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    anna, first = desk.client("approver", "anna"), desk.run
    rows = told(anna, "/prices?action=change&size=100")["rows"]
    one, other = ("\x1f".join(row[name] for name in ("sku", "channel", "region")) for row in rows[:2])
    assert post(anna, "/prices/reject", run=first, products=[one, other], why="promised to customers").status_code == 303
    assert told(anna, "/")["turned_down"] == 0, "in its own run it is rejected, not proposed again"
    assert told(anna, "/prices?outlook=turned_down")["found"] == 0
    assert post(anna, "/prices/withdraw", run=first, products=other).status_code == 303
    newest = priced_anew(desk, LIMIT.format(share=0.15))
    proposed = desk.desk.reading.run(newest).changes.filter(pl.col("sku") == rows[0]["sku"])
    assert proposed.height, "the new run was to propose it again"
    found = told(anna, "/prices?outlook=turned_down")
    assert [row["sku"] for row in found["rows"]] == [rows[0]["sku"]] and found["choices"]["outlook"]["turned_down"] == 1
    assert told(anna, "/")["turned_down"] == told(anna, "/prices/every")["turned_down"] == 1
    for language, said in (("en", "though rejected in an earlier run"), ("zh", "曾在较早批次被驳回")):
        for address in ("/", "/prices/every"):
            page = anna.get(address, headers={**HTML, "Accept-Language": language}).text
            assert said in page and "outlook=turned_down" in page
    assert post(anna, "/prices/accept", run=newest, products=one).status_code == 303
    assert told(anna, "/")["turned_down"] == told(anna, "/prices/every")["turned_down"] == 0
    priced_anew(desk, LIMIT.format(share=0.14))
    assert told(anna, "/")["turned_down"] == 0, "the last answer counts"
