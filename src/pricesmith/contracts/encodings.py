"""Encodings in which shops and their programs write files of text."""

from __future__ import annotations

from typing import Literal, get_args

Encoding = Literal["utf-8", "utf-16", "gb18030", "cp1252", "cp1250", "cp1251", "cp932", "cp950"]
"""As Python names them. cp932 is Shift_JIS and cp950 Big5, as Windows writes them."""
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
