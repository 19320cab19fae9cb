"""Jobs through DBOS (https://docs.dbos.dev): every step is a row in the ledger's database, and a job goes on after a crash.

What DBOS keeps is JSON; it is asked for nothing that it would unpickle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from pricesmith.contracts.durable import Document, Job
from pricesmith.contracts.errors import PricesmithError

APPLICATION = "pricesmith"
UNFINISHED = ["PENDING", "ENQUEUED"]


class _Steps:
    """The steps of the job that runs now."""

    def step(self, name: str, call: Callable[[], Document]) -> Document:
        from dbos import DBOS

        done: Document = DBOS.run_step({"name": name}, call)
        return done

    def sleep(self, seconds: float) -> None:
        from dbos import DBOS

        DBOS.sleep(seconds)


class ThroughDbos:
    """The protocol Durable. A context: `with ThroughDbos(address, jobs) as durable`.

    address  SQLAlchemy address of the database; DBOS keeps its own tables beside the ledger's
    """

    def __init__(self, address: str, jobs: Mapping[str, Job]) -> None:
        self.address, self.jobs = address, jobs
        self._workflows: dict[str, Callable[[Document], Document]] = {}

    def __enter__(self) -> Self:
        try:
            from dbos import DBOS, DBOSPortableJSONSerializer
        except ImportError:
            raise PricesmithError("DBOS is not installed", hint="pip install '.[durable]' in the clone") from None
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self.address,
                "application_version": "1",
                "executor_id": "local",
                "log_level": "ERROR",
                "serializer": DBOSPortableJSONSerializer(),
            }
        )
        for name, job in self.jobs.items():
            self._workflows[name] = DBOS.workflow(name=name)(_whole(job))
        DBOS.launch()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from dbos import DBOS

        DBOS.destroy()

    def run(self, job: str, key: str, given: Document) -> Document:
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(key):
            handle = DBOS.start_workflow(self._workflows[job], given)
        done: Document = handle.get_result()
        return done

    def resume(self) -> Mapping[str, Document]:
        from dbos import DBOS

        found = [workflow.workflow_id for workflow in DBOS.list_workflows(status=UNFINISHED)]
        return {key: dict(DBOS.get_result(key) or {}) for key in found}


def _whole(job: Job) -> Callable[[Document], Document]:
    """The job as a workflow: all it is given is JSON."""

    def workflow(given: Document) -> Document:
        return job(_Steps(), given)

    return workflow
