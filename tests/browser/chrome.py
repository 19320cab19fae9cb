"""A real browser, and a real desk served by the real command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.shops.processes import MissingError, npm_install

AXE = "axe-core@4.14.1"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str:
    """Path of the browser; installed from Debian where this is root's machine and it is missing. Raises MissingError."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        wanted = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-q", "chromium", "fonts-noto-cjk"]
        subprocess.run(wanted, check=False, capture_output=True, timeout=600)
        found = shutil.which("chromium")
    if found is None:
        raise MissingError("browser: NOT RUN, chromium is not on this machine (apt-get install chromium fonts-noto-cjk)")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    path = program()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield running
        finally:
            running.close()


def browser_or_skip() -> Iterator[Browser]:
    """For a fixture: the browser, and where there is none a skip that says so.

    While it is open an event loop runs in this thread, in which nothing else can call `asyncio.run` or open a second browser,
    so the fixture closes it with its module and never keeps it for the session.
    """
    try:
        with browser() as running:
            yield running
    except MissingError as reason:
        pytest.skip(str(reason))


def axe() -> str:
    """The source of axe-core, which judges whether a page can be used by everybody."""
    return (npm_install("axe", [AXE]) / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a desk that `pricesmith serve SHOP` serves on a free port, called beside the folder as the README does."""
    command = [sys.executable, "-m", "pricesmith", "serve", folder.name, "--port", "0"]
    with subprocess.Popen(command, cwd=folder.parent, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line.split(" is at ")[1].split()[0]
        finally:
            process.terminate()
