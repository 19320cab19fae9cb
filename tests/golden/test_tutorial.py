"""The tutorial shows what the program says: its commands run, and its example output has the lines of today's output."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from pricesmith.apps.cli import main
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import example
from tests.house.source import ROOT

TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"<!-- explain:begin -->\n```\n(.*?)```\n<!-- explain:end -->", re.DOTALL)


def labels(text: str) -> list[str]:
    """The words of each line before the curve, without figures and signs; what a figure decides (move, reason, evidence) is left out."""
    lines = text[: text.index("units a day")].splitlines()
    plain = [" ".join(re.findall(r"[^\W\d_]+", line)) for line in lines]
    return [line for line in plain if line and not re.match(r"(change|keep|hold|pooled|adjusted|prior|instrument) ", line)]


def test_the_story_of_a_price_has_the_lines_of_the_tutorial(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = SHOWN.search(TEXT)
    assert found is not None
    example.write(tmp_path / "myshop")
    with pytest.raises(SystemExit) as ended:
        main.main(["explain", str(tmp_path / "myshop"), "K001"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert labels(found[1]) == labels(told)


def commands_shown(text: str) -> list[list[str]]:
    """Words after `pricesmith` of every command in a code block or between backticks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [shlex.split(line, comments=True) for line in re.findall(r"pricesmith ([a-z]+(?: [^\n]*)?)", "\n".join([*blocks, *inline]))]


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "docs/how_it_works.md"])
def test_every_command_that_is_shown_exists_with_its_options(page: str) -> None:
    root = click.Context(main.group, help_option_names=["-h", "--help"])
    for name, *rest in commands_shown((ROOT / page).read_text(encoding="utf-8")):
        command = main.group.get_command(root, name)
        assert command is not None, name
        options = {option for parameter in command.params for option in parameter.opts}
        assert [word for word in rest if word.startswith("--") and word not in options] == [], name


def test_the_pages_show_commands() -> None:
    assert {words[0] for words in commands_shown(TEXT)} >= {"init", "check", "price", "explain", "backtest"}


def test_the_shown_tables_are_real() -> None:
    for header in re.findall(r"```\n([a-z_]+(?:,[a-z_]+)+)\n", TEXT):
        assert any(set(header.split(",")) <= set(table.by_name) for table in INPUT.values()), header
    for name, columns in re.findall(r"`(\w+)\.csv` with `([a-z_,]+)`", TEXT):
        assert set(columns.split(",")) <= set(INPUT[name].by_name)
