"""Who stops needs the ledger and nothing else of the shop folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.errors import PolicyError, UnknownChoice
from pricesmith.flows import wiring
from pricesmith.flows.publishing import reach
from pricesmith.flows.publishing.office import office
from pricesmith.flows.publishing.sending import switch

SOUND = 'currency = "EUR"\n[shop.feed]\nplatform = "csv_feed"\nurl = "feed.csv"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PRICESMITH_LEDGER", raising=False)
    (tmp_path / "shop.toml").write_text(SOUND, encoding="utf-8")
    return tmp_path


def stop(folder: Path) -> None:
    switch.stop(reach.ledger_of(folder), by="anna", at=wiring.clock())


def test_it_is_the_ledger_of_the_office(folder: Path) -> None:
    (folder / "shop.toml").write_text('ledger = "other.db"\n' + SOUND, encoding="utf-8")
    stop(folder)
    assert (folder / "other.db").exists()
    assert switch.stopped(office(folder).book.read("switches"), "feed") == "stopped by anna"


@pytest.mark.parametrize("wrong", ['currency = "ZZZ"\n', 'currency = "EUR"\n[[rule]]\nkind = "marginfloor"\n', "objective = 3\n"])
def test_a_wrong_setting_does_not_stand_in_the_way_of_stopping(folder: Path, wrong: str) -> None:
    (folder / "shop.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises((PolicyError, UnknownChoice)):
        office(folder)
    stop(folder)
    assert switch.stopped(reach.ledger_of(folder).read("switches"), "feed")


def test_settings_that_cannot_be_read_are_refused_unless_the_environment_names_the_ledger(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another ledger than the one that workers read must not be stopped in its place."""
    (folder / "shop.toml").write_text("currency = EUR\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"not valid TOML.*PRICESMITH_LEDGER"):
        stop(folder)
    (folder / "shop.toml").write_text("ledger = 3\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="not named by text"):
        stop(folder)
    assert not list(folder.glob("*.db"))
    monkeypatch.setenv("PRICESMITH_LEDGER", "shared.db")
    stop(folder)
    assert (folder / "shared.db").exists()


def test_a_target_that_is_not_there_is_refused(folder: Path) -> None:
    reach.known_target(folder, "feed")
    with pytest.raises(UnknownChoice, match="feed"):
        reach.known_target(folder, "fed")
    (folder / "shop.toml").write_text("shop = 3\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="no shop is known"):
        reach.known_target(folder, "feed")
    assert not reach.checked(folder, reach.ledger_of(folder), ("target", "feed")), "it is believed"
