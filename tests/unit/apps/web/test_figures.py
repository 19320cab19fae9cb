"""Figures as the pages write them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pricesmith.apps.web.figures import share


@pytest.mark.parametrize(("language", "value", "said"), [("en", -0.21, "−21\u00a0%"), ("en", 0.005, "0.5\u00a0%"), ("zh", -0.009, "−0.9%")])
def test_a_negative_share_has_the_sign_of_all_other_figures(language: str, value: float, said: str) -> None:
    context: Any = {"w": SimpleNamespace(language=language)}
    assert share(context, value) == said
