"""A shop that asks to wait is left alone by every process on the ledger: worker, watch, dry run and pull."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.tables import Table
from pricesmith.flows import wiring
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import patience, send
from pricesmith.flows.publishing.sending.preview import preview
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.flows.publishing.shops.pull import pull
from pricesmith.testing.fake_shop import FakeShop, Faults
from tests.publishing.desk import Place, place

WAIT = 120.0


@dataclasses.dataclass
class Rows:
    frame: pl.DataFrame


class Source(FakeShop):
    """A made shop that stock can be pulled from."""

    def pull(self, table: Table, since: dt.datetime | None = None) -> Rows | None:
        self._admit()
        return Rows(pl.DataFrame({"date": ["2026-03-02"], "sku": ["a"], "on_hand": ["3"]})) if table.name == "stock" else None


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Place:
    found = place()
    old = found.shop
    source = Source(old.truth, old.rng, old.clock, currency=old.currency, capability=old.capability)
    found.shop, found.desk = source, dataclasses.replace(found.desk, shop=source)
    monkeypatch.setattr(wiring, "pause", found.clock.sleep)
    return found


def pulled(folder: Path, desk: Desk) -> dict[str, int]:
    return pull(folder, desk, ["stock"], lambda _text: None)


ASKERS: dict[str, Callable[[Place, Path], object]] = {
    "watch": lambda shop, _folder: reconcile(shop.again()),
    "dry run": lambda shop, _folder: preview(shop.again(), shop.run),
    "pull": lambda shop, folder: pulled(folder, shop.again()),
}


@pytest.mark.parametrize("asker", ASKERS)
def test_a_wait_that_a_worker_was_told_is_kept_to(shop: Place, asker: str, tmp_path: Path) -> None:
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy)
    shop.shop.faults = Faults(busy=1.0, busy_seconds=WAIT)
    send.publish(shop.desk, shop.run)
    shop.shop.faults = Faults()
    reads, began = shop.shop.seen.reads, shop.clock()
    if asker != "pull":  # a long reading waits for a short wait by itself
        with pytest.raises(ShopBusy, match=r"left alone until 2026-03-02 10:02:00 UTC") as busy:
            ASKERS[asker](shop, tmp_path)
        assert busy.value.wait == WAIT
        assert shop.shop.seen.reads == reads
        shop.clock.sleep(WAIT)
    ASKERS[asker](shop, tmp_path)
    assert shop.clock() - began == dt.timedelta(seconds=WAIT)
    assert shop.shop.seen.early == 0


@pytest.mark.parametrize("asker", ASKERS)
def test_a_wait_that_another_is_told_binds_the_worker(shop: Place, asker: str, tmp_path: Path) -> None:
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy)
    shop.shop.faults = Faults(busy=1.0, busy_seconds=WAIT)
    with pytest.raises(ShopBusy):
        ASKERS[asker](shop, tmp_path)
    shop.shop.faults = Faults()
    assert send.publish(shop.again(), shop.run).wait == WAIT
    assert shop.shop.seen.early == 0


def test_pull_does_not_wait_for_long(shop: Place, tmp_path: Path) -> None:
    patience.keep(shop.book, "main", patience.LONGEST + 1, by="one", at=shop.clock())
    began = shop.clock()
    with pytest.raises(ShopBusy, match="left alone until"):
        pulled(tmp_path, shop.again())
    assert shop.clock() == began
    assert not list(tmp_path.rglob("*.csv"))


def test_another_shops_wait_binds_nobody_here(shop: Place) -> None:
    patience.keep(shop.book, "main2", WAIT, by="one", at=shop.clock())
    reconcile(shop.again())
    assert patience.asked_to_wait(shop.again()) is None


def test_what_has_no_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShopError, match="nothing to pull from"):
        pulled(tmp_path, place().desk)
