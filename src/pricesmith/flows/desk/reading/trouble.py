"""Why something that was asked cannot be told, for answers that say so and stand all the same."""

from __future__ import annotations

from typing import Self

import msgspec

from pricesmith.contracts.errors import PricesmithError


class Trouble(msgspec.Struct, frozen=True):
    """What stopped it, where, and what to do, as the error says it; nothing was changed."""

    what: str
    where: str
    hint: str

    @classmethod
    def of(cls, error: PricesmithError) -> Self:
        return cls(error.what, error.where, error.hint)
