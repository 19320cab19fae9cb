"""A writer that is killed: appends batches of intents and says which are confirmed. Run as `python -m tests.faults.ledger_writer`.

arguments  address, folder, name of the writer, rows in a batch
output     one line a confirmed batch: its number
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Act
from pricesmith.testing.ledger_rows import AT, intents


def main(address: str, folder: str, name: str, rows: str) -> None:
    books = open_books(address, Path(folder), Path(folder) / "ledger.key")
    for batch in itertools.count():
        frame = intents(*((f"{name}-{batch}-{row}", 1) for row in range(int(rows))))
        try:
            books.append(Act(AT, name, "queued", str(batch)), {"intents": frame})
        except LedgerError as error:
            sys.exit(error.line)
        sys.stdout.write(f"{batch}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:5])
