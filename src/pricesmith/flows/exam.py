"""The exam: simulated shops priced end to end through their files, judged by the truth that the files do not show."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from pricesmith.simulation.shop import SimulatedShop, simulate


def make_shop(kind: str, seed: int, products: int = 300, days: int = 540) -> SimulatedShop:
    """The shop of one kind and seed; kinds of one seed share nothing."""
    return simulate(kind, np.random.default_rng([seed, zlib.crc32(kind.encode())]), products, days)


def write_folder(shop: SimulatedShop, folder: Path) -> Path:
    """Write a shop folder: `shop.toml` and one Parquet file per table."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, frame in shop.tables.items():
        frame.write_parquet(data / f"{name}.parquet")
    (folder / "shop.toml").write_text(policy_text(shop), encoding="utf-8")
    return folder


def policy_text(shop: SimulatedShop) -> str:
    """The policy of a simulated shop, as a user would write it."""
    law = shop.truth.law
    rules = [f'[[rule]]\nkind = "margin_floor"\nmin_margin = {law.min_margin}', f'[[rule]]\nkind = "max_change"\nstep = {law.max_change}']
    if law.endings:
        rules.append(f'[[rule]]\nkind = "price_endings"\nendings = {list(law.endings)}')
    rules.append('[[rule]]\nkind = "price_bounds"')
    head = f'currency = "{law.currency}"\ntax = "gross"\nobjective = "profit"\nhorizon_days = {shop.horizon_days}\n'
    return head + "\n" + "\n\n".join(rules) + "\n"
