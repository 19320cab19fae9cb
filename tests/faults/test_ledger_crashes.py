"""P14: a writer or the database is killed under load; what was confirmed stands there, and the ledger recovers within 10 seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.faults.ledger_crashes import crash
from tests.ledger_places import Place, PostgresPlace
from tests.postgres import Server


@pytest.mark.real
def test_writer_is_killed(place: Place) -> None:
    tally = crash(place, 5, np.random.default_rng(0), kill_server=False)
    assert tally.kills == 5 and tally.confirmed >= 5 and tally.longest <= 10.0


@pytest.mark.real
def test_server_is_killed(postgres: Server, tmp_path: Path) -> None:
    tally = crash(PostgresPlace(tmp_path, postgres), 3, np.random.default_rng(1), kill_server=True)
    assert tally.kills == 3 and tally.confirmed >= 3 and tally.longest <= 10.0
