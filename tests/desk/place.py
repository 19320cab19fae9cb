"""A price desk in memory for tests: a shop folder, a recorded run on a real SQLite ledger, accounts in memory, and a client."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import httpx
import polars as pl
from starlette.testclient import TestClient

from pricesmith.apps.service.app import application
from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.service.limits import Limits
from pricesmith.apps.service.routes import every
from pricesmith.apps.service.serving import LOOPBACK
from pricesmith.contracts.accounts import Accounts, Role
from pricesmith.contracts.shop import Key
from pricesmith.flows import batch, example
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.office import office, record_run
from pricesmith.testing.fake_accounts import fake_accounts
from tests.learned import learned_once

PASSWORD = "correct horse battery staple"
SHOP = """
[shop.web]
platform = "csv_feed"
url = "feed.csv"
"""
"""A shop that is a file: the whole way of a price without anything to install."""


@dataclass(slots=True)
class Place:
    """What a test of the desk looks at."""

    desk: Desk
    folder: Path
    run: str

    @property
    def accounts(self) -> Accounts:
        return self.desk.accounts

    def client(self, role: Role | None = None, name: str = "") -> TestClient:
        """A browser; signed in as a person of a role, or at a desk without accounts where no role is given."""
        limits = Limits(1e6, 1e6)
        client = TestClient(application(self.desk, every(), limits), base_url="http://localhost", follow_redirects=False)
        client.get("/sign-in")
        if role is not None:
            self.person(role, name or role)
            client.cookies.set("ps_session", self.accounts.sessions.begin(name or role, self.desk.reading.now()))
        return client

    def person(self, role: Role, name: str) -> None:
        known = self.accounts.people.all()
        if known.is_empty() or name not in known["name"]:
            self.accounts.people.add(name, PASSWORD, role, self.desk.reading.now())

    def key(self, role: Role, *scopes: str) -> str:
        """An API key of a person of that role."""
        self.person(role, role)
        at = self.desk.reading.now()
        return self.accounts.keys.make(role, "test", frozenset(scopes), at, None)[1]  # type: ignore[arg-type]


@cache
def _shop(more: str, model: str) -> tuple[Path, str]:
    """An example shop with more settings, priced once; copied for each test."""
    folder = Path(mkdtemp()) / "shop"
    example.write(folder)
    path = folder / "shop.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[model]\n", f"[model]\n{model}\n") + more + SHOP, encoding="utf-8")
    return folder, priced(folder).run


def place(folder: Path, more: str = "", model: str = "") -> Place:
    """A desk on a copy of the example shop in `folder`. more: settings beside those of the example; model: those in `[model]`"""
    source, run = _shop(more, model)
    copytree(source, folder, dirs_exist_ok=True)
    return opened(folder, run)


def priced(folder: Path) -> Place:
    """A desk on a shop folder that is priced once, as the program."""
    loaded = batch.load(folder)
    with learned_once():
        found = batch.price(loaded)
    return opened(folder, record_run(folder, found, loaded.prepared.tables["competitor_prices"], "pricesmith").run)


def opened(folder: Path, run: str) -> Place:
    """A desk on a shop folder that has this run."""
    found = office(folder)
    desk = Desk(Reading(found), fake_accounts(lambda _seconds: None), Jobs(folder, found.now), b"0" * 32, LOOPBACK)
    return Place(desk, folder, run)


def overridden(desk: Place, by: str) -> str:
    """A run in which somebody sets one price."""
    reading = desk.desk.reading
    row = reading.run(desk.run).decided.filter(pl.col("action") == "change").row(0, named=True)
    wanted = {Key(row["sku"], row["channel"], row["region"]): row["price"] - 50}
    return override(reading.book, desk.run, wanted, by=by, why="the manager says so", at=reading.now(), code=reading.place.code).run


def priced_anew(desk: Place, more: str) -> str:
    """The shop priced under more rules, as the newest run."""
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n[shop.web]", more + "\n[shop.web]"), encoding="utf-8")
    return priced(desk.folder).run


def csrf(client: TestClient, address: str = "/") -> str:
    """The token of a page's forms."""
    found = re.search(r'<meta name="csrf" content="([^"]*)">', client.get(address).text)
    assert found is not None
    return found[1]


def post(client: TestClient, address: str, **fields: object) -> httpx.Response:
    """Send a form as the page would."""
    return client.post(address, data={"_csrf": csrf(client, "/sign-in"), **fields})  # type: ignore[return-value,arg-type]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
