"""docs/accounts.md says what ROLES says."""

from __future__ import annotations

import re
from itertools import pairwise

from pricesmith.adapters.accounts import checks, passwords
from pricesmith.contracts.accounts import ROLES, SCOPES, Who
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")


def test_the_table_of_roles_is_right() -> None:
    header, *lines = [line for line in PAGE.splitlines() if re.match(r"\| (`\w+`|scope) \|.*\|$", line)][: len(SCOPES) + 1]
    assert [cell.strip() for cell in header.strip("|").split("|")] == ["scope", "what it allows", *ROLES]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [row[0].strip("`") for row in cells] == list(SCOPES)
    for scope, row in zip(SCOPES, cells, strict=True):
        assert [bool(cell) for cell in row[2:]] == [scope in may for may in ROLES.values()], scope


def test_figures_are_right() -> None:
    hours, minutes = (lambda span: span.total_seconds() / 3600), (lambda span: span.total_seconds() / 60)
    told = [
        f"{checks.PASSWORD_LEAST} to {checks.PASSWORD_MOST:,} characters",
        f"({passwords.MEMORY_KIB // 1024} MiB, two passes)",
        f"After {checks.FAILURES} failures in {minutes(checks.FAILURES_WITHIN):g} minutes",
        f"after {hours(checks.SESSION_LONGEST):g} hours, after {hours(checks.SESSION_IDLE):g} hours without an act",
        f"for {checks.REPLIES_FOR.days} days",
        f"after {checks.CLAIM_FOR.seconds} seconds",
        f"keep {checks.KEPT_MOST} of\na kind, each of up to {checks.TEXT_MOST:,} characters",
    ]
    assert [one for one in told if one not in PAGE] == [] and passwords.PASSES == 2


def test_every_role_has_what_the_one_below_has() -> None:
    ordered = list(ROLES.values())
    assert all(less < more for less, more in pairwise(ordered))
    assert Who("anna", ROLES["viewer"], "local").may("read") and not Who("anna", frozenset(), "local").may("read")
