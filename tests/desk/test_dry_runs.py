"""What publishing would do: what a dry run lists, and when it is of before."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.web.words import Words

from .feed import attested, feed, settings, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_a_dry_run_lists_what_would_be_sent_and_counts_what_nobody_approved(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    rows = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(2)
    post(anna, "/prices/accept", run=desk.run, products=["\x1f".join(row) for row in rows.iter_rows()])
    post(anna, f"{run}/dry-run", to="web")
    one, left = told(anna, f"{run}/dry-run?to=web")["one"], state(anna, desk.run)["changes"] - 2
    assert sorted(row["sku"] for row in one["rows"]) == sorted(rows["sku"])
    assert (one["found"], one["folded"], one["dry"]["counts"]["not_approved"]) == (2, left, left)
    page = anna.get(f"{run}/dry-run?to=web", headers={"Accept": "text/html"}).text
    assert page.count("<tr data-row>") == 2 and "verdict=not_approved&amp;page=1#changes" in page
    opened = told(anna, f"{run}/dry-run?to=web&verdict=not_approved")["one"]
    assert (opened["found"], opened["folded"], {row["verdict"] for row in opened["rows"]}) == (left, 0, {"not_approved"})


def test_what_guard_g5_slows_is_told_and_what_nobody_approved_takes_no_room(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    settings(desk, "index_hour = 0.9\n", "index_hour = 0.02\n")  # in any order all are too many, and each alone is not
    moves = desk.desk.reading.run(desk.run).changes.select(pl.col("expected_revenue") * pl.col("move")).to_series()
    shares = moves / desk.desk.reading.run(desk.run).decided["expected_revenue"].sum()
    assert shares.abs().max() < 0.9 * 0.02 < abs(shares.sum())
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/dry-run", to="web")
    dry = state(anna, desk.run)["shops"][0]["dry"]
    assert 0 < dry["paced"] <= dry["counts"]["wait"]
    paced = [row["sku"] for row in told(anna, f"{run}/dry-run?to=web&verdict=wait")["one"]["rows"] if row["code"] == "paced"]
    size = pl.col("expected_revenue") * pl.col("move").abs()
    waits = desk.desk.reading.run(desk.run).changes.filter(pl.col("sku").is_in(paced)).sort(size).row(0, named=True)
    for address in (run, f"{run}/dry-run?to=web"):
        for language, said in (("en", "may not move faster (guard G5)"), ("zh", "整体价格水平变动不宜过快（护栏 G5）")):
            assert said in anna.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    post(anna, f"{run}/withdraw", sure="1")
    post(anna, "/prices/accept", run=desk.run, products="\x1f".join(waits[name] for name in ("sku", "channel", "region")))
    post(anna, f"{run}/dry-run", to="web")
    dry = state(anna, desk.run)["shops"][0]["dry"]
    rows = told(anna, f"{run}/dry-run?to=web")["one"]["rows"]
    assert dry["paced"] == 0 and [row["code"] for row in rows] == ["dwell"], "what nobody approved does not take its room"
    lines = "\n".join(told(anna, "/jobs")["jobs"][0]["lines"])
    assert "--live" in lines
    for language, said in (("en", "once published it takes its turn"), ("zh", "发布后会依次发出")):
        assert "--live" not in Words(language).line("the same command with --live sends them")
        page = anna.get("/jobs", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert "--live" not in page and said in page


def test_a_held_price_says_what_it_was_measured_against_and_how_far_it_may_go(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1")
    settings(desk, "max_step = 0.15", "max_step = 0.02")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/dry-run", to="web")
    held = [row for row in told(anna, f"{run}/dry-run?to=web&verdict=held")["one"]["rows"] if row["code"] == "step"]
    assert held
    for row in held:
        assert (row["against"], row["setting"]) == (row["read"], "max_step")
        assert abs(row["bound"] / row["read"] - 1) <= 0.02 < abs(row["price"] / row["read"] - 1)
    page = anna.get(f"{run}/dry-run?to=web&verdict=held", headers={"Accept": "text/html"}).text
    assert "in the shop:" in page and "[guards] max_step" in page and "this guard lets through" in page
    assert "the page of each product names the prices that pass all of them" in page, "a limit of one guard is no suggestion"


def test_a_dry_run_older_than_an_answer_says_so_and_hides_its_counts(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    html = {"Accept": "text/html"}
    post(anna, f"{run}/dry-run", to="web")
    assert not state(anna, desk.run)["shops"][0]["dry"]["past"]
    assert "<li>not approved" in anna.get(run, headers=html).text
    post(anna, f"{run}/accept", sure="1")
    assert state(anna, desk.run)["shops"][0]["dry"]["past"]
    page = anna.get(run, headers=html).text
    assert "<li>not approved" not in page and "This dry run is out of date" in page and "Make it again" in page
    assert "This dry run is out of date" in anna.get(f"{run}/dry-run?to=web", headers=html).text
    assert state(anna, desk.run)["shops"][0]["dry"]["moved"] == ["answers"] and "What has changed since: answers to prices" in page
    post(anna, f"{run}/dry-run", to="web")
    assert not state(anna, desk.run)["shops"][0]["dry"]["past"]
    settings(desk, "dwell_minutes = 1e-7", "dwell_minutes = 1.0")
    zh = {**html, "Accept-Language": "zh"}
    assert "护栏、审批、发布、该店铺的设置已变更" in anna.get(f"{run}/dry-run?to=web", headers=zh).text
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/dry-run", to="web")
    post(anna, f"{run}/publish", to="web", sure="1")
    assert state(anna, desk.run)["shops"][0]["dry"]["moved"] == ["sent"]
    page = anna.get(run, headers=html).text
    assert not state(anna, desk.run)["shops"][0]["ready"] and "This dry run is out of date" not in page, "nothing is left to publish"
    assert "See the last dry run" in page
