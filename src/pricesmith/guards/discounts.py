"""The most that coupons and bundles can take off one product: what `discount_share` must hold for the floor to hold at checkout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Discount:
    """One coupon or bundle that can apply to a product.

    kind     `percent`: `value` is the share taken off; `amount`: `value` minor units off a basket of at least `least` minor units, shared
             by price; `bundle`: of `size` pieces the cheapest `free` cost nothing, shared by price among the pieces
    stacks   True where it can apply together with others
    """

    kind: Literal["percent", "amount", "bundle"]
    value: float = 0.0
    least: float = 0.0
    size: int = 0
    free: int = 0
    stacks: bool = False


def share(discount: Discount, price: float) -> float:
    """The most that one discount takes off a piece, a fraction; 1 where it cannot be told."""
    if discount.kind == "percent":
        most = discount.value
    elif discount.kind == "amount":
        most = discount.value / max(price, discount.least) if max(price, discount.least) > 0 else 1.0
    else:
        most = discount.free / discount.size if 0 <= discount.free <= discount.size and discount.size > 0 else 1.0
    return min(most, 1.0) if math.isfinite(most) and most >= 0.0 else 1.0


def most_off(discounts: Sequence[Discount], price: float) -> float:
    """The most that all of them together can take off a piece at `price`, a fraction.

    Those that stack multiply; then either they or the best of the others count.
    """
    left = math.prod(1.0 - share(discount, price) for discount in discounts if discount.stacks)
    alone = max((share(discount, price) for discount in discounts if not discount.stacks), default=0.0)
    return max(1.0 - left, alone)
