"""The built wheel installs into an empty environment and runs the demo there."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.house.source import ROOT


def run(*command: str | Path, where: Path) -> str:
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=where, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=900)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.real
def test_wheel_runs_the_demo_in_an_empty_environment(tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "dist", ROOT, where=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("pricesmith-*.whl")
    venv.create(tmp_path / "empty", with_pip=True)
    binaries = tmp_path / "empty" / ("Scripts" if sys.platform == "win32" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--quiet", wheel, where=tmp_path)
    command = binaries / "pricesmith"
    assert "demo" in run(command, "--help", where=tmp_path)
    run(command, "demo", "shop", "--no-serve", where=tmp_path)
    assert list((tmp_path / "shop").rglob("*.html"))
