"""Names of products in narrow places."""

from __future__ import annotations

import html

import pytest

from pricesmith.apps.web.render import parted


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bread/Buns & Rolls", "Bread/<wbr>Buns &amp;<wbr> Rolls"),
        ("Olive oil", "Olive oil"),
        ("</td><script>", "&lt;/<wbr>td&gt;&lt;script&gt;"),
    ],
)
def test_a_name_may_break_where_its_parts_meet_and_stays_what_it_is(name: str, shown: str) -> None:
    assert parted(name) == shown
    assert html.unescape(parted(name).replace("<wbr>", "")) == name
