"""Who signs people in, as the settings name it."""

from __future__ import annotations

import sys

import pytest

from pricesmith.contracts.errors import PolicyError, ProviderError, ShopError, UsageError
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.signing_in import role_among
from pricesmith.flows import wiring

PLAIN = 'currency = "EUR"\n'
NAMED = PLAIN + '[desk.oidc]\nissuer = "https://login.example"\nclient_id = "desk"\nroles = { heads = "approver" }\n'


def test_nobody_where_the_settings_name_nobody() -> None:
    assert wiring.provider_of(parse_policy(PLAIN, {})) is None


def test_its_secret_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = parse_policy(NAMED, {})
    monkeypatch.setattr(wiring, "_kept", lambda _variable: None)
    monkeypatch.delenv("PRICESMITH_SECRET_OIDC", raising=False)
    with pytest.raises(ShopError, match="PRICESMITH_SECRET_OIDC"):
        wiring.provider_of(policy)
    monkeypatch.setenv("PRICESMITH_SECRET_OIDC", "canary")
    found = wiring.provider_of(policy)
    assert found is not None
    assert found.policy.issuer == "https://login.example"


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICESMITH_SECRET_OIDC", "canary")
    monkeypatch.delitem(sys.modules, "pricesmith.adapters.oidc.provider", raising=False)
    monkeypatch.setitem(sys.modules, "authlib.integrations.httpx_client", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[oidc\]'"):
        wiring.provider_of(parse_policy(NAMED, {}))


WRONG = [("approver", "owner"), ('roles = { heads = "approver" }\n', ""), ('{ heads = "approver" }', "{}"), ("https", "http")]


@pytest.mark.parametrize("change", WRONG)
def test_a_section_that_cannot_be_is_refused(change: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICESMITH_SECRET_OIDC", "canary")
    with pytest.raises((PolicyError, ProviderError), match=r"roles|not safe"):
        wiring.provider_of(parse_policy(NAMED.replace(*change), {}))


def test_the_strongest_role_counts() -> None:
    roles = {"a": "viewer", "b": "admin", "c": "analyst"}
    assert role_among(roles, ["a", "b", "c"]) == "admin"  # type: ignore[arg-type]
    assert role_among(roles, ["c", "x", "a"]) == "analyst"  # type: ignore[arg-type]
    assert role_among(roles, ["A", ""]) is None  # type: ignore[arg-type]
