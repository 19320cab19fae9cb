"""The example shop explains every setting and every rule, is sound, and can be priced as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import DataPolicy, ModelPolicy, Policy, RiskPolicy, parse_policy
from pricesmith.flows import batch, example, example_policy
from pricesmith.rules import RULES


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "shop"
    example.write(folder)
    return folder


def test_it_loads_clean(shop: Path) -> None:
    prepared = batch.load(shop).prepared
    assert not prepared.blocked
    assert prepared.quarantine.is_empty()
    assert [entry for entry in prepared.warnings if entry["level"] != "info"] == []


def test_every_setting_is_shown() -> None:
    text = example_policy.text(RULES)
    settings = [name for kind in (Policy, DataPolicy, ModelPolicy, RiskPolicy) for name in kind.__struct_fields__]
    sections = ("model", "data", "risk", "approval", "guards", "publish", "holdout", "shop", "webhook", "desk", "fees")
    shown = [name for name in settings if name not in (*sections, "rules", "shops", "webhooks")]
    assert [name for name in shown if not re.search(rf"^(# )?{name} = ", text, re.MULTILINE)] == []
    assert [name for name in sections if not re.search(rf"^(# )?\[?\[{name}[.\]]", text, re.MULTILINE)] == []


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_kind_is_shown_with_its_meaning(kind: str) -> None:
    text = example_policy.text(RULES)
    assert f'kind = "{kind}"' in text
    assert f"# {(RULES[kind].__doc__ or '').splitlines()[0]}" in text


def test_the_shown_values_are_the_defaults() -> None:
    policy = parse_policy(example_policy.text({}), RULES)
    bare = Policy(currency="EUR")
    as_the_rule = msgspec.structs.replace(bare.guards, max_step=0.15)
    assert policy == msgspec.structs.replace(bare, name=policy.name, guards=as_the_rule)


def test_switched_off_examples_can_be_switched_on() -> None:
    blocks = re.findall(r"^((?:# )?\[\[rule\]\]\n(?:.+\n)+)", example_policy.text(RULES), re.MULTILINE)
    lines = [re.sub(r"^# ", "", block, flags=re.MULTILINE) for block in blocks]
    policy = parse_policy('currency = "EUR"\n' + "\n".join(lines), RULES)
    assert {rule.kind for rule in policy.rules} == set(RULES)


def test_two_runs_write_the_same_files(tmp_path: Path, shop: Path) -> None:
    for file in example.write(tmp_path / "again"):
        assert file.read_bytes() == (shop / file.relative_to(tmp_path / "again")).read_bytes()


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="not empty"):
        example.write(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["note.txt"]


def test_no_line_is_marked_twice() -> None:
    assert not [line for line in example_policy.text(RULES).splitlines() if line.startswith("# #")]
