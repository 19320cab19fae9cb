"""Prices that did not come into the shop: the page and the command say why and what to do, and count each product once."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.flows.desk.publishing import sending
from pricesmith.flows.publishing.sending.reasons import Reason, merged, reasons

from .feed import attested, feed, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}
FAILS = "the feed has no column 'sku'; found: Código, price; needed: 'sku' (the product key) and 'price' (the price)"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def sent(desk: Place, header: str, rows: int | None = None) -> tuple[TestClient, int]:
    """Publish all changes into a feed that has another header, or lacks rows; the number of changes."""
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    file = desk.folder / "feed.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([header, *lines[1:][:rows]]) + "\n", encoding="utf-8")
    post(anna, f"{run}/accept", sure="1")
    changes = state(anna, desk.run)["shops"][0]["ready"]
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    return anna, changes


def row(client: TestClient, run: str) -> dict:  # type: ignore[type-arg]
    return next(one for one in told(client, "/approvals")["all"]["runs"] if one["run"] == run)


def test_a_shop_that_cannot_be_read(desk: Place) -> None:
    anna, changes = sent(desk, "Código,price")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["reasons"] == [{"fate": "waiting", "code": "unreachable", "detail": FAILS, "count": changes}]
    page = anna.get(f"/runs/{desk.run}", headers=HTML).text
    assert "Why prices did not come into the shop" in page and "found: Código, price" in page and 'href="/shops?shop=web#form"' in page
    zh = anna.get(f"/runs/{desk.run}", headers={**HTML, "Accept-Language": "zh"}).text
    assert "现有列：Código, price" in zh and "价格未能到达店铺的原因" in zh
    (job,) = (job for job in desk.desk.jobs.all() if job.kind == "publish")
    assert any(line.strip() == f"{changes} unknown: the shop could not be read: {FAILS}" for line in job.lines)
    assert any("what to do: mend what it says" in line for line in job.lines)
    assert shop["here"], "it was asked for at the desk, which goes on with it"


def test_each_product_counts_once_when_it_is_called_off(desk: Place) -> None:
    anna, changes = sent(desk, "Código,price")
    assert (row(anna, desk.run)["waiting"], row(anna, desk.run)["returning"]) == (changes, 0)
    assert post(anna, f"/runs/{desk.run}/undo", to="web", sure="1").status_code == 303
    found, shop = row(anna, desk.run), state(anna, desk.run)["shops"][0]
    assert (found["waiting"], found["returning"]) == (0, changes), "what was never sent does not leave any more"
    assert (shop["waiting"], shop["fates"]) == (changes, {"called_off": changes})
    (job,) = (job for job in desk.desk.jobs.all() if job.kind == "undo")
    assert any(f"{changes} still to come" in line for line in job.lines)


def test_what_the_command_line_began_goes_on_from_the_desk(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    good = (desk.folder / "feed.csv").read_text(encoding="utf-8")
    (desk.folder / "feed.csv").write_text(good.replace("sku,", "Código,", 1), encoding="utf-8")
    desk.desk.jobs.begin("publish", sending.publishing(str(desk.folder), desk.run, "web"), "ben")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["waiting"] and not shop["here"]
    page = anna.get(run, headers=HTML).text
    assert "Nobody asked for it at this desk" in page and "Go on with it from this desk" in page
    assert "Go on with it" not in desk.client("viewer").get(run, headers=HTML).text
    (desk.folder / "feed.csv").write_text(good, encoding="utf-8")
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    assert shop["here"] or not shop["waiting"]


def test_products_that_the_shop_does_not_know(desk: Place) -> None:
    anna, changes = sent(desk, "sku,price", rows=2)
    reasons_ = {one["code"]: one["count"] for one in state(anna, desk.run)["shops"][0]["reasons"]}
    assert changes - 2 <= reasons_["not_in_shop"] <= changes
    (job,) = (job for job in desk.desk.jobs.all() if job.kind == "publish")
    assert any(f"{reasons_['not_in_shop']} rejected: the product is not found in the shop" in line for line in job.lines)
    assert any("compare the product keys there" in line for line in job.lines)


def test_reasons_are_counted_together() -> None:
    rows = [
        {"fate": "applied", "code": "", "detail": None},
        {"fate": "superseded", "code": "newer_version", "detail": None},
        {"fate": "rejected", "code": "refused", "detail": None},
        {"fate": "rejected", "code": "refused", "detail": "too cheap"},
        {"fate": "held", "code": "dwell", "guard": "G4", "detail": "12.5"},
    ]
    first = [Reason("rejected", "refused", "too cheap", 2), Reason("held", "G4:dwell", "", 1)]
    assert reasons(rows) == first
    assert merged(first, [Reason("held", "G4:dwell", "", 4)]) == [Reason("held", "G4:dwell", "", 5), first[0]]
