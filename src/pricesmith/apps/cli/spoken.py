"""What went wrong in the language of the shop, where a command speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pricesmith.contracts.errors import PricesmithError


@contextmanager
def spoken(locale: str) -> Iterator[None]:
    """Errors that come out say what, where and what to do in the words of a language."""
    from pricesmith.apps.web.words import Words

    try:
        yield
    except PricesmithError as error:
        words = Words(locale)
        if words.language != "en":
            error.what, error.hint = words.error(error.what), words.error(error.hint)
            error.put(words.place(error.where))
        raise
