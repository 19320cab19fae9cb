"""The command `pricesmith`: finds a command by name, runs it, and turns every failure into one line and an exit status.

0  done        1  data or policy is wrong, or the run could not be finished        2  wrong usage        130  stopped by the user
"""

from __future__ import annotations

import difflib
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence

import click

from pricesmith import __version__

COMMANDS = (
    *("demo", "init", "check", "fit", "predict", "price", "explain", "features", "backtest", "exam"),
    *(
        "runs",
        "approve",
        "reject",
        "override",
        "publish",
        "undo",
        "stop",
        "resume",
        "outcome",
        "audit",
        "certificate",
        "verify",
        "attest",
        "lower",
    ),
    *("connect", "pull", "watch", "work", "drill", "serve", "quotes"),
    *("people", "keys", "mcp"),
)
"""Commands in the order in which a new user meets them; each is one module of this package with a click command named `command`."""


class Lazy(click.Group):
    """A group whose commands are imported only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - named by click
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - named by click
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"pricesmith.apps.cli.{cmd_name}").command
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a command that there is not is told with those that look like it."""
        name = args[0] if args else ""
        near = difflib.get_close_matches(name, COMMANDS, n=2, cutoff=0.6)
        if name and name not in COMMANDS and not name.startswith("-") and near:
            ctx.fail(f"there is no command {name!r}; did you mean {' or '.join(near)}?")
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", prog_name="pricesmith", message="%(prog)s %(version)s")
@click.option("--trace", is_flag=True, help="Show where in the program a failure happened.")
def group(trace: bool) -> None:
    """From sales history to certified prices.

    A shop is a folder: shop.toml (what you want) and data/ (what happened). Start with

    \b
      pricesmith demo            a real shop, learned and priced, with a report
      pricesmith init myshop     an example folder to put your own data in
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the installed command."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(guarded(lambda: group.main(words, prog_name="pricesmith", standalone_mode=False), trace="--trace" in words))


def guarded(run: Callable[[], object], *, trace: bool = False) -> int:
    """Run, print failures as one line each on standard error, and return the exit status."""
    try:
        status = run()
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, click.Abort):
        complain("stopped")
        return 130
    except BaseException as error:
        if trace:
            raise
        return failure(error)


def failure(error: BaseException) -> int:
    """Say what failed in one line; the exit status it stands for."""
    from pricesmith.contracts.errors import PricesmithError

    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, PricesmithError):
        complain(error.line)
        return error.exit_status
    if isinstance(error, click.ClickException):
        complain(usage_line(error))
        return error.exit_code
    if isinstance(error, MemoryError):
        complain("not enough memory for this shop (free some, or price a part of the products: set `active` to 0 for the others)")
    elif isinstance(error, OSError) and error.filename is not None:
        complain(f"{error.filename}: {(error.strerror or 'cannot be used').lower()} (check the path, its permissions and the free space)")
    else:
        complain(unexpected(error))
    return 1


def usage_line(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    help_of = f" (see {context.command_path} --help)" if context is not None else ""
    return error.format_message().rstrip(".") + help_of


def unexpected(error: BaseException) -> str:
    """A fault of the program itself: what to report."""
    trail = error.__traceback__
    while trail is not None and trail.tb_next is not None:
        trail = trail.tb_next
    place = f" in {trail.tb_frame.f_globals.get('__name__', '?')}:{trail.tb_lineno}" if trail is not None else ""
    return (
        f"unexpected {type(error).__name__}: {error}{place} (a fault in pricesmith {__version__}: please report this line and the command; "
        "--trace before the command shows more)"
    )


def complain(text: str) -> None:
    """One failure, one line, on standard error."""
    click.echo("error: " + " ".join(text.split()), err=True)
