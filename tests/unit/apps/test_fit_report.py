"""The model report in lines: a yes or no is one, and figures are called what they are."""

from __future__ import annotations

import pytest

from pricesmith.apps.cli.fit import told


@pytest.mark.parametrize(("value", "said"), [(1, "yes"), (0, "no"), (None, "not tested")])
def test_found_families_are_a_yes_or_no(value: int | None, said: str) -> None:
    lines = list(told({"details": {"families_found": value, "families_t": 5.933, "rounds": 0}}))
    assert lines[1] == f"  families found, small categories stand in for them: {said}"
    assert lines[2] == "  families' mean effect, t: 5.933" and lines[3] == "  rounds: 0"
