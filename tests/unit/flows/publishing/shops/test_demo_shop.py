"""The demo's own shop: recorded, connected, attested by people who are called made; one price goes there and comes back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.shop import Key
from pricesmith.flows import batch, example
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.answers.attest import attested
from pricesmith.flows.publishing.office import desk, office
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.shops import demo_shop


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, batch.Priced, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    example.write(folder)
    policy = folder / "shop.toml"
    settings = "[guards]\ndwell_minutes = 0.00001\n"
    policy.write_text(policy.read_text(encoding="utf-8").replace("[guards]\n", settings), encoding="utf-8")
    loaded = batch.load(folder)
    return folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"]


def test_one_price_goes_and_comes_back(priced: tuple[Path, batch.Priced, pl.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, made, offers = priced
    monkeypatch.delenv("PRICESMITH_LEDGER", raising=False)
    run = demo_shop.open_shop(folder, made, offers)
    before = (folder / demo_shop.FEED).read_text(encoding="utf-8")
    place = office(folder)
    change = made.decided.decisions.filter(pl.col("action") == "change").row(0, named=True)
    key = Key(change["sku"], change["channel"], change["region"])
    assert attested(place.book.read("attested"), place.code)
    assert place.book.read("attested").select("requester", "approver").row(0) == demo_shop.PEOPLE
    assert all("(demo)" in name for name in demo_shop.PEOPLE)
    answering.answer(place.book, run, "accept", by="reader", at=place.now(), policy=place.policy, keys=[key])
    assert send.publish(desk(place, demo_shop.SHOP), run, [key]).fates == {"applied": 1}
    assert (folder / demo_shop.FEED).read_text(encoding="utf-8") != before
    assert demo_shop.open_shop(folder, made, offers) == run
    assert (folder / demo_shop.FEED).read_text(encoding="utf-8") != before
    assert send.take_back(desk(place, demo_shop.SHOP), run, by="reader", keys=[key]).fates == {"applied": 1}
    assert (folder / demo_shop.FEED).read_text(encoding="utf-8") == before


def test_another_ledger_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICESMITH_LEDGER", "sqlite:///elsewhere.db")
    with pytest.raises(UsageError, match="another ledger"):
        demo_shop.alone()
    monkeypatch.delenv("PRICESMITH_LEDGER")
    demo_shop.alone()
