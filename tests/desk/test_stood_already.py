"""Prices that a shop had before anything was sent: every page tells them from those that were sent."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.flows.desk.publishing.ever import Ever, came, ever
from pricesmith.flows.desk.publishing.receipts import of_run
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.measured.adoption import adoption

from .came import arrive, asked, settled
from .feed import attested, feed, state, told
from .place import Place, place, post

pytestmark = pytest.mark.real  # long

EVER = {
    "en": "Published prices that a shop has or had: {0} (not sent, as they stood there already: {1})",
    "zh": "已发布且店铺现为或曾为该价的价格：{0} (其中原已是此价、未发送：{1})",
}
LIVE = {
    "en": "In the shop already, of the changes that bring it: {0} (not sent, as they stood there already: {1})",
    "zh": "其中已在店铺生效的调价：{0} (其中原已是此价、未发送：{1})",
}
PROPOSALS = {
    "en": "of the proposals sent so far {0} · of the proposals not sent, as they stood there already {1}",
    "zh": "建议中已发送 {0} · 建议中原已是此价、未发送 {1}",
}


def page(client: TestClient, address: str, language: str) -> str:
    text = client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)).replace("： ", "：")


def published(desk: Place, there: int) -> tuple[TestClient, int]:
    """Publish the run to a shop that asks its price for so many of the products already. Returns how many were published."""
    anna = desk.client("approver", "anna")
    new = dict(desk.desk.reading.run(desk.run).changes.select("sku", "price").iter_rows())
    rows = pl.read_csv(desk.folder / "feed.csv", schema_overrides={"sku": pl.String})
    had = pl.col("sku").replace_strict({sku: new[sku] / 100 for sku in list(new)[:there]}, default=pl.col("price"), return_dtype=pl.Float64)
    rows.with_columns(price=had).write_csv(desk.folder / "feed.csv", float_precision=2)
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 303
    return anna, len(new)


@pytest.mark.parametrize("all_of_them", [True, False])
def test_every_page_tells_what_was_sent_from_what_stood_there(tmp_path: Path, all_of_them: bool) -> None:
    desk = feed(tmp_path / "shop")
    there = len(desk.desk.reading.run(desk.run).changes) if all_of_them else 3
    anna, _ = published(desk, there)
    one, today = state(anna, desk.run), told(anna, "/")
    came = one["shops"][0]["now"]
    assert one["ever"]["came"] == came and one["ever"]["same"] == one["shops"][0]["fates"]["same"] == there
    assert told(anna, "/outcome")["all"]["ever"] == told(anna, f"/outcome/{desk.run}")["one"]["ever"] == one["ever"]
    assert (today["live"]["count"], today["live_same"]) == (came, there)
    for language in EVER:
        for address in (f"/runs/{desk.run}", "/outcome", f"/outcome/{desk.run}"):
            assert EVER[language].format(came, there) in page(anna, address, language)
        assert LIVE[language].format(came, there) in page(anna, "/", language)
    assert ("Nothing was sent" if all_of_them else "Prices sent") in page(anna, "/jobs", "en")


def test_what_was_accepted_and_stood_there_was_not_sent(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    anna, count = published(desk, 3)
    book, policy = desk.desk.reading.book, desk.desk.reading.policy
    row = adoption(book, policy).row(0, named=True)
    sent = state(anna, desk.run)["shops"][0]["fates"]["applied"]
    assert (row["accepted"], row["sent"], row["stood"], row["in_shop"]) == (count, sent, 3, sent)
    assert post(anna, "/outcome").status_code == 303
    assert told(anna, "/outcome")["all"]["taken"]["stood"] == 3
    for language, said in PROPOSALS.items():
        assert said.format(sent, 3) in page(anna, "/outcome", language)


def test_what_was_sent_and_only_seen_at_the_next_try_was_sent(tmp_path: Path) -> None:
    """No answer came, and the next look at the shop finds the price: it is ours, whatever the receipt of that look says."""
    desk = place(tmp_path / "shop")
    changes = arrive(desk.folder, desk.run)
    reading = desk.desk.reading

    here = changes.head(2)
    rows = asked(desk.folder, desk.run, here)
    settled(desk.folder, rows, "unknown")
    settled(desk.folder, rows, "same", attempt=2)
    mine = came(reading).join(rows, on="intent", how="semi")
    assert ever(reading, mine) == Ever(2, 0, here.select(KEY).n_unique())
    assert of_run(reading, desk.run).join(rows, on="intent", how="semi")["fate"].to_list() == ["applied", "applied"]
