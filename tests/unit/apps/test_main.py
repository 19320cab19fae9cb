"""Every failure is one line on standard error with the right exit status; help loads nothing heavy."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pricesmith.apps.cli import main
from pricesmith.contracts.errors import DataError, PolicyError, UnknownChoice, UsageError
from tests.house.source import ROOT


def status_of(error: BaseException) -> int:
    def run() -> None:
        raise error

    return main.guarded(run)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (DataError("column 'units' is missing", where="sales.csv:1", hint="add it"), 1, "sales.csv:1: column 'units' is missing (add it)"),
        (PolicyError("not valid TOML", where="shop.toml"), 1, "shop.toml: not valid TOML"),
        (UnknownChoice("product", "K02", ["K01", "K03"]), 1, "did you mean"),
        (UsageError("no such thing"), 2, "no such thing"),
        (click.UsageError("Missing option '--out'."), 2, "Missing option '--out'"),
        (MemoryError(), 1, "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device", "prices.csv"), 1, "prices.csv: no space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "prices.csv"), 1, "prices.csv: permission denied"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError: division by zero"),
        (DataError("two\nlines"), 1, "two lines"),
        (KeyboardInterrupt(), 130, "stopped"),
        (click.Abort(), 130, "stopped"),
    ],
)
def test_a_failure_is_one_line(error: BaseException, status: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(error) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith("error: ")
    assert words in told.err
    assert "Traceback" not in told.err


def test_an_unexpected_failure_names_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.guarded(lambda: [][1]) == 1
    assert f"in {__name__}:" in capsys.readouterr().err


def test_trace_shows_the_whole_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        main.guarded(lambda: 1 // 0, trace=True)


def test_exit_status_of_a_command_is_kept() -> None:
    assert status_of(click.exceptions.Exit(3)) == 3
    assert main.guarded(lambda: None) == 0


@pytest.mark.parametrize(
    "words", [("nothing",), ("price",), ("price", "x"), ("price", "x", "--as-of", "2026-02-30", "--out", "p.csv"), ("--what",)]
)
def test_wrong_usage_is_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(words)
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_table_file_of_another_kind_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["price", "x", "--out", "prices.xlsx"])
    assert ended.value.code == 2
    assert ".csv or .parquet" in capsys.readouterr().err


def test_missing_folder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["check", "no-such-folder"])
    assert ended.value.code == 1
    assert "no-such-folder" in capsys.readouterr().err


def test_help_has_an_example_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for name in main.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main.main([name, "--help"])
        assert ended.value.code == 0
        assert f"Example:  pricesmith {name}" in capsys.readouterr().out


def test_a_closed_pipe_is_no_failure() -> None:
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})"
    failing = "def run():\n    print('x' * 10)\n    raise BrokenPipeError"
    program = f"{path}\nfrom pricesmith.apps.cli import main\n{failing}\nraise SystemExit(main.guarded(run))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_words_that_a_terminal_cannot_show_are_no_failure() -> None:
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})"
    program = f"{path}\nfrom pricesmith.apps.cli import main\nmain.main(['check', '价格'])"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "there is no such folder" in done.stderr


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    return int(str(ended.value.code)), capsys.readouterr().err


def test_a_command_that_is_none_is_told_with_the_one_that_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    status, error = told(capsys, "prise", "shop")
    assert status == 2 and "there is no command 'prise'; did you mean price?" in error
    assert "did you mean" not in told(capsys, "zzzzzz")[1]


def test_a_file_in_place_of_the_folder_is_told_with_the_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("shop.toml", "data/sales.csv"):
        (tmp_path / name).write_text("", encoding="utf-8")
        for command in ("check", "serve"):
            status, error = told(capsys, command, tmp_path / name)
            assert status == 2 and f"is a file, and a shop is a folder (give the folder: {tmp_path})" in error


def test_serve_makes_no_folder_by_a_slip(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "myshop").mkdir()
    (tmp_path / "myshop" / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    status, error = told(capsys, "serve", tmp_path / "mysohp")
    assert status == 2 and f"there is no folder {tmp_path / 'mysohp'} (did you mean {tmp_path / 'myshop'}? --new makes" in error
    assert not (tmp_path / "mysohp").exists()
