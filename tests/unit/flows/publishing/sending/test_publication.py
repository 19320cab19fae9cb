"""Publishing as a job of steps: wave after wave inside one process, and through DBOS across a process that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pricesmith.adapters.durable.inline import Inline
from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.sending.publication import published
from tests.publishing.desk import Place, place, policy

WAVES = {"canary_minutes": 30, "canary_least": 1, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9}


@pytest.fixture
def shop() -> Place:
    return place(policy(guards=WAVES))


def test_a_job_goes_on_to_the_last_wave(shop: Place) -> None:
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy)
    steps = Inline({}, shop.clock.sleep)
    done = published(steps, shop.again, shop.run)
    changes = shop.book.read("decided")
    assert done["open"] == 0
    assert done["fates"] == {"applied": changes.filter(changes["action"] == "change").height}


def test_a_job_without_an_approval_says_so(shop: Place) -> None:
    with pytest.raises(PricesmithError, match="approved"):
        published(Inline({}, shop.clock.sleep), shop.again, shop.run)


JOB = """
import os, sys, signal
from pricesmith.adapters.durable.through_dbos import ThroughDbos

def count(steps, given):
    total = 0
    for number in range(4):
        total += steps.step("add", lambda: log(number))["add"]
        if number == 1 and given["die"] and not os.path.exists("died"):
            open("died", "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        steps.sleep(0.01)
    return {"total": total}

def log(number):
    with open("log", "a") as file:
        file.write(f"{number}\\n")
    return {"add": number}

with ThroughDbos("sqlite:///" + os.path.abspath("jobs.db"), {"count": count}) as durable:
    print(durable.run("count", "one", {"die": True}) if sys.argv[1] == "run" else durable.resume())
"""


@pytest.mark.real
def test_a_killed_job_goes_on_and_takes_no_step_twice(tmp_path: Path) -> None:
    pytest.importorskip("dbos")
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")

    def start(word: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "job.py", word]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=dict(os.environ), timeout=60)

    assert start("run").returncode == -signal.SIGKILL
    resumed = start("resume")
    assert "'total': 6" in resumed.stdout, resumed.stderr
    assert (tmp_path / "log").read_text(encoding="utf-8").split() == ["0", "1", "2", "3"]
