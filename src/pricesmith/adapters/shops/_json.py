"""JSON with exact numbers: read digit for digit as int or Decimal, written digit for digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def read_json(data: bytes) -> Any:
    """A JSON document; numbers with a point are Decimal. Raises ValueError where it is none (NaN and Infinity are none)."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, ArithmeticError) as error:
        raise ValueError(f"not JSON: {str(error).splitlines()[0]}") from None


def write_json(value: Any) -> bytes:
    """A JSON document without spaces; Decimal as a number with all its digits."""
    return _ENCODER.encode(value)
