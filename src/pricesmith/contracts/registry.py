"""One way to find members of a kind: a module in the kind's folder, or an entry point of another package.

A folder such as `rules/` holds one member a file; each file names its member in one module attribute (`RULE = MarginFloor`).
Other packages register under the entry-point group of the same name as the folder (`pricesmith.rules`); a name can be taken once.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from .errors import PricesmithError, UnknownChoice

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Members of one kind by name, discovered at first use.

    package    folder whose modules are members, e.g. "pricesmith.rules"; also the entry-point group
    attribute  module attribute that holds the member
    label      word for error messages, e.g. "rule"
    """

    def __init__(self, package: str, attribute: str, label: str) -> None:
        self.package, self.attribute, self.label = package, attribute, label
        self._members: dict[str, T] | None = None

    @property
    def members(self) -> dict[str, T]:
        if self._members is None:
            members = self._own()
            for point in entry_points(group=self.package):
                if point.name in members:
                    raise PricesmithError(f"two {self.label}s are named {point.name!r}", where=point.value, hint="one needs another name")
                members[point.name] = self._load(point)
            self._members = dict(sorted(members.items()))
        return self._members

    def _own(self) -> dict[str, T]:
        folder = importlib.import_module(self.package)
        found: dict[str, T] = {}
        for module in pkgutil.iter_modules(folder.__path__):
            if not module.name.startswith("_"):
                member = getattr(importlib.import_module(f"{self.package}.{module.name}"), self.attribute, None)
                if member is not None:
                    found[module.name] = member
        return found

    def _load(self, point: EntryPoint) -> T:
        try:
            member: T = point.load()
        except Exception as error:
            what = f"{self.label} {point.name!r} of another package cannot be loaded: {error}"
            raise PricesmithError(what, where=point.value, hint="update or remove that package") from error
        return member

    def pick(self, name: str, *, where: str = "") -> T:
        """The member of that name; an unknown name lists the valid choices."""
        if name not in self.members:
            raise UnknownChoice(self.label, name, self.members, where=where)
        return self.members[name]

    def __getitem__(self, name: str) -> T:
        return self.members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)
