"""Where a page leads to a product: the address must come back to the very row it was made of."""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.web.addresses import address

NAME = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("channel", "region", "run", "expected"),
    [
        ("default", "default", "", "/products/A%26B/1"),
        ("default", "default", "r1", "/products/A%26B/1?run=r1"),
        ("web", "default", "", "/products/A%26B/1?channel=web&region=default"),
        ("default", "EU", "r1", "/products/A%26B/1?channel=default&region=EU&run=r1"),
    ],
)
def test_a_place_without_a_name_is_left_out(channel: str, region: str, run: str, expected: str) -> None:
    assert address({"sku": "A&B/1", "channel": channel, "region": region}, run) == expected


@given(sku=NAME, channel=NAME, region=NAME, run=NAME)
def test_an_address_leads_back_to_its_row(sku: str, channel: str, region: str, run: str) -> None:
    parts = urlsplit(address({"sku": sku, "channel": channel, "region": region}, run))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert unquote(parts.path.removeprefix("/products/")) == sku
    assert asked.pop("run") == run
    assert asked == ({} if channel == region == "default" else {"channel": channel, "region": region})


def test_no_template_makes_an_address_of_its_own() -> None:
    templates = [one for one in files("pricesmith.apps.web").joinpath("templates").iterdir() if one.name.endswith(".html")]
    assert templates
    assert [one.name for one in templates if 'href="/products/' in one.read_text(encoding="utf-8")] == []
