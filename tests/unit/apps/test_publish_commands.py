"""The commands after the price list, on a file feed and on a webhook over real HTTP: what they do, what they print, what they refuse."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pricesmith.apps.cli import main
from pricesmith.apps.cli.publish import told as published
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.shop import Key
from pricesmith.flows import example, wiring
from pricesmith.flows.desk.approval import accepted
from pricesmith.flows.publishing.sending import patience, publication, send
from pricesmith.flows.publishing.sending.send import Sent
from tests.shops.fakes.receiver import Receiver
from tests.unit.apps.local_shop import FAULTS, LocalShop, local_shop

KEPT = ("G012", "G013", "K000", "K001")
SECRET = "canary-3Zq9-secret-of-the-shop"
SETTINGS = """currency = "EUR"
[model]
draws = 16
[approval]
two_people_move = 0.0789
[guards]
canary_minutes = 0
dwell_minutes = 0.001
index_hour = 0.5
index_day = 0.5
[[rule]]
kind = "max_change"
step = 0.08
"""
ASKED = ("--asked-by", "anna", "--by", "ben", "--why", "end of line")
OTHERS = ("vendure", "medusa", "woocommerce", "shopify", "adobe_commerce", "bigcommerce")
"""Platforms that tables can be pulled from with a plain secret."""


@dataclass
class Told:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.out + self.err
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line of a refusal."""
        assert self.status in (1, 2), self.out + self.err
        lines = [line for line in self.err.splitlines() if not line.endswith("...")]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: ")
        assert "Traceback" not in self.out + self.err
        assert "unexpected" not in lines[0]
        return lines[0]


class Desk:
    """A shop folder and its commands."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.words = ""

    def __call__(self, command: str, *words: object) -> Told:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.main([command, str(self.folder), *map(str, words)])
        told = self.capsys.readouterr()
        self.words += told.out + told.err
        assert isinstance(ended.value.code, int)
        return Told(ended.value.code, told.out, told.err)

    @property
    def run(self) -> str:
        return str(self("runs", "--json").json[0]["run"])

    def feed(self) -> dict[str, int]:
        """Prices of the file feed, in cents."""
        rows = csv.DictReader((self.folder / "feed.csv").open(encoding="utf-8", newline=""))
        return {row["sku"]: round(100 * float(row["price"])) for row in rows}

    def changes(self) -> dict[str, int]:
        return {row["sku"]: row["price"] for row in self("runs", self.run, "--json").json}

    def agree(self) -> None:
        """Everything that must be said before prices leave."""
        for name in ("anna", "ben"):
            assert self("approve", self.run, "--by", name).status == 0
        assert self("attest", "--asked-by", "anna", "--by", "ben").status == 0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop with a feed of its prices, connected, and one recorded run."""
    folder = tmp_path_factory.mktemp("publishing") / "shop"
    for file in example.write(folder):
        if file.suffix == ".csv" and "sku" in (header := file.read_text(encoding="utf-8").splitlines()[0].split(",")):
            rows = list(csv.reader(file.open(encoding="utf-8", newline="")))
            with file.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([rows[0], *(row for row in rows[1:] if row[header.index("sku")] in KEPT)])
    (folder / "shop.toml").write_text(SETTINGS, encoding="utf-8")
    out = folder.parent / "prices.csv"
    _run("price", folder, "--out", out, "--no-record")
    listed = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    (folder / "feed.csv").write_text(
        "sku,price,note\n" + "".join(f"{row['sku']},{row['current_price']},x\n" for row in listed), encoding="utf-8"
    )
    _run("connect", folder, "feed", "--platform", "csv_feed", "--url", "feed.csv")
    _run("price", folder, "--out", out)
    return folder


