"""Commands that messages, pages and docs name are ones that the program understands: the command is there, and so are its options."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import pricesmith
from pricesmith.apps.cli.main import COMMANDS, group

SOURCE = Path(pricesmith.__file__).parent
ROOT = SOURCE.parents[1]
NAMED = re.compile(r"`pricesmith ([a-z][^`\n]*)`")
PLACES = [path for folder in (SOURCE, ROOT / "docs") for kind in ("py", "toml", "md", "html") for path in sorted(folder.rglob(f"*.{kind}"))]


def wrong(named: str) -> str:
    """What is wrong with a command as a text names it; "" where nothing is."""
    words = named.split()
    command = group.get_command(click.Context(group), words[0]) if words[0] in COMMANDS else None
    if command is None:
        return f"no command {words[0]}"
    if isinstance(command, click.Group):
        command = next((command.commands[word] for word in words if word in command.commands), command)
    known = {one for parameter in command.params for one in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h"}
    bare = [word.strip(".,;:()") for word in words if re.fullmatch(r"\(?--?[a-z][a-z-]*[.,;:)]*", word)]
    strange = [word for word in bare if word not in known]
    return f"{words[0]} has no {', '.join(strange)}" if strange else ""


def test_every_command_that_is_named_is_there() -> None:
    found = {(path, named) for path in PLACES for named in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 150
    assert sorted(f"{path.name}: `pricesmith {named}`: {fault}" for path, named in found if (fault := wrong(named))) == []


@pytest.mark.parametrize(
    ("named", "fault"),
    [
        ("connect DIR --name till --platform PLATFORM", "connect has no --name"),
        ("prise DIR", "no command prise"),
        ("price DIR --out prices.csv", ""),
        ("people DIR add NAME --as ROLE", "people has no --as"),
    ],
)
def test_a_wrong_one_is_found(named: str, fault: str) -> None:
    assert wrong(named) == fault
