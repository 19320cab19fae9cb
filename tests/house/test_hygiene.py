"""Nothing of the machine it was written on, nothing that runs code when loaded, nothing left to do."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import asks_for_real
from tests.house.source import python_files, short, text_files, tree

MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|\blocalhost:\d+|\b\d{1,3}(?:\.\d{1,3}){3}\b")
UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
UNSAFE_NAMED = re.compile("|".join(sorted(UNSAFE)))
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


def test_no_machine_paths_or_hosts() -> None:
    found = [
        f"{short(path)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line) and path.name != "test_hygiene.py"
    ]
    assert not found, "\n".join(found)


def test_no_loader_that_runs_code() -> None:
    found = []
    files = python_files("src", "benchmarks", "examples", "tests")
    for path in (one for one in files if UNSAFE_NAMED.search(one.read_text(encoding="utf-8"))):
        for node in ast.walk(tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{short(path)}:{node.lineno}: {name}" for name in names if name.split(".")[0] in UNSAFE]
    assert not found


def test_nothing_left_to_do() -> None:
    found = [short(path) for path in text_files() if UNFINISHED.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_print_only_at_the_edge() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path in python_files("src")
        if "apps" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found


@pytest.mark.parametrize(("markers", "asked"), [("", True), ("real", True), ("real or slow", True), ("not real", False), ("slow", False)])
def test_what_is_left_out_of_the_real_tests_is_said_where_they_are_asked_for(markers: str, asked: bool) -> None:
    assert asks_for_real(markers) is asked


def test_marks_between_parts_of_a_sentence_are_words() -> None:
    """An ASCII semicolon or comma in a template would stand among Chinese text."""
    templates = [path for path in text_files() if path.suffix == ".html" and path.parent.name == "templates"]
    found = [short(path) for path in templates if re.search(r"""(['"])[;,] \1 if""", path.read_text(encoding="utf-8"))]
    assert templates and not found
