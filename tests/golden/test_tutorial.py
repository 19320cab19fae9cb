"""The tutorial shows what the program says: its commands run in an empty folder, and what it shows is what they print, to the figure."""

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


BOOSTED = "pip install '.[boosting]'"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints, which ends well."""
    with pytest.raises(SystemExit) as ended:
        main.main(list(words))
    assert ended.value.code == 0, words
    return capsys.readouterr().out


def ran(page: str, *, slow: bool) -> list[list[str]]:
    """The commands that stand on lines of their own in a page, in their order, with what they act on; `slow` ones alone, or the others."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    lines = re.findall(r"^pricesmith ([^\n]*)", "\n".join(blocks), re.MULTILINE)
    return [words for words in (shlex.split(line, comments=True) for line in lines) if (words[0] == "backtest") is slow]


def test_every_command_of_the_tutorial_runs_in_an_empty_folder_and_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = {words[0]: said(capsys, *words) for words in ran(TEXT, slow=False)}
    assert list(told) == ["init", "check", "price", "explain"]
    found = SHOWN.search(TEXT)
    assert found is not None
    assert found[1].splitlines() == told["explain"].splitlines()
    header = (tmp_path / "prices.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [name for name in header if f"`{name}`" not in TEXT] == ["sku"]
    assert (tmp_path / "report.html").is_file()


@pytest.mark.real
def test_the_backtest_of_the_tutorial_ends_in_a_verdict_beside_four_methods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example.write(tmp_path / "myshop")
    (words,) = ran(TEXT, slow=True)
    told = said(capsys, *words)
    methods = told[told.index("\nmodel ") :].strip().split("\n\n")[0].splitlines()[1:]
    assert "beside four simple methods" in " ".join(TEXT.split())
    assert len(methods) == 4
    assert "The model" in told


def test_a_mistake_in_the_settings_shown_is_named_as_the_tutorial_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.search(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    place = re.search(r"`shop\.toml:(\d+ \$\.rule\[\d\]\.\w+)`", TEXT)
    assert shown is not None
    assert place is not None
    example.write(tmp_path / "myshop")
    (tmp_path / "myshop" / "shop.toml").write_text(shown[1].replace("step = 0.15", "step = 15"), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main.main(["check", str(tmp_path / "myshop")])
    assert ended.value.code != 0
    assert f"shop.toml:{place[1]}: " in capsys.readouterr().err


def test_readme_and_tutorial_install_alike() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert BOOSTED in readme
    assert BOOSTED in TEXT
    assert set(re.findall(r"pip install '\.\[(web[^\]]*)\]'", readme)) == set(re.findall(r"pip install '\.\[(web[^\]]*)\]'", TEXT))


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
