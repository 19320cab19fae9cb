"""What is accepted of a run since an answer, judged as a whole: facts of the act that gave it, said in the banner that tells of it."""

from __future__ import annotations

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.web.barred import breaks, unjudged
from pricesmith.flows.desk.accepted import judged


def breaks_of(ask: Ask, run: str) -> dict[str, str]:
    """The fact `breaks`: the first rule that what is now accepted breaks, in words; nothing where none is broken.

    Where that is not known the fact `unjudged` in its place: that it is being worked out, or why it could not be.
    """
    found = judged(ask.reading, ask.reading.run(run), ask.at)
    if found.broken:
        return {"breaks": breaks(ask.words, found.broken[:1])}
    if found.failed is not None:
        return {"unjudged": unjudged(ask.words, found.failed.what, found.failed.where, found.failed.hint)}
    return {"unjudged": ask.words("part_working")} if found.working else {}
