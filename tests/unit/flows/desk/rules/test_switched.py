"""A rule that a form switches on and off: the rest of the text stays, and so do the fields that nobody asked about."""

from __future__ import annotations

import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.flows.desk.guide.start import starter
from pricesmith.flows.desk.rules.policy_file import checked
from pricesmith.flows.desk.rules.switched import with_rule
from pricesmith.rules.min_change import MinChange
from pricesmith.rules.same_price import SamePrice

BARE = 'currency = "EUR"\n\n[[rule]]\nkind = "max_change"\nstep = 0.1\n'


def test_an_example_that_stands_as_a_comment_becomes_the_rule_and_a_comment_again() -> None:
    text = starter("shop")
    on = with_rule(text, SamePrice, {"by": "family"})
    assert [rule.kind for rule in checked(on).rules][-1] == "same_price" and len(on.splitlines()) == len(text.splitlines())
    assert with_rule(on, SamePrice, {"by": "family"}) == on and with_rule(on, SamePrice, None) == text
    assert with_rule(text, SamePrice, None) == text


def test_a_rule_that_is_nowhere_is_added_and_other_fields_stay() -> None:
    added = with_rule(BARE, MinChange, {"step": 0.02})
    assert added == BARE + '\n[[rule]]\nkind = "min_change"\nstep = 0.02\n'
    own = added + 'where = { brand = "A*" }\nhard = false\n\n# a word\n'
    again = with_rule(own, MinChange, {"step": 0.03})
    assert again == own.replace("0.02", "0.03")
    off = with_rule(again, MinChange, None)
    assert off == again.replace(
        '[[rule]]\nkind = "min_change"\nstep = 0.03\nwhere', '# [[rule]]\n# kind = "min_change"\n# step = 0.03\n# where'
    ).replace("\nhard", "\n# hard")
    assert [rule.kind for rule in checked(off).rules] == ["max_change"]


def test_rules_in_one_line_are_left_to_people() -> None:
    inline = 'currency = "EUR"\nrule = [{ kind = "min_change", step = 0.02 }]\n'
    assert with_rule(inline, SamePrice, None) == inline
    for values in ({"step": 0.05}, None):
        with pytest.raises(PolicyError, match="written in one line"):
            with_rule(inline, MinChange, values)
