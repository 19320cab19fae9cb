"""Answers that may take longer than a page should: made once each, one after the other, while whoever asks waits a little or comes back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from time import sleep
from typing import Generic, TypeVar

Made = TypeVar("Made")
REST = 0.1
"""Seconds by which work that nobody waits for begins later: the page that asked for it is written first, not beside it."""


@dataclass(slots=True)
class _Work(Generic[Made]):
    """An answer in the making."""

    made: Made | None = None
    error: BaseException | None = None
    done: bool = False


class Slow(Generic[Made]):
    """The last few answers of a kind. An error is told to everybody who waits for it, and the question may then be asked anew."""

    def __init__(self, most: int) -> None:
        self._most, self._turn, self._change = most, Lock(), Condition()
        self._works: OrderedDict[str, _Work[Made]] = OrderedDict()

    def ask(self, name: str, make: Callable[[], Made], seconds: float) -> Made | None:
        """The answer, or None where it is not there after that many seconds; it is being made then, and there when asked for again."""
        with self._change:
            work = self._works.get(name)
            if work is None:
                work = self._works[name] = _Work()
                Thread(target=self._make, args=(work, make, 0.0 if seconds else REST), daemon=True).start()
            self._works.move_to_end(name)
            self._change.wait_for(lambda: work.done, seconds)
            self._forget(name, work)
        if work.error is not None:
            raise work.error
        return work.made

    def _make(self, work: _Work[Made], make: Callable[[], Made], rest: float) -> None:
        sleep(rest)
        try:
            with self._turn:
                work.made = make()
        except BaseException as error:
            work.error = error
        with self._change:
            work.done = True
            self._change.notify_all()

    def _forget(self, name: str, work: _Work[Made]) -> None:
        if work.error is not None and self._works.get(name) is work:
            del self._works[name]
        done = [one for one, other in self._works.items() if other.done]
        for one in done[: max(len(self._works) - self._most, 0)]:
            del self._works[one]
