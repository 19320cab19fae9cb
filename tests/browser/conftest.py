"""One desk and one browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chrome
from tests.desk.place import Place, place
from tests.shops.processes import MissingError


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("browser") / "shop")


@pytest.fixture(scope="session")
def served(desk: Place) -> Iterator[str]:
    with chrome.served(desk.folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chrome.browser() as running:
            yield running
    except MissingError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def axe() -> str:
    try:
        return chrome.axe()
    except MissingError as reason:
        pytest.skip(str(reason))
