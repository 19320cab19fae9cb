"""Prices in a file: read whole, written whole, in one step that leaves the old file or the new one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Capability, Key, Reading, Surroundings, Unread, Writing, Written

from ._money import from_text, to_text
from ._prices import settle, skus_of, told_apart

MOST_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of a feed: whose price, and the price as it stands there, in major units."""

    sku: str
    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a feed.

    read     the offers in the bytes of a file; ValueError where they are none
    replace  the bytes with these amounts, and all else as it stands
    """

    read: Callable[[bytes], Iterable[Offer]]
    replace: Callable[[bytes, Mapping[str, str]], bytes]


class FilePrices:
    """A feed in a file (the protocol Shop). A handle is the product key; who reads the file decides when its prices hold."""

    skew: float | None = 0.0

    def __init__(self, policy: ShopPolicy, around: Surroundings, capability: Capability, form: Format) -> None:
        self.policy, self.around, self.form, self._capability = policy, around, form, capability
        if not policy.url:
            raise ShopError("the file is missing", where="$.shop.url", hint="write its path into `url`")
        self.path = Path(policy.url)

    @property
    def capability(self) -> Capability:
        return self._capability

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        wanted = skus_of(keys, self.policy)
        return told_apart(((offer.sku, self._reading(offer)) for offer in self._offers(self._read())), self.policy, wanted)

    def unread(self) -> Sequence[Unread]:
        """Offers whose price is not read, in the order of the file (the protocol Explains)."""
        offers = list(self._offers(self._read()))
        seen = Counter(offer.sku for offer in offers)
        return [Unread(one.sku, code, one.amount.lstrip("?")) for one in offers if (code := self._why(one, seen[one.sku]))]

    def _why(self, offer: Offer, times: int) -> str:
        """A code of Unread; "" where the price is read."""
        if times > 1:
            return "twice"
        return "currency" if offer.currency != self.policy.currency else "" if self._reading(offer) else "no_amount"

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        return settle(writings, self._capability, self.policy, self._send)

    def _send(self, good: Sequence[Writing]) -> Iterable[Written]:
        data = self._read()
        offers = list(self._offers(data))
        known, ours = Counter(offer.sku for offer in offers), {offer.sku for offer in offers if offer.currency == self.policy.currency}
        amounts = {w.handle: to_text(w.price, w.currency) for w in good if known[w.handle] == 1 and w.handle in ours}
        if amounts:
            self._write(self.form.replace(data, amounts))
        for writing in good:
            applied = writing.handle in amounts
            yield Written(writing.key, "applied") if applied else Written(writing.key, "rejected", "unknown_product", "not in the feed")

    def _reading(self, offer: Offer) -> Reading | None:
        price = from_text(offer.amount, self.policy.currency) if offer.currency == self.policy.currency else None
        return None if price is None else Reading(price, self.policy.currency, offer.sku, self.around.clock())

    def _offers(self, data: bytes) -> Iterable[Offer]:
        try:
            return list(self.form.read(data))
        except ShopError as error:
            raise ShopError(error.what, where=str(self.path), hint=error.hint) from None
        except ValueError as error:
            raise ShopError(f"cannot be read as a feed: {error}", where=str(self.path)) from None

    def _read(self) -> bytes:
        try:
            if self.path.stat().st_size > MOST_BYTES:
                raise ShopError(f"is longer than {MOST_BYTES // 2**20} MiB", where=str(self.path))
            return self.path.read_bytes()
        except OSError as error:
            hint = "the feed must be there, with every product that is to be priced"
            raise ShopError(f"cannot be read: {error.strerror}", where=str(self.path), hint=hint) from None

    def _write(self, data: bytes) -> None:
        """Replace the file. Where that fails the old one stands."""
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(self.path.stat().st_mode & 0o7777)
            partial.replace(self.path)
        except OSError as error:
            raise ShopError(f"cannot be written: {error.strerror}", where=str(self.path), hint="the old prices stand") from None
        finally:
            partial.unlink(missing_ok=True)
