"""Where products stand, for platforms that find them by their own numbers only: learned by reading all once, then asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Key, Reading

from ._prices import skus_of, told_apart

Found = Iterable[tuple[str, Reading | None]]


class Directory:
    """Handles by product key.

    scan  reads everything
    look  reads the things with these handles
    """

    def __init__(self, policy: ShopPolicy, scan: Callable[[], Found], look: Callable[[Sequence[str]], Found]) -> None:
        self.policy, self.scan, self.look = policy, scan, look
        self._handles: dict[str, str] = {}

    def prices(self, keys: Sequence[Key] | None) -> Mapping[Key, Reading]:
        """Prices of these keys or of all. A key that was never seen is looked for everywhere; one that two things share is in neither."""
        wanted = skus_of(keys, self.policy)
        if wanted == []:
            return {}
        if wanted is None or any(sku not in self._handles for sku in wanted):
            found = told_apart(self.scan(), self.policy, None)
            self._handles = {key.sku: reading.handle for key, reading in found.items()}
            among = frozenset(found if wanted is None else (Key(sku, self.policy.channel, self.policy.region) for sku in wanted))
            return {key: reading for key, reading in found.items() if key in among}
        return told_apart(self.look([self._handles[sku] for sku in wanted]), self.policy, wanted)
