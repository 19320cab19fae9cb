"""Where costs are assumed, every page that people look at says so, and so does a file with margins."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from .place import Place, place
from .working import priced_early

PAGES = ("/", "/prices", "/what-if", "/approvals", "/rules", "/outcome", "/models", "/data")


def assumed_at(folder: Path) -> Place:
    """A shop that says of all its costs that they are assumed, with a run."""
    return priced_early(folder, lambda text: text.replace("cost_assumed = false", "cost_assumed = true"))


@pytest.mark.parametrize(("language", "said"), [("en", "Costs are assumed"), ("zh", "成本为假设值")])
def test_every_page_says_that_costs_are_assumed(tmp_path: Path, language: str, said: str) -> None:
    given = place(tmp_path / "given").client("viewer")
    assumed = assumed_at(tmp_path / "assumed").client("viewer")
    html = {"Accept": "text/html", "Accept-Language": language}
    for address in PAGES:
        page = assumed.get(address, headers=html).text
        assert said in page.partition('<p id="assumed">')[2].partition("</p>")[0], address
        assert 'id="assumed"' not in given.get(address, headers=html).text, address


def test_a_file_with_margins_says_whose_costs_are_assumed(tmp_path: Path) -> None:
    client = assumed_at(tmp_path / "shop").client("viewer")
    told = pl.read_csv(client.get("/prices/export?columns=margin").content)
    assert told["cost_assumed"].unique().to_list() == [1] and (told["margin"] < 1.0).all()
    assert "cost_assumed" not in pl.read_csv(client.get("/prices/export?columns=price").content).columns
