"""Jobs inside one process: nothing is remembered. The ledger and its outbox make each step safe to repeat, so nothing is lost either."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pricesmith.contracts.durable import Document, Job


class Inline:
    """The protocol Durable, and the Steps of its jobs."""

    def __init__(self, jobs: Mapping[str, Job], pause: Callable[[float], None]) -> None:
        self.jobs, self.pause = jobs, pause

    def run(self, job: str, key: str, given: Document) -> Document:  # noqa: ARG002 - named by the seam
        return self.jobs[job](self, given)

    def resume(self) -> Mapping[str, Document]:
        return {}

    def step(self, name: str, call: Callable[[], Document]) -> Document:  # noqa: ARG002 - named by the seam
        return call()

    def sleep(self, seconds: float) -> None:
        self.pause(seconds)
