"""The seam of durable work: a job of several steps that goes on where it stopped, in another process if need be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Document = dict[str, object]
"""What JSON can hold."""


class Steps(Protocol):
    """The steps of one job."""

    def step(self, name: str, call: Callable[[], Document]) -> Document:
        """What the call gives. A step that was finished once gives what it gave then, and is not called again."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; after a restart only for what is left."""
        ...


Job = Callable[[Steps, Document], Document]
"""A job: it may do nothing but compute and take steps."""


class Durable(Protocol):
    """Runs jobs. A job is known by its key: begun once, and never twice at the same time."""

    def run(self, job: str, key: str, given: Document) -> Document:
        """Begin the job, or go on with it, and wait for its end."""
        ...

    def resume(self) -> Mapping[str, Document]:
        """Go on with every job that a process left unfinished, and wait for their ends; by key."""
        ...
