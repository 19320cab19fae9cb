"""The command that makes prices says which of them a guard would hold when they are published, as the price desk does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pricesmith.apps.cli import main
from pricesmith.flows.desk.approval.foreseen import foreseen
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office
from tests.desk.place import place
from tests.learned import learned_once


def said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    capsys.readouterr()
    with learned_once(), pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.real  # long
def test_what_a_guard_would_hold_is_told_with_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place(tmp_path / "shop").folder
    asked = ("price", folder, "--out", tmp_path / "prices.csv")
    assert json.loads(said(capsys, *asked, "--json"))["held_when_published"] == {"changes": 0, "caught": []}
    assert "held by a guard" not in said(capsys, *asked)
    settings = folder / "shop.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("max_step = 0.15", "max_step = 0.04"), encoding="utf-8")
    told = json.loads(said(capsys, *asked, "--json"))
    reading = Reading(office(folder))
    desk = foreseen(reading, reading.run(told["run"]), reading.now())
    held = told["held_when_published"]
    assert held["changes"] == desk.changes > 0
    assert [(row["guard"], row["code"], row["count"]) for row in held["caught"]] == [("G3", "step", desk.changes)]
    text = said(capsys, *asked)
    assert f"{desk.changes} changes would be held by a guard when published" in text and "G3 the price moves too far in one step" in text
    assert f"pricesmith publish {folder} {told['run']} --to NAME` shows each of them" in text
    assert "项调价即使审批通过，发布时也会被护栏拦下" in said(capsys, *asked, "--locale", "zh")
    assert json.loads(said(capsys, *asked, "--json", "--no-record"))["held_when_published"] is None
