"""The demo opens its report only where there is a screen, and never waits."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from pricesmith.apps.cli.demo import screen, show


def test_without_a_screen_nothing_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(webbrowser, "open", lambda *_: pytest.fail("a browser was opened"))
    assert not screen()
    show(tmp_path / "report.html")
    assert "open the report yourself" in capsys.readouterr().err
