"""What stands between backticks is shown as code, and nothing in it becomes markup."""

from __future__ import annotations

import pytest

from pricesmith.apps.web.coded import coded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("run `pricesmith connect DIR NAME` first", "run <code>pricesmith connect DIR NAME</code> first"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("one ` alone", "one ` alone"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
    ],
)
def test_words_to_type_are_code(text: str, shown: str) -> None:
    assert coded(text) == shown
