"""docs/python.md shows what the program says: its code runs on the example shop, and each block prints what stands below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pricesmith
from pricesmith.flows import example
from tests.house.source import ROOT

TEXT = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_every_block_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    example.write(tmp_path / "myshop")
    names: dict[str, object] = {}
    blocks = BLOCK.findall(TEXT)
    assert len(blocks) == TEXT.count("```python") == 5
    for code, shown in blocks:
        exec(compile(code, "docs/python.md", "exec"), names)
        assert capsys.readouterr().out == shown


def test_every_public_name_is_told_of() -> None:
    assert [name for name in pricesmith.__all__ if name != "__version__" and f"`{name}" not in TEXT] == []