def _run(*words: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main([str(word) for word in words])
    assert ended.value.code == 0


@pytest.fixture
def desk(template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("PRICESMITH_LEDGER", raising=False)
    monkeypatch.setattr(wiring, "_kept", lambda _name: None)
    return Desk(Path(shutil.copytree(template, tmp_path / "shop")), capsys)


@pytest.fixture
def web(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalShop]:
    """The same shop behind a webhook, named `own`; its secret is known, its section is not written yet."""
    monkeypatch.setenv("PRICESMITH_SECRET_OWN", SECRET)
    with local_shop() as shop:
        receiver = Receiver({Key(sku, "", ""): price for sku, price in desk.feed().items()}, "EUR", SECRET, wiring.clock)
        shop.answer = receiver.answer
        yield shop


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('sku,price\nK001,"19,99"\n', ("decimal comma, such as 19,99", 'decimal = "comma"')),
        ("Código;Preço\nK001;19,99\n", ("no column 'sku'; found: Código, Preço; needed: 'sku' (the product key)", "--option sku=HEADER")),
        ("sku,price\nK001,ask\n", ("none of its 1 prices could be read; the first, of K001, says 'ask'", "name the column")),
        ("sku,price\n", ("no price could be read from the shop", "decimal point")),
    ],
)
def test_a_shop_of_which_no_price_can_be_read_is_not_connected(text: str, words: tuple[str, ...], desk: Desk) -> None:
    before = (desk.folder / "shop.toml").read_bytes()
    (desk.folder / "comma.csv").write_text(text, encoding="utf-8")
    done = desk("connect", "web", "--platform", "csv_feed", "--url", "comma.csv")
    assert done.status == 1 and all(word in done.err for word in words)
    assert (desk.folder / "shop.toml").read_bytes() == before


def test_connecting_says_which_products_are_known_there(desk: Desk) -> None:
    (desk.folder / "other.csv").write_text("Artikel;Preis\nK001;1.299,90\nK000;ask\nX9;2,00\n", encoding="utf-8")
    more = ("--option", "sku=Artikel", "--option", "price=Preis", "--option", "decimal=comma")
    done = desk("connect", "web", "--platform", "csv_feed", "--url", "other.csv", *more)
    assert done.status == 0 and "2 prices were read: 1 of the 4 products of this shop were found, 3 are unknown there" in done.out
    assert re.search(r"2 do not stand there under this key, such as G012; G013", done.out)
    assert re.search(r"1 stand there with a price that cannot be read, such as K000: ask", done.out)
    assert "1 prices there are of no product here, such as X9" in done.out and "pricesmith pull" not in done.out


def connected(desk: Desk, web: LocalShop) -> None:
    assert desk("connect", "own", "--platform", "webhook", "--url", web.url).status == 0


def test_a_feed_from_the_run_to_its_undoing(desk: Desk) -> None:
    run, old, new = desk.run, desk.feed(), desk.changes()
    assert 0 < len(new) <= len(old)
    assert "need somebody" in desk("approve", run, "--by", "anna").out
    assert desk("attest", "--asked-by", "anna", "--by", "ben").out.endswith("may publish\n")
    assert desk("attest", "--asked-by", "anna", "--by", "ben").out.endswith("may publish already\n")
    desk("approve", run, "--by", "ben")
    dry = desk("publish", run, "--to", "feed").out
    assert "dry run: nothing is sent" in dry
    assert "the same command with --live sends them" in dry
    assert desk.feed() == old
    assert desk("publish", run, "--to", "feed", "--live").out == f"{len(new)} applied\n"
    assert desk.feed() == old | new
    assert desk("publish", run, "--to", "feed", "--live").out == "nothing was due\n"
    assert f"{len(new)} stand in the shop already" in desk("publish", run, "--to", "feed").out
    assert desk("watch", "--to", "feed").out == "every price in the shop is as the ledger knows it\n"
    assert "applied" in desk("runs", run).out and "\nsingle effect: on the profit a day" in desk("runs", run).out
    assert "published" in desk("runs").out
    assert f"dry run: {len(new)} prices would be restored" in desk("undo", run).out
    assert desk("undo", run, "--live", "--by", "anna").out == f"feed: {len(new)} applied\n"
    assert desk.feed() == old
    assert "nothing to restore" in desk("undo", run).out
    assert "as they were written" in desk("audit", "--verify", "--checkpoint").out
    assert "recorded_run" in desk("audit").out


