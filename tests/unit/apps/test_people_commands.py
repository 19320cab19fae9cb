"""`pricesmith people` and `pricesmith keys`: what they do, print and refuse, and that no password comes from an option or goes anywhere."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click
import pytest

from pricesmith.apps.cli import main
from pricesmith.flows import wiring
from pricesmith.flows.batch import read_policy
from tests.unit.apps.test_publish_commands import Desk

PASSWORD = "canary-4kd7-battery"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "shop.toml").write_text('currency = "EUR"\n')
    monkeypatch.setenv(wiring.PASSWORD_VARIABLE, PASSWORD)
    return Desk(tmp_path, capsys)


def signs_in(desk: Desk, name: str, password: str = PASSWORD) -> bool:
    return wiring.accounts_of(desk.folder, read_policy(desk.folder)).people.check(name, password, wiring.clock()) is not None


def acts(desk: Desk) -> list[str]:
    return [f"{row['by']} {row['act']} {row['subject']}" for row in desk("audit", "--json").json]


def test_people(desk: Desk) -> None:
    assert "nobody yet" in desk("people").out and desk("people", "--json").json == []
    assert desk("people", "add", "Anna", "--role", "admin").out == "added: Anna as admin\n"
    assert desk("people", "add", "ben", "--role", "viewer", "--by", "Anna").status == 0
    assert signs_in(desk, "anna")
    assert "sessions of ben have ended" in desk("people", "change", "ben", "--role", "approver", "--inactive").out
    first, second = desk("people", "--json").json
    assert (first["name"], first["role"], first["active"]) == ("Anna", "admin", True) and first["seen_at"] is not None
    assert second == {"name": "ben", "role": "approver", "active": False, "made_at": second["made_at"], "seen_at": None}
    header, *lines = desk("people").out.splitlines()
    assert header.split() == ["name", "role", "state", "added", "last", "seen"]
    assert [line.split()[:3] for line in lines] == [["Anna", "admin", "active"], ["ben", "approver", "inactive"]]
    assert lines[1].endswith("never")
    assert acts(desk) == [
        "operator asked_person Anna as admin",
        "operator added_person Anna as admin",
        "Anna asked_person ben as viewer",
        "Anna added_person ben as viewer",
        "operator asked_change ben: role approver, inactive",
        "operator changed_person ben: role approver, inactive",
    ]


def test_a_new_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("people", "add", "anna", "--role", "admin")
    monkeypatch.setenv(wiring.PASSWORD_VARIABLE, "another horse battery")
    assert desk("people", "change", "anna", "--password").status == 0
    assert signs_in(desk, "anna", "another horse battery") and not signs_in(desk, "anna")
    assert acts(desk)[-1] == "operator changed_person anna: new password"


def test_a_password_is_typed_twice_and_not_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv(wiring.PASSWORD_VARIABLE)
    monkeypatch.setattr(sys, "stdin", Terminal())
    typed = [PASSWORD, "not the same", PASSWORD, PASSWORD]
    asked: list[str] = []

    def hidden(prompt: str) -> str:
        asked.append(prompt)
        return typed[len(asked) - 1]

    monkeypatch.setattr(click.termui, "hidden_prompt_func", hidden)
    told = desk("people", "add", "anna", "--role", "admin")
    assert told.status == 0 and told.out == "added: anna as admin\n" and len(asked) == 4
    assert signs_in(desk, "anna") and PASSWORD not in desk.words


def test_what_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk("people", "add", "anna", "--role", "admin")
    assert "viewer" in desk("people", "add", "ben", "--role", "owner").error
    assert "already" in desk("people", "add", "ANNA", "--role", "admin").error
    assert "anna" in desk("people", "change", "ana", "--active").error
    assert "nothing is to change" in desk("people", "change", "anna").error
    assert "nobody would be left" in desk("people", "change", "anna", "--role", "viewer").error
    assert desk("people", "change", "anna", "--password", "x").status == 2, "a password is never the value of an option"
    assert "No such command 'remove'" in desk("people", "remove").error
    assert "--role" in desk("people", "add", "ben").error
    monkeypatch.setenv(wiring.PASSWORD_VARIABLE, "short")
    assert "12 to 1024" in desk("people", "add", "ben", "--role", "viewer").error
    monkeypatch.delenv(wiring.PASSWORD_VARIABLE)
    assert wiring.PASSWORD_VARIABLE in desk("people", "add", "ben", "--role", "viewer").error
    assert [person["name"] for person in desk("people", "--json").json] == ["anna"]


def test_keys(desk: Desk) -> None:
    desk("people", "add", "anna", "--role", "analyst")
    assert "none yet" in desk("keys").out and desk("keys", "--json").json == []
    made = desk("keys", "make", "--owner", "anna", "--label", "till", "--scope", "quote", "--scope", "read", "--days", 9)
    key = made.out.strip()
    _, handle, secret = key.split("_", 2)
    assert made.out.count("\n") == 1 and handle in made.err and secret not in made.err
    accounts = wiring.accounts_of(desk.folder, read_policy(desk.folder))
    who = accounts.keys.of(key, wiring.clock())
    assert who is not None and (who.name, who.scopes) == ("anna", {"read", "quote"})
    (listed,) = desk("keys", "--json").json
    assert listed["handle"] == handle and listed["scopes"] == ["read", "quote"] and listed["revoked"] is False
    assert "until 20" in desk("keys").out
    desk("keys", "make", "--owner", "anna", "--label", "report", "--scope", "read", "--by", "anna")
    assert "no end" in desk("keys").out
    assert desk("keys", "revoke", key).out == f"revoked: {handle}\n"
    assert accounts.keys.of(key, wiring.clock()) is None and "revoked" in desk("keys").out
    assert "made_key" in " ".join(acts(desk)) and acts(desk)[-1] == f"operator revoked_key {handle}"
    assert "--label" in desk("keys", "make", "--owner", "anna", "--scope", "read").error
    assert "analyst" in desk("keys", "make", "--owner", "anna", "--label", "x", "--scope", "publish").error
    assert "valid: " in desk("keys", "make", "--owner", "anna", "--label", "x", "--scope", "reed").error
    assert "3650" in desk("keys", "make", "--owner", "anna", "--label", "x", "--scope", "read", "--days", 0).error
    told = desk("keys", "revoke", key)
    assert "still works" in told.error and secret not in told.err
    files = b"".join(path.read_bytes() for path in desk.folder.iterdir())
    assert secret.encode() not in files and PASSWORD.encode() not in files and PASSWORD not in desk.words


def test_help_of_an_act_needs_no_shop(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["people", "--help"], ["people", "x", "add", "--help"], ["keys", "x", "make", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main.main(words)
        assert ended.value.code == 0 and "Usage: pricesmith" in capsys.readouterr().out
