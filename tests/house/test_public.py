"""Public names are few, sorted, listed here, and real."""

from __future__ import annotations

import pricesmith


def test_public_names() -> None:
    assert pricesmith.__all__ == ["Policy", "PricesmithError", "Snapshot", "__version__", "decide", "learn", "replay"]
    assert pricesmith.__all__ == sorted(pricesmith.__all__)


def test_public_names_resolve_and_say_what_they_are() -> None:
    for name in pricesmith.__all__:
        member = getattr(pricesmith, name)
        assert name == "__version__" or member.__doc__


def test_unknown_name_is_refused() -> None:
    assert not hasattr(pricesmith, "no_such_name")
