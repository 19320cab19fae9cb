"""A CSV feed as a file that is made here, or written anew with another separator and decimal mark."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pricesmith.contracts.errors import ShopError

from ._feed_text import dialect, sheet
from .csv_feed import made, respelled


@dataclass(frozen=True, slots=True)
class FeedFile:
    """options: of its section [shop.NAME], which say how it is written."""

    path: Path
    options: Mapping[str, Any]

    def make(self, amounts: Mapping[str, str]) -> None:
        """A new file. amounts: product key -> price with a decimal point. Raises ShopError where there is a file already."""
        data = made(amounts, self.options)
        try:
            with self.path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            hint = "choose another name, or connect that file as it stands"
            raise ShopError("there is such a file already", where=self.path.name, hint=hint) from None

    def delimiter(self) -> str:
        """What separates its columns. Raises ShopError where it cannot be read as its options say."""
        try:
            return sheet(self.path.read_bytes(), dialect(self.options)).delimiter
        except ValueError as error:
            raise self._unreadable(error) from None

    def respell(self, options: Mapping[str, Any]) -> bytes:
        """Write it anew as these options say; returns its bytes as they were. Raises ShopError where it cannot be read as its own say."""
        data = self.path.read_bytes()
        try:
            self.restore(respelled(data, self.options, options))
        except ValueError as error:
            raise self._unreadable(error) from None
        return data

    def restore(self, data: bytes) -> None:
        """Replace the file in one step, with the rights that it has."""
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(self.path.stat().st_mode & 0o7777)
            partial.replace(self.path)
        finally:
            partial.unlink(missing_ok=True)

    def _unreadable(self, error: ValueError) -> ShopError:
        return ShopError(f"cannot be read as a feed: {error}", where=self.path.name)
