"""What an answer leads to, judged over the whole run: said in the banner that tells that it was given."""

from __future__ import annotations

from pricesmith.apps.service.ask import Ask
from pricesmith.apps.web.barred import breaks
from pricesmith.flows.desk.accepted import judged


def breaks_of(ask: Ask, run: str) -> dict[str, str]:
    """The fact `breaks` of an act: the first rule that what is now accepted breaks, in words; nothing where none is."""
    broken = judged(ask.reading, ask.reading.run(run), ask.at).broken
    return {"breaks": breaks(ask.words, broken[:1])} if broken else {}
