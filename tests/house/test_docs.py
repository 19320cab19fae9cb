"""The docs say what the program is: generated pages are current, and every command, table, rule and setting is told of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pricesmith.apps.cli.main import COMMANDS
from pricesmith.apps.docs import PAGES, write
from pricesmith.contracts.tables import EVIDENCE, INPUT
from pricesmith.rules import RULES
from tests.house.source import PACKAGE, ROOT, short

DOCS = ROOT / "docs"
CHINESE = ROOT / "README.zh.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    return [ROOT / "README.md", CHINESE, ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def read(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_current(name: str) -> None:
    same = (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
    assert same, f"docs/{name} is not what the definitions say: run `make docs`"


def test_write_writes_them_all(tmp_path: Path) -> None:
    assert sorted(file.name for file in write(tmp_path)) == sorted(PAGES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told_of(command: str) -> None:
    assert f"pricesmith {command}" in read(*pages())


def test_every_table_rule_and_grade_is_told_of() -> None:
    text = read(*(page for page in pages() if page.name not in PAGES))
    dictionary = read(DOCS / "data_dictionary.md")
    assert [name for name in INPUT if f"### {name}\n" not in dictionary] == []
    assert [name for name in RULES if f"## {name}\n" not in read(DOCS / "rules.md")] == [], "run `make docs`"
    assert [grade for grade in EVIDENCE if f"`{grade}`" not in text] == []


def test_every_room_is_on_the_map() -> None:
    text = read(DOCS / "architecture.md")
    rooms = [path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    assert [room for room in rooms if f"{room}/" not in text] == []


def test_links_lead_somewhere() -> None:
    broken = [
        f"{short(page)}: {target}"
        for page in pages()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_the_chinese_readme_has_the_same_commands() -> None:
    """In its blocks and its steps, whatever stands behind as a remark."""
    commands = [
        re.findall(r"^(?:make|pricesmith|pip|python3) [^#\n]*[^#\s]", read(page), re.MULTILINE) for page in (ROOT / "README.md", CHINESE)
    ]
    steps = [set(re.findall(r"`(pricesmith (?:init|check|price|explain)[^`]*)`", read(page))) for page in (ROOT / "README.md", CHINESE)]
    assert set(commands[1]) - {"pricesmith serve myshop --new"} == set(commands[0]) and len(commands[0]) > 9
    assert {step.replace(" --locale zh", "") for step in steps[1]} <= steps[0] and len(steps[1]) == 4


def test_every_page_is_linked() -> None:
    """From README, the decisions or another page."""
    linked = {(page.parent / target).resolve() for page in pages() for target in LINK.findall(page.read_text(encoding="utf-8"))}
    lost = [short(page) for page in sorted(DOCS.rglob("*.md")) if page.resolve() not in linked]
    assert not lost, "\n".join(lost)


def test_every_target_of_make_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "test-real", "bench", "docs"):
        assert re.search(rf"^# make {target}\s", makefile, re.MULTILINE)
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_test_that_security_names_is_there() -> None:
    named = re.findall(r"`(tests/[^`]+)`", (DOCS / "security.md").read_text(encoding="utf-8"))
    assert len(named) > 20 and [path for path in named if not (ROOT / path).is_file()] == []
