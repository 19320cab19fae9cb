"""Help texts, the summary and the price list of a run, letter by letter."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest

from pricesmith.apps.cli.main import COMMANDS, group
from pricesmith.apps.cli.pricelist import as_text, price_list
from pricesmith.apps.cli.reference import found
from pricesmith.apps.report.summary import summary
from pricesmith.contracts.policy import LANGUAGES
from tests.unit.apps.made_content import content, decisions

Golden = Callable[[str, str], None]


WIDE = {"terminal_width": 100, "max_content_width": 100, "help_option_names": ["-h", "--help"]}


@pytest.mark.parametrize("name", ["pricesmith", *COMMANDS])
def test_help(name: str, golden: Golden) -> None:
    root = click.Context(group, info_name="pricesmith", **WIDE)
    command = group if name == "pricesmith" else found(name, root)
    context = root if name == "pricesmith" else click.Context(command, info_name=name, parent=root, **WIDE)
    golden(f"help/{name}.txt", command.get_help(context) + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_summary(language: str, golden: Golden) -> None:
    golden(f"summary_{language}.txt", summary(content(language)) + "\n")


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_price_list(currency: str, golden: Golden) -> None:
    golden(f"prices_{currency}.csv", as_text(price_list(decisions(), currency), currency).write_csv())
