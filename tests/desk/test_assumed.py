"""Where costs are assumed, every page that people look at says so, and so does a file with margins."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from .place import place
from .working import priced_early

PAGES = ("/", "/prices", "/what-if", "/approvals", "/rules", "/outcome", "/models", "/data")


@pytest.fixture(scope="module")
def assumed(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A shop that says of all its costs that they are assumed, with a run."""
    folder = tmp_path_factory.mktemp("assumed") / "shop"
    return priced_early(folder, lambda text: text.replace("cost_assumed = false", "cost_assumed = true")).client("viewer")


def test_every_page_says_that_costs_are_assumed(assumed: TestClient, tmp_path: Path) -> None:
    given = place(tmp_path / "given").client("viewer")
    for address in PAGES:
        for language, said in (("en", "Costs are assumed"), ("zh", "成本为假设值")):
            page = assumed.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
            assert said in page.partition('<p id="assumed">')[2].partition("</p>")[0], address
        assert 'id="assumed"' not in given.get(address, headers={"Accept": "text/html"}).text, address


def test_a_file_with_margins_says_whose_costs_are_assumed(assumed: TestClient) -> None:
    told = pl.read_csv(assumed.get("/prices/export?columns=margin").content)
    assert told["cost_assumed"].unique().to_list() == [1] and (told["margin"] < 1.0).all()
    assert "cost_assumed" not in pl.read_csv(assumed.get("/prices/export?columns=price").content).columns
