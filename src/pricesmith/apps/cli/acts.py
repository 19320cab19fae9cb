"""A command that lists, and has acts of its own: `pricesmith people DIR` and `pricesmith people DIR add NAME`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import click


class Acts(click.Group):
    """Options may follow DIR where no act does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_interspersed_args = not any(word in self.commands for word in args[1:])
        return super().parse_args(ctx, args)


def listed(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table of texts."""
    from pricesmith.apps.report.numbers import aligned

    return "\n".join(aligned([header, *rows], left=len(header)))


def seen(at: dt.datetime | None) -> str:
    from .recorded import moment

    return "never" if at is None else moment(at)