@pytest.mark.real  # long
def test_pricing_under_the_rules_of_before_makes_the_run_of_then_the_newest(desk: Desk) -> None:
    settings, first = desk.folder / "shop.toml", desk.run
    before = settings.read_text(encoding="utf-8")
    out = ("--out", desk.folder.parent / "again.csv", "--by", "eve")
    assert "note:" not in desk("approve", first, "--by", "anna").err
    settings.write_text(before.replace("step = 0.08", "step = 0.03"), encoding="utf-8")
    assert desk("price", *out).status == 0
    between = desk.run
    told = desk("approve", first, "--by", "anna").err
    assert f"otherwise than when {first} was made" in told and f"note: {between} is newer than {first}" in told
    desk("approve", first, "--by", "anna", "--withdraw")
    desk("approve", first, "--by", "anna")
    settings.write_text(before, encoding="utf-8")
    for _ in range(2):
        assert f"run: {first}" in desk("price", *out).out
        assert [row["run"] for row in desk("runs", "--json").json] == [first, between]
    assert [row["state"] for row in desk("runs", "--json").json] == ["open", "open"]
    assert [line.split()[0] for line in desk("runs").out.splitlines()[1:3]] == [first, between], "the newest first, as on the desk"
    assert {row["agreed"] for row in desk("runs", first, "--json").json} == {0}
    acts = desk("audit", "--json").json
    assert [(row["by"], row["subject"]) for row in acts if row["act"] == "made_again"] == [("eve", first)]


@pytest.mark.real  # long
def test_every_command_speaks_json(desk: Desk) -> None:
    run, old, new = desk.run, desk.feed(), desk.changes()
    assert desk("approve", run, "--by", "anna", "--json").json["changes"] == len(new)
    assert desk("approve", run, "--by", "ben", "--json").json["still_needed"] == 0
    sku = min(new)
    rejected = desk("reject", run, "--by", "carl", "--why", "the flyer is printed", "--sku", sku, "--json").json
    judged = {"broken": [], "working": False, "failed": None, "left": []}
    assert rejected == {"run": run, "answer": "reject", "by": "carl", "changes": 1, "left_out": 0, "still_needed": 0, "judged": judged}
    desk("attest", "--asked-by", "anna", "--by", "ben")
    dry = desk("publish", run, "--to", "feed", "--json").json
    assert {row["sku"]: row["verdict"] for row in dry["changes"]} == {name: "rejected" if name == sku else "send" for name in new}
    assert desk("publish", run, "--to", "feed", "--live", "--json").json["fates"] == {"applied": len(new) - 1}
    assert desk("approve", run, "--by", "carl", "--withdraw", "--sku", sku, "--json").json["answer"] == "withdraw"
    assert desk("publish", run, "--to", "feed", "--live", "--sku", sku, "--json").json["fates"] == {"applied": 1}
    assert desk.feed() == old | new
    assert desk("watch", "--to", "feed", "--json").json == []
    assert desk("runs", "--json").json[0]["state"] == "published"
    assert len(desk("undo", run, "--json").json["targets"]["feed"]) == len(new)
    assert desk("undo", run, "--live", "--sku", sku, "--json").json["targets"]["feed"]["fates"] == {"applied": 1}
    assert desk.feed() == old | {name: price for name, price in new.items() if name != sku}
    assert desk("audit", "--json").json[-1]["act"] == "settled"
    assert desk("audit", "--verify", "--json").json["findings"] == []
    assert desk("work", "--json").json == {}
    assert desk("work").out == "nothing was cut off\n"


