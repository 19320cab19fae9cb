"""One setting changed in the text of a shop.toml, and nothing else."""

from __future__ import annotations

import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.flows.desk.rules.policy_file import checked
from pricesmith.flows.desk.rules.setting_text import with_setting

TOP = 'currency = "EUR"  # of all prices\n'
RULE = '\n# never below cost\n[[rule]]\nkind = "margin_floor"\nmin_margin = 0.05\n'
SAID = "stale_after_days = 30  # look at these\n"


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        (TOP + RULE, 7, TOP + "\n[data]\nstale_after_days = 7\n" + RULE),
        (TOP + RULE, None, TOP + RULE),
        (TOP + "\n[data]\n" + SAID + RULE, 7, TOP + "\n[data]\n" + SAID.replace("30", "7") + RULE),
        (TOP + "\n[data]\n" + SAID + RULE, None, TOP + "\n[data]\n# " + SAID + RULE),
        (TOP + "\n[data]\n# " + SAID + RULE, 30, TOP + "\n[data]\n" + SAID + RULE),
        (TOP + "\n[data]\n# " + SAID + RULE, None, TOP + "\n[data]\n# " + SAID + RULE),
        (TOP + "\n[data]\n# stale_after_days = 9\n" + SAID, 8, TOP + "\n[data]\n# stale_after_days = 9\n" + SAID.replace("30", "8")),
        (
            TOP + "[data]\ncost_assumed = true\n# more\n" + RULE,
            7,
            TOP + "[data]\ncost_assumed = true\nstale_after_days = 7\n# more\n" + RULE,
        ),
        (TOP + "[data]\n" + RULE, 7, TOP + "[data]\nstale_after_days = 7\n" + RULE),
    ],
)
def test_the_rest_of_the_text_stays(before: str, days: int | None, after: str) -> None:
    found = with_setting(before, "data", "stale_after_days", days)
    assert found == after
    assert checked(found).data.stale_after_days == days


@pytest.mark.parametrize("text", [TOP + "data.cost_assumed = true\n", TOP + "data = { cost_assumed = true }\n"])
def test_a_section_that_is_no_table_is_left_to_people(text: str) -> None:
    with pytest.raises(PolicyError):
        with_setting(text, "data", "stale_after_days", 7)


def test_a_value_that_cannot_be_is_refused_with_its_place() -> None:
    with pytest.raises(PolicyError) as refused:
        with_setting(TOP, "data", "stale_after_days", 0)
    assert "stale_after_days" in refused.value.where
