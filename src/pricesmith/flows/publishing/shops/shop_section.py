"""The section [shop.NAME] inside the text of a shop.toml: written, or written anew in place of the one that is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import msgspec

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.publishing import ShopPolicy

_HEADER = re.compile(r"\s*\[+([^\]#]*)\]")


def text(name: str, settings: ShopPolicy) -> str:
    """The section as it stands in shop.toml: what differs from the defaults."""
    values: Mapping[str, object] = msgspec.to_builtins(settings)
    default: Mapping[str, object] = msgspec.to_builtins(ShopPolicy(platform=""))
    plain = {key: value for key, value in values.items() if value != default[key]}
    lines = [f"{key} = {_toml(value)}" for key, value in plain.items()]
    return "\n".join([f"[shop.{_key(name)}]", *lines]) + "\n"


def with_section(whole: str, name: str, section: str) -> str:
    """The text of a shop.toml with this section, in the place of one of its name where there is one.

    Raises PolicyError where the section that is there cannot be told from the rest, as where it is written inline.
    """
    before = tomllib.loads(whole)
    kept = whole.splitlines()
    if name in before.get("shop", {}):
        kept = _without(kept, name)
    found = "\n".join(kept).rstrip("\n") + "\n\n" + section
    wanted = {**before, "shop": {**before.get("shop", {}), **tomllib.loads(section)["shop"]}}
    if _document(found) != wanted:
        raise PolicyError(f"the section of shop {name!r} cannot be changed here", where="shop.toml", hint="edit it on the page Rules")
    return found


def without_section(whole: str, name: str) -> str:
    """The text of a shop.toml without the section of a shop.

    Raises PolicyError where that cannot be told from the rest, as where it is written inline.
    """
    before = tomllib.loads(whole)
    found = "\n".join(_without(whole.splitlines(), name)).rstrip("\n") + "\n"
    shops = {one: told for one, told in before["shop"].items() if one != name}
    rest = {part: told for part, told in before.items() if part != "shop"}
    if _document(found) not in (rest | ({"shop": shops} if shops else {}), rest | {"shop": shops}):
        raise PolicyError(f"the section of shop {name!r} cannot be changed here", where="shop.toml", hint="edit it on the page Rules")
    return found


def _document(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _without(lines: list[str], name: str) -> list[str]:
    """Without the tables of the shop; comments and blank lines before the next table belong to that one."""
    kept, waiting, ours = list[str](), list[str](), False
    for line in lines:
        header = _HEADER.match(line)
        path = _document(f"{header[1]} = 0") if header else None
        if isinstance(path, dict):
            shops = path.get("shop")
            ours = isinstance(shops, dict) and name in shops
            kept += [] if ours else waiting
            waiting = []
        if not ours:
            kept.append(line)
        else:
            waiting = [*waiting, line] if not line.strip() or line.lstrip().startswith("#") else []
    return kept + (waiting if ours else [])


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else msgspec.json.encode(name).decode()


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return msgspec.json.encode(value).decode()
