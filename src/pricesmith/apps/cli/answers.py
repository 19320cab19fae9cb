"""Accept, reject and withdraw are one act with three words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

SENDS = "; `pricesmith publish DIR RUN --to NAME` shows what would be sent"
WORDS = {"accept": "accepted", "reject": "rejected", "withdraw": "open again"}


def said(folder: Path, run: str, word: str, by: str, skus: Sequence[str], why: str | None, as_json: bool) -> None:
    """Write what a person says of a run into the ledger, and say what is still needed."""
    import polars as pl

    from pricesmith.flows.desk.approval.contradicted import Contradicted
    from pricesmith.flows.publishing.answers import answering, approval
    from pricesmith.flows.publishing.history import overview
    from pricesmith.flows.publishing.office import office

    from .contradicted import against, told_of
    from .foretell import foretell, lines
    from .judged import judged, print_judged
    from .overtaken import overtaken
    from .recorded import keys_of
    from .second import document, second, told

    place = office(folder)
    approval.run_row(place.book, run)
    keys = keys_of(place.book, run, skus)
    own = against(place, run, keys) if word == "accept" else Contradicted()
    count = answering.answer(place.book, run, word, by=by, at=place.now(), policy=place.policy, why=why, keys=keys)
    changes = overview.changes(place.book, run, place.policy, place.now())
    if word == "accept":
        overtaken(place, run)
    meant = changes.height if keys is None else changes.join(pl.DataFrame(keys, schema=approval.KEY, orient="row"), on=approval.KEY).height
    spared = meant - count - (own.changes if keys is None else 0)
    open_ = changes.filter((changes["agreed"] < changes["needs"]) & ~changes["rejected"]).height
    held = foretell(folder, run, accepted=True) if word == "accept" else None
    another = second(place, run, keys) if word == "accept" else None
    if as_json:
        done = {"run": run, "answer": word, "by": by, "changes": count, "left_out": spared, "still_needed": open_}
        done = done if word != "accept" else {**done, "another": document(another), "set_beside": own.changes}
        print_judged(done if held is None else {**done, "held": held.changes, "stops": held.stops}, place, run)
        return
    rest = f"; {open_} of {changes.height} still need somebody" if open_ else SENDS
    click.echo(f"{count} changes of {run}: {WORDS[word]} by {by}{rest if word != 'reject' else ''}")
    for line in told(another):
        click.echo(line)
    if spared:
        click.echo(f"{spared} left out: in a shop or on its way already, sent no more by this run, or rejected by somebody")
    if own.changes:
        click.echo(told_of(own, place.policy.currency, singly=keys is not None))
    for line in lines(held, folder, run, "en") if held is not None else []:
        click.echo(line)
    judged(place, run)
