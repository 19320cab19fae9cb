"""`explain` says which soft rules gave way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pricesmith.apps.cli import main
from pricesmith.flows import example
from tests.learned import learned_once

SOFT = '[[rule]]\nkind = "price_endings"\nendings = [{ending}]\nhard = false\n'
LIMIT = '[[rule]]\nkind = "max_change"\nstep = 0.02\n'
GIVES_WAY, KEPT_TO = 99.99, 0.99


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("soft") / "shop"
    example.write(folder)
    return folder


def explained(shop: Path, ending: float, *words: str) -> None:
    path = shop / "shop.toml"
    rules = path.read_text(encoding="utf-8").partition("[[rule]]")[0] + LIMIT + SOFT.format(ending=ending)
    path.write_text(rules, encoding="utf-8")
    with learned_once(), pytest.raises(SystemExit) as ended:
        main.main(["explain", str(shop), "K001", *words])
    assert ended.value.code == 0


@pytest.mark.parametrize(("ending", "gave_way"), [(GIVES_WAY, True), (KEPT_TO, False)])
def test_a_soft_rule_says_whether_it_gave_way(shop: Path, ending: float, gave_way: bool, capsys: pytest.CaptureFixture[str]) -> None:
    explained(shop, ending, "--json")
    rules = {one["name"]: one["gave_way"] for one in json.loads(capsys.readouterr().out)["rules"]}
    assert rules == {"max_change": False, "price_endings": gave_way}


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [
        ("en", "price endings", "gave way: no price that the other rules allow keeps to it"),
        ("zh", "价格尾数", "已让步：其他规则允许的价格均不符合该规则"),
    ],
)
def test_people_are_told_so(shop: Path, language: str, name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    explained(shop, GIVES_WAY, "--locale", language)
    [row] = [line for line in capsys.readouterr().out.splitlines() if line.startswith(name)]
    assert row.removeprefix(name).split(maxsplit=2) == ["–", "–", words]
    explained(shop, KEPT_TO, "--locale", language)
    assert words not in capsys.readouterr().out
