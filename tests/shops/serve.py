"""A real Vendure and a real Medusa for trying things out: `make shops`. Both end with this process."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

from tests.postgres import AbsentError, running
from tests.shops.medusa import medusa
from tests.shops.processes import MissingError
from tests.shops.vendure import vendure

SECTIONS = """
Both have 200 variants and prices that contain tax. Sections for a shop.toml, and the secrets:

[shop.vendure]
platform = "vendure"
url = "{vendure}/admin-api"
currency = "USD"
tax = "gross"
options = {{ cost_field = "costPrice" }}

[shop.medusa]
platform = "medusa"
url = "{medusa}"
currency = "EUR"
tax = "gross"
options = {{ cost_field = "cost" }}

export PRICESMITH_SECRET_VENDURE={vendure_key}
export PRICESMITH_SECRET_MEDUSA={medusa_key}

Ctrl-C stops both.
"""


def main() -> int:
    """Start both, say how to reach them, and wait for Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            say("starting PostgreSQL, Vendure and Medusa; the first time they are installed, which takes some minutes")
            database = stack.enter_context(running())
            first, second = stack.enter_context(vendure(database)), stack.enter_context(medusa(database))
            say(SECTIONS.format(vendure=first.url, medusa=second.url, vendure_key=first.key, medusa_key=second.key))
            signal.pause()
    except (AbsentError, MissingError) as missing:
        say(str(missing))
        return 1
    except KeyboardInterrupt:
        say("stopped")
    return 0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
