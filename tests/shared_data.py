"""Where the real data sets lie: `../shared/data` beside the repository. Tests that need one are marked `real`."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"


def dataset(name: str) -> Path:
    """Folder of a data set; skips the test, saying so, where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"data set {name} is not in ../shared/data")
    return folder
