"""A page that renews itself: an event whenever something about it changes, and `end` when nothing more is to come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import anyio
from anyio import to_thread

from pricesmith.apps.service.ask import Stream

PAUSE, LONGEST = 1.0, 600.0
"""Seconds between two looks, and for which one stream lasts; a browser that is still there asks anew."""


def live(look: Callable[[], tuple[bool, object]]) -> Stream:
    """look() -> whether more is to come, and what the page would show: an event is sent when that differs."""
    return Stream(_events(look))


async def _events(look: Callable[[], tuple[bool, object]]) -> AsyncIterator[str]:
    going, shown = await to_thread.run_sync(look)
    for _ in range(int(LONGEST / PAUSE)):
        if not going:
            yield "end"
            return
        await anyio.sleep(PAUSE)
        before = shown
        going, shown = await to_thread.run_sync(look)
        if shown != before:
            yield "more"
