"""Registry: members of a folder, and those of other packages."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from pricesmith.contracts import registry as module
from pricesmith.contracts.errors import PricesmithError, UnknownChoice
from pricesmith.contracts.registry import Registry


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    folder = tmp_path / "made_shelf"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "pear.py").write_text("MEMBER = 'a pear'\n")
    (folder / "apple.py").write_text("MEMBER = 'an apple'\n")
    (folder / "helper.py").write_text("OTHER = 1\n")
    (folder / "_private.py").write_text("MEMBER = 'hidden'\n")
    (tmp_path / "made_plugin.py").write_text("PLUM = 'a plum'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Registry("made_shelf", "MEMBER", "fruit")
    for name in [name for name in sys.modules if name.startswith(("made_shelf", "made_plugin"))]:
        del sys.modules[name]


def offer(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    entries = EntryPoints(EntryPoint(name, value, "made_shelf") for name, value in points)
    monkeypatch.setattr(module, "entry_points", lambda group: entries.select(group=group))


def test_members_are_sorted_modules_that_name_one(shelf: Registry[object]) -> None:
    assert list(shelf) == ["apple", "pear"] and len(shelf) == 2
    assert shelf["pear"] == "a pear" and shelf.pick("apple") == "an apple" and "helper" not in shelf


def test_discovery_is_late_and_once(shelf: Registry[object]) -> None:
    assert shelf._members is None
    assert shelf.members is shelf.members


def test_unknown_names_list_the_choices(shelf: Registry[object]) -> None:
    with pytest.raises(UnknownChoice, match=r"^\$\.x: unknown fruit 'peer' \(did you mean pear\? valid: apple, pear\)$"):
        shelf.pick("peer", where="$.x")
    with pytest.raises(KeyError):
        shelf["peer"]


def test_other_packages_enter_by_entry_point(shelf: Registry[object], monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("plum", "made_plugin:PLUM"))
    assert dict(shelf) == {"apple": "an apple", "pear": "a pear", "plum": "a plum"}


@pytest.mark.parametrize("points", [[("pear", "made_plugin:PLUM")], [("plum", "made_plugin:PLUM"), ("plum", "other:PLUM")]])
def test_a_name_is_taken_once(shelf: Registry[object], monkeypatch: pytest.MonkeyPatch, points: list[tuple[str, str]]) -> None:
    offer(monkeypatch, *points)
    with pytest.raises(PricesmithError, match="two fruits are named"):
        _ = shelf.members


def test_a_broken_package_is_named(shelf: Registry[object], monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("kiwi", "no_such_package:KIWI"))
    with pytest.raises(PricesmithError, match=r"no_such_package:KIWI: fruit 'kiwi' of another package cannot be loaded"):
        _ = shelf.members
