"""A desk on which a shop only begins, and a browser that looks at it: for tests that have no place of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from tests.desk.guide import begun, visitor


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return begun(tmp_path / "new")


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return visitor(desk)
