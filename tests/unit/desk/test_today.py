"""What Today says of the last run: whether what decides prices was changed since."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from pricesmith.demand import MODELS
from pricesmith.flows import batch
from pricesmith.flows.desk.today import today
from pricesmith.flows.publishing.office import record_run
from tests.desk.place import Place, place

DAY = dt.date(2026, 8, 2)
"""The day before that of the run that is there: the same day would give the same run."""


def since(desk: Place) -> bool:
    reading = desk.desk.reading
    return today(reading, reading.now()).rules_since


def write(desk: Place, text: str) -> None:
    """As by hand, and later than what is there."""
    path = desk.folder / "shop.toml"
    later = path.stat().st_mtime + 5
    path.write_text(text, encoding="utf-8")
    os.utime(path, (later, later))


def test_a_model_chosen_for_one_run_changes_no_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS.members, "mine", MODELS["response"])
    desk = place(tmp_path / "shop")
    loaded = batch.load(desk.folder, model="mine")
    record_run(desk.folder, batch.price(loaded, DAY), loaded.prepared.tables["competitor_prices"], "anna")
    before = (desk.folder / "shop.toml").read_text(encoding="utf-8")
    assert desk.desk.reading.latest() != desk.run and not since(desk)
    write(desk, before.replace('name = "response"', 'name = "mine"'))
    assert not since(desk), "the run was made under what the settings say now"
    write(desk, before.replace("\nseed = 0", "\nseed = 7"))
    assert since(desk)
    write(desk, before.replace("max_step = 0.15", "max_step = 0.14"))
    assert not since(desk), "a guard decides no price"
    write(desk, before + '\n[[rule]]\nkind = "min_change"\nstep = 0.01\n')
    assert since(desk)
