"""Where a price holds, as people read it."""

from __future__ import annotations

import pytest

from pricesmith.contracts.shop import placed


@pytest.mark.parametrize(
    ("channel", "region", "said"),
    [
        ("default", "default", []),
        ("default", "Berlin", ["Berlin"]),
        ("web", "default", ["web"]),
        ("web", "Berlin", ["web", "Berlin"]),
    ],
)
def test_only_what_the_tables_name_is_said(channel: str, region: str, said: list[str]) -> None:
    assert placed(channel, region) == said
