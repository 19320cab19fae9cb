"""The desk of a folder in which a shop has only begun, and a browser that looks at its guide."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from pricesmith.apps.service.app import application
from pricesmith.apps.service.ask import Desk
from pricesmith.apps.service.jobs import Jobs
from pricesmith.apps.service.limits import Limits
from pricesmith.apps.service.routes import every
from pricesmith.apps.service.serving import LOOPBACK
from pricesmith.flows.desk.guide.start import begin
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office
from pricesmith.testing.fake_accounts import fake_accounts

WANTED = {"name": "Neu", "currency": "CHF", "tax": "net", "period": "week", "margin": "5", "step": "10", "endings": "0.99"}
"""An answer to what the guide asks about the shop."""


def begun(folder: Path) -> Desk:
    begin(folder)
    found = office(folder)
    return Desk(Reading(found), fake_accounts(lambda _seconds: None), Jobs(folder, found.now), b"0" * 32, LOOPBACK)


def visitor(desk: Desk) -> TestClient:
    client = TestClient(application(desk, every(), Limits(1e6, 1e6)), base_url="http://localhost", follow_redirects=False)
    client.get("/sign-in")
    return client
