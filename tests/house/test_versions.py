"""Every supported Python can compile the source. Versions that are not installed are skipped, and said so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import PACKAGE


def interpreter(version: str) -> str | None:
    """A working interpreter of that version on this machine."""
    homes = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for found in (f"python{version}", *map(str, homes)):
        path = shutil.which(found)
        if path and subprocess.run([path, "-c", "pass"], capture_output=True, check=False).returncode == 0:
            return path
    return None


@pytest.mark.parametrize("version", ["3.11", *(pytest.param(version, marks=pytest.mark.real) for version in ("3.12", "3.13"))])
def test_compiles(version: str, tmp_path: Path) -> None:
    python = sys.executable if f"{sys.version_info.major}.{sys.version_info.minor}" == version else interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed here")
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONWARNINGS": "error"}
    command = [python, "-m", "compileall", "-q", "-f", str(PACKAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