def test_what_waits_is_told_in_words_until_when_and_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new shop under the usual guards: each price rests from when it is first seen."""
    settings = desk.folder / "shop.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("dwell_minutes = 0.001\n", ""), encoding="utf-8")
    desk.agree()
    new = desk.changes()
    dry = desk("publish", desk.run, "--to", "feed").out
    assert f"{len(new)} may leave later" in dry
    assert "\nG4 dwell: the price changed, or was first seen, a moment ago; it may change again later\n" in dry
    assert "the first prices leave [guards] dwell_minutes after the first --live" in dry
    sent = desk("publish", desk.run, "--to", "feed", "--live").out.splitlines()
    assert re.fullmatch(rf"nothing was due; {len(new)} still to come, the next at \d{{4}}-\d\d-\d\d \d\d:\d\d UTC", sent[0])
    assert sent[1:-1] == ["  G4 dwell: the price changed, or was first seen, a moment ago; it may change again later"]
    assert sent[-1].startswith("Run the same command again at that time, or with --wait to stay")
    monkeypatch.setattr(wiring, "outlives", lambda: False)
    told = desk("work")
    still = told.out.splitlines()
    assert told.status == 0, told.err
    assert still[0] == "no command that was cut off is known here"
    assert re.fullmatch(rf"{len(new)} prices of run {desk.run} wait to leave to feed, the first from .* UTC; go on with: (.*)", still[1])
    assert still[1].endswith(f" {desk.run} --to feed --live")
    assert still[2].startswith("The extra [durable] is not installed")
    assert not (desk.feed().items() & new.items())


def test_who_stays_is_told_what_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.agree()
    waits = Sent({}, 4, None, 0.01, "", ("G4 dwell",))
    waves = iter([waits, waits, Sent({"applied": 1}, 3, None, 0.01, "", ("G3 canary_wait",)), Sent({"applied": 3}, 0, None, 0.0, "")])
    monkeypatch.setattr(publication, "drain", lambda _desk: next(waves))
    monkeypatch.setattr(wiring, "outlives", lambda: False)
    told = desk("publish", desk.run, "--to", "feed", "--live", "--wait")
    assert told.status == 0 and told.out.startswith("4 applied\n"), told.err
    said = [line for line in told.err.splitlines() if "still to come" in line or line.startswith("  G")]
    assert re.fullmatch(r"nothing was due; 4 still to come, the next at \d{4}-\d\d-\d\d \d\d:\d\d UTC", said[0])
    assert said[1] == "  G4 dwell: the price changed, or was first seen, a moment ago; it may change again later"
    assert said[2].startswith("1 applied; 3 still to come, the next at ") and said[3].startswith("  G3 canary_wait: ")
    assert len(said) == 4, "what has not changed is said once"
    assert "Run the same command again" not in told.err


@pytest.mark.real  # long
@pytest.mark.parametrize(("fault", "status"), [(LedgerError("the snapshot is gone", where="contents"), 0), (KeyboardInterrupt(), 130)])
def test_what_left_is_told_whatever_keeps_it_from_being_judged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: BaseException, status: int
) -> None:
    run, new = desk.run, desk.changes()

    def spoilt(*_given: object) -> None:
        raise fault

    monkeypatch.setattr(accepted, "judged_now", spoilt)
    answers = [desk("approve", run, "--by", name, "--json") for name in ("anna", "ben")]
    assert [(told.status, json.loads(told.out)["still_needed"]) for told in answers][-1] == (status, 0)
    desk("attest", "--asked-by", "anna", "--by", "ben")
    sent = desk("publish", run, "--to", "feed", "--live", "--json")
    document = json.loads(sent.out)
    assert (sent.status, document["fates"]) == (status, {"applied": len(new)})
    assert document["judged"]["failed"]["what"] == (fault.what if isinstance(fault, LedgerError) else "it was stopped before it was judged")
    assert ("could not be judged" in sent.err) is (status == 0)
    plain = desk("publish", run, "--to", "feed", "--live")
    assert (plain.status, plain.out) == (status, "nothing was due\n")
    monkeypatch.setattr(send, "publish", lambda *_given, **_more: Sent({"applied": 1}, 2, None, 0.0, "target feed: wrong prices"))
    for words in ((), ("--json",)):
        told = desk("publish", run, "--to", "feed", "--live", *words)
        assert told.status == 1 and "applied" in told.out and "nothing more leaves: target feed: wrong prices" in told.err


def test_a_certificate_is_written_and_computed_again(desk: Desk, tmp_path: Path) -> None:
    run, new, file = desk.run, desk.changes(), tmp_path / "proof.json"
    sku = min(new)
    assert json.loads(desk("certificate", run, sku).out)["decision"]["sku"] == sku
    assert desk("certificate", run, sku, "--out", file).out == f"certificate: {file}\n"
    assert desk("verify", file).out == f"true: {sku} at {new[sku]} minor units in run {run}, computed again bit for bit\n"
    document = json.loads(file.read_text(encoding="utf-8"))
    for change in ({"run": "20260101-00000000"}, {"decision": {**document["decision"], "price": 1}}, {"signature": "x"}, {"key": "00"}):
        file.write_text(json.dumps({**document, **change}), encoding="utf-8")
        assert str(file) in desk("verify", file).error
    file.write_text("[1]", encoding="utf-8")
    assert "is no certificate" in desk("verify", file).error


def test_one_large_move_needs_the_second_person(desk: Desk) -> None:
    run, old, new = desk.run, desk.feed(), desk.changes()
    large = {sku for sku in new if abs(new[sku] / old[sku] - 1) > 0.0789}
    assert 0 < len(large) < len(new)
    assert desk("approve", run, "--by", "anna", "--json").json["still_needed"] == len(large)
    desk("attest", "--asked-by", "anna", "--by", "ben")
    assert desk("publish", run, "--to", "feed", "--live", "--json").json["fates"] == {"applied": len(new) - len(large)}
    assert {sku for sku, price in desk.feed().items() if price != old[sku]} == set(new) - large


def test_a_webhook_takes_prices_and_gives_them_back(desk: Desk, web: LocalShop) -> None:
    connected(desk, web)
    run, old, new = desk.run, desk.feed(), desk.changes()
    desk.agree()
    assert desk("publish", run, "--to", "own", "--live", "--json").json["fates"] == {"applied": len(new)}
    prices = web.answer.__self__.prices
    assert prices == old | new
    prices[min(new)] += 5
    assert [row["price"] for row in desk("watch", "--to", "own", "--json").json] == [prices[min(new)]]
    assert "1 prices were changed by somebody else" in _drifted(desk, prices, min(new))
    prices[min(new)] = new[min(new)]
    desk("watch", "--to", "own")
    assert desk("undo", run, "--live", "--by", "anna", "--json").json["targets"]["own"]["fates"]["applied"] >= len(new) - 1


def _drifted(desk: Desk, prices: dict[str, int], sku: str) -> str:
    prices[sku] += 7
    return desk("watch", "--to", "own").out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("approve", "20260101-00000000", "--by", "anna"), ("unknown run", "ledger")),
        (("reject", "20260101-00000000", "--by", "anna", "--why", "x"), ("unknown run", "ledger")),
        (("publish", "20260101-00000000", "--to", "feed"), ("unknown run", "ledger")),
        (("undo", "20260101-00000000"), ("unknown run", "ledger")),
        (("runs", "20260101-00000000"), ("unknown run", "ledger")),
        (("outcome", "20260101-00000000"), ("unknown run", "ledger")),
        (("certificate", "20260101-00000000", "K001"), ("unknown run", "ledger")),
        (("certificate", "RUN", "K002"), ("unknown product 'K002'", "did you mean", "RUN")),
        (("approve", "RUN", "--by", "anna", "--sku", "K002"), ("unknown product 'K002'", "did you mean")),
        (("approve", "RUN", "--by", "pricesmith"), ("asked for these prices", "another person")),
        (("approve", "RUN", "--by", " "), ("nobody is named", "--by NAME")),
        (("approve", "RUN"), ("--by", "approve --help")),
        (("reject", "RUN", "--by", "anna", "--why", " "), ("needs a reason", "--why TEXT")),
        (("attest", "--asked-by", "anna", "--by", "Anna"), ("two different people", "--by ANOTHER")),
        (("attest", "--by", "anna"), ("two different people", "--by ANOTHER", "alone = true")),
        (("publish", "RUN", "--to", "fed"), ("unknown shop 'fed'", "did you mean feed", "shop.toml")),
        (("publish", "RUN", "--to", "feed", "--live"), ("no change of the run is approved", "RUN", "approve")),
        (("publish", "RUN", "--to", "feed", "--wait"), ("--wait goes with --live",)),
        (("undo", "RUN", "--to", "fed", "--live"), ("unknown shop 'fed'", "shop.toml")),
        (("undo", "RUN", "--to", "fed"), ("unknown shop 'fed'", "shop.toml")),
        (("watch", "--to", "fed"), ("unknown shop 'fed'", "shop.toml")),
        (("pull", "--from", "fed"), ("unknown shop 'fed'", "shop.toml")),
        (("pull", "--from", "feed"), ("nothing to pull from", "shop feed")),
        (("stop", "--to", "fed"), ("NOT stopped: unknown shop 'fed'", "did you mean feed? valid: feed")),
        (("stop", "--to", "zzz"), ("NOT stopped: unknown shop 'zzz'", "valid: feed")),
        (("stop", "--to", " "), ("NOT stopped: no shop is named",)),
        (("stop", "--to", ""), ("NOT stopped: no shop is named", "write its name")),
        (("stop", "--sku", ""), ("NOT stopped: no product is named", "write its SKU")),
        (("resume", "--to", "", "--by", "anna"), ("NOT released: no shop is named",)),
        (("resume", "--sku", "", "--by", "anna"), ("NOT released: no product is named",)),
        (("stop", "--sku", "K002"), ("NOT stopped: unknown product 'K002'", "did you mean K001")),
        (("resume", "--by", "anna"), ("is not stopped", "kill switch")),
        (("connect", "feed", "--platform", "csv_feed", "--url", "feed.csv"), ("there is a shop 'feed' already", "$.shop.feed")),
        (("connect", "new", "--platform", "shopfy"), ("unknown platform 'shopfy'", "did you mean shopify")),
        (("connect", "new", "--platform", "csv_feed", "--url", "none.csv"), ("cannot be read", "none.csv")),
        (("connect", "new", "--platform", "webhook", "--url", "https://shop.example"), ("secret is not there", "PRICESMITH_SECRET_NEW")),
        (("connect", "new", "--platform", "csv_feed", "--option", "sku"), ("'sku' is not NAME=VALUE", "--option")),
        (("verify", "shop.toml"), ("is no JSON document", "shop.toml", "pricesmith certificate")),
        (("outcome", "RUN"), ("RUN", "--since")),
        (("outcome", "RUN", "--since", "2026-13-01"), ("is not a date",)),
        (("lower", "K002", "--to", "1", *ASKED), ("unknown product 'K002'", "did you mean")),
        (("lower", "K001", "--to", "1", "--asked-by", "a", "--by", "a", "--why", "x"), ("two different people",)),
        (("lower", "K001", "--to", "0", *ASKED), ("must be above 0", "--to")),
        (("lower", "K001", "--to", "4.999", *ASKED), ("4.999 is finer than EUR: at most 2 digits after the point", "4.99", "--to")),
        (("lower", "K001", "--to", "1,499", *ASKED), ("'1,499' is no amount of money", "4.99", "--to")),
        (("override", "RUN", "--set", "K001=4.999", "--by", "anna", "--why", "x"), ("4.999 is finer than EUR", "--set")),
        (("override", "RUN", "--set", "K001=nan", "--by", "anna", "--why", "x"), ("'nan' is no amount of money", "--set")),
        (("override", "RUN", "--set", "K001=0", "--by", "anna", "--why", "x"), ("must be above 0", "--set")),
        (("override", "RUN", "--set", "4.99", "--by", "anna", "--why", "x"), ("'4.99' is not SKU=PRICE", "--set")),
        (
            ("lower", "K001", "--to", "1", *ASKED, "--days", "30"),
            ("30 days are too long", "1 to 7, as [guards] exception_days says"),
        ),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    desk: Desk, words: tuple[str, ...], expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = desk.run
    monkeypatch.chdir(desk.folder)
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file() and "ledger" not in path.name}
    acts = desk("audit", "--json").json
    error = desk(words[0], *(word.replace("RUN", run) for word in words[1:])).error
    missing = [part for part in expected if part.replace("RUN", run) not in error]
    assert not missing, error
    assert desk("audit", "--json").json == acts
    assert {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file() and "ledger" not in path.name} == before


@pytest.mark.real  # long
@pytest.mark.parametrize("taken_back", [False, True])
def test_a_stopped_channel_says_who_stopped_it_and_what_to_do(desk: Desk, taken_back: bool) -> None:
    run, old = desk.run, desk.feed()
    desk.agree()
    assert desk("stop", "--by", "anna", "--why", "wrong prices live", "--to", "feed").status == 0
    error = desk("publish", run, "--to", "feed", "--live").error
    assert all(words in error for words in ("nothing more leaves", "stopped by anna: wrong prices live", "pricesmith resume"))
    if taken_back:
        assert "have not left yet and would not leave any more" in desk("undo", run, "--to", "feed").out
        undone = desk("undo", run, "--to", "feed", "--live")
        assert "had not left yet and leave no more" in undone.out
        assert all(words in undone.error for words in ("stopped by anna: wrong prices live", "pricesmith resume"))
    assert desk.feed() == old
    assert "is not stopped" in desk("resume", "--by", "anna").error
    assert "another person must agree" in desk("resume", "--by", "anna", "--to", "feed").out
    assert "another person must agree" in desk("resume", "--by", "anna", "--to", "feed").error
    assert desk("resume", "--by", "ben", "--to", "feed").out == "released: target feed\n"
    assert desk("publish", run, "--to", "feed", "--live").status == 0
    assert (desk.feed() == old) == taken_back


@pytest.mark.parametrize(("options", "stopped"), [(("--sku", "K001"), "sku K001"), (("--to", "feed"), "target feed"), ((), "all *")])
def test_a_stop_prints_the_command_that_releases_it(desk: Desk, options: tuple[str, ...], stopped: str) -> None:
    out = desk("stop", "--by", "anna", *options).out
    told = re.search(r"`pricesmith (.*)`", out)
    assert told is not None
    words = shlex.split(told[1])
    asks, other = ([*words[2:-1], name] for name in ("anna", "ben"))
    assert "another person must agree" in desk(words[0], *asks).out
    assert told[1].replace("NAME", "SOMEBODY_ELSE") in desk(words[0], *asks).error
    assert desk(words[0], *other).out == f"released: {stopped}\n"


def test_a_stop_whose_name_cannot_be_checked_holds_and_says_so(desk: Desk) -> None:
    (desk.folder / "data" / "products.csv").write_bytes(b"nothing of use\n")
    told = desk("stop", "--by", "anna", "--sku", "K002")
    assert told.status == 0 and "stopped: sku K002" in told.out and "the name could not be checked" in told.err


def test_the_one_person_of_a_shop_attests_by_one_name(desk: Desk) -> None:
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[approval]\n", "[approval]\nalone = true\n"), encoding="utf-8")
    assert desk("attest", "--by", "anna").out.endswith("may publish\n")
    assert desk("attest", "--by", "anna").out.endswith("may publish already\n")


def test_unattested_code_says_what_to_do(desk: Desk) -> None:
    desk("approve", desk.run, "--by", "anna")
    desk("approve", desk.run, "--by", "ben")
    told, count = desk("publish", desk.run, "--to", "feed", "--live"), len(desk.changes())
    assert all(words in told.error for words in ("not attested", "pricesmith attest"))
    assert "pricesmith resume" not in told.error
    why = "nothing more leaves: this code and these settings are not attested"
    assert told.out == f"nothing was sent; {count} still to come\n  {why}\n"


def test_a_stopped_channel_says_what_left_before_and_why_no_more_does() -> None:
    at = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
    sent = Sent({"applied": 2, "held": 1}, 7, at, 0.0, "G5 breaker", ("G3 canary_wait",))
    first, *rest = published(sent).splitlines()
    assert first == "2 applied, 1 held; 7 still to come" and rest[-1] == "  nothing more leaves: G5 breaker"
    assert published(replace(sent, open=0)).splitlines() == ["2 applied, 1 held", "  nothing more leaves: G5 breaker"]
    assert published(replace(sent, stopped="")).splitlines()[0] == "2 applied, 1 held; 7 still to come, the next now"


@pytest.mark.real  # long
def test_an_acceptance_says_why_another_person_is_needed(desk: Desk) -> None:
    """After a change of rules every price of the run is asked about twice; of a large move that price alone."""
    path, count = desk.folder / "shop.toml", len(desk.changes())
    large = "1 of those accepted leave once another person accepts them too: 1 move by more than 7.89 %, which needs two people"
    assert large in desk("approve", desk.run, "--by", "anna").out
    path.write_text(path.read_text(encoding="utf-8").replace("step = 0.08", "step = 0.0801"), encoding="utf-8")
    assert desk("price", "--out", desk.folder.parent / "out.csv").status == 0
    run = desk.run
    told = desk("approve", run, "--by", "anna").out
    assert f"; {count} of {count} still need somebody\n" in told
    why = "rules, guards or approval were changed, which needs two people"
    assert f"{count} of those accepted leave once another person accepts them too: {why}; 1 move by more than 7.89 %" in told
    found = desk("approve", run, "--by", "anna", "--json").json["another"]
    assert found["changes"] == count and found["whys"] == {"large_move": 1, "rules_changed": count - 1}
    assert "another person" not in desk("approve", run, "--by", "ben").out
    assert desk("approve", run, "--by", "ben", "--json").json["another"] == {"changes": 0, "whys": {}}


def test_a_missing_secret_is_named_and_where_to_put_it(desk: Desk, web: LocalShop, monkeypatch: pytest.MonkeyPatch) -> None:
    connected(desk, web)
    monkeypatch.delenv("PRICESMITH_SECRET_OWN")
    for words in (
        ("publish", desk.run, "--to", "own"),
        ("watch", "--to", "own"),
        ("undo", desk.run, "--to", "own", "--live"),
        ("pull", "--from", "own"),
    ):
        error = desk(*words).error
        assert all(part in error for part in ("shop own", "secret is not there", "PRICESMITH_SECRET_OWN"))


@pytest.mark.real  # long
@pytest.mark.parametrize("fault", FAULTS)
def test_a_secret_is_found_nowhere(desk: Desk, web: LocalShop, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop that repeats what it was sent, at every command: no file, no word, no row of the ledger holds the secret."""
    monkeypatch.setattr(patience, "asked_to_wait", lambda _desk: None)  # or a busy shop would be left alone after the first command
    web.fault = fault
    assert desk("connect", "own", "--platform", "webhook", "--url", web.url).error
    assert "own" not in (desk.folder / "shop.toml").read_text(encoding="utf-8")
    web.fault = ""
    connected(desk, web)
    desk.agree()
    web.fault = fault
    assert desk("watch", "--to", "own").error
    web.only_writes = True
    sent = desk("publish", desk.run, "--to", "own", "--live")
    assert sent.status == 0
    assert "still to come" in sent.out
    web.only_writes = False
    desk("publish", desk.run, "--to", "own", "--live")
    desk("undo", desk.run, "--to", "own", "--live")
    for platform in OTHERS:
        monkeypatch.setenv(f"PRICESMITH_SECRET_{platform.upper()}", SECRET)
        desk("connect", platform, "--platform", platform, "--url", web.url).error  # noqa: B018 - asserts that it is one
        with (desk.folder / "shop.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[shop.{platform}]\nplatform = "{platform}"\nurl = "{web.url}"\n')
        desk("pull", "--from", platform).error  # noqa: B018
    desk("certificate", desk.run, min(desk.changes()), "--out", desk.folder / "proof.json")
    desk("audit", "--verify", "--checkpoint")
    desk("runs", desk.run, "--json")
    kept = {str(path): path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()} | {"words": desk.words.encode()}
    assert [place for place, data in kept.items() if SECRET.encode() in data] == []
    assert any(SECRET.encode() in data for data in web.heard), "the secret did travel, to the shop alone"


def test_the_list_says_how_many_changes_were_answered(desk: Desk) -> None:
    first, second, *rest = desk.changes()
    run, count = desk.run, 2 + len(rest)
    assert desk("reject", run, "--sku", first, "--by", "carl", "--why", "too low").status == 0
    assert f"  1 of {count} rejected\n" in desk("runs").out
    assert desk("approve", run, "--sku", second, "--by", "ben").status == 0
    assert f"  1 of {count} accepted, 1 rejected\n" in desk("runs").out
    row = desk("runs", "--json").json[0]
    assert (row["state"], row["accepted"], row["rejected"], row["changes"]) == ("partly answered", 1, 1, count)
