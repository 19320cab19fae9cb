"""Benches: each platform's shop over its fake, as the conformance suite wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Key, Surroundings
from pricesmith.testing.check_shop import CANARY, Bench
from pricesmith.testing.fake_shop import VirtualClock
from pricesmith.testing.wire import Wire

URL = "https://shop.example/api"


def around(clock: VirtualClock, wire: Wire | None) -> Surroundings:
    return Surroundings(clock, clock.sleep, np.random.default_rng(0), wire)


def policy_of(platform: str, currency: str, **more: Any) -> ShopPolicy:
    """A section `[shop.NAME]` as flows hand it over: currency and tax filled in."""
    fields: dict[str, Any] = {"url": URL, "channel": "web", "region": "DE", "tax": "gross", **more}
    return ShopPolicy(platform=platform, currency=currency, **fields)


def bench(
    platform: str,
    fake: Any,
    prices: Mapping[Key, int],
    currency: str,
    *,
    secret: str = CANARY,
    arrive: Callable[[], None] = lambda: None,
    **more: Any,
) -> Bench:
    """A platform's shop over a fake that has `answer`, `writes` and `price`."""
    clock = getattr(fake, "clock", None) or VirtualClock()
    wire = Wire(fake.answer, fake.writes)
    shop = SHOPS[platform].open(policy_of(platform, currency, **more), secret, around(clock, wire))
    return Bench(shop, lambda: {key: fake.price(key) for key in prices}, clock, wire, arrive)
