"""A new shop in shop.toml: its section is tried before it is written, and the prices that stand there are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pricesmith.contracts.errors import PolicyError, ShopError
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.flows.batch import read_policy
from pricesmith.rules import RULES

from .office import desk, office
from .reconcile import reconcile


@dataclass(frozen=True, slots=True)
class Connected:
    """A section that works: what was written, and the number of prices that were read."""

    section: str
    prices: int
    proven: str


def connect(folder: Path, name: str, settings: ShopPolicy) -> Connected:
    """Write [shop.NAME] into shop.toml, and read the shop's prices into the ledger. Where they cannot be read, nothing is written.

    Raises PolicyError where the name is taken, ShopError where the shop cannot be read.
    """
    path = folder / "shop.toml"
    if name in read_policy(folder).shops:
        raise PolicyError(f"there is a shop {name!r} already", where=f"{path} $.shop.{name}", hint="edit it there, or choose another name")
    before = path.read_text(encoding="utf-8")
    section = text(name, settings)
    parse_policy(before.rstrip("\n") + "\n\n" + section, RULES, where=str(path))
    path.write_text(before.rstrip("\n") + "\n\n" + section, encoding="utf-8")
    try:
        at = desk(office(folder), name)
        reconcile(at)
        prices = at.read("applied")["sku"].n_unique()
        if not prices:
            hint = "look at its address, its columns, and how its numbers are written (with a decimal point); nothing was written"
            raise ShopError("no price could be read from the shop", where=name, hint=hint)
        return Connected(section, prices, at.shop.capability.proven)
    except BaseException:
        path.write_text(before, encoding="utf-8")
        raise


def text(name: str, settings: ShopPolicy) -> str:
    """The section as it stands in shop.toml: what differs from the defaults."""
    values: Mapping[str, object] = msgspec.to_builtins(settings)
    default: Mapping[str, object] = msgspec.to_builtins(ShopPolicy(platform=""))
    plain = {key: value for key, value in values.items() if value != default[key]}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    return "\n".join([f"[shop.{_key(name)}]", *lines]) + "\n"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else msgspec.json.encode(name).decode()


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return msgspec.json.encode(value).decode()
