"""The package runs as a module, for who has no folder of commands on the path."""

from __future__ import annotations

import subprocess
import sys

from pricesmith import __version__


def test_the_package_runs_as_a_module() -> None:
    told = subprocess.run([sys.executable, "-m", "pricesmith", "--version"], capture_output=True, text=True, check=True).stdout
    assert __version__ in told and "__main__" not in told
    wrong = subprocess.run([sys.executable, "-m", "pricesmith", "pirce"], capture_output=True, text=True, check=False)
    assert wrong.returncode != 0 and "Traceback" not in wrong.stderr
