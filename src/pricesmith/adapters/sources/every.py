"""All sources of a shop folder as one: each table comes from the one that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import Filed, RawTable, Source
from pricesmith.contracts.tables import Table


class EverySource:
    """The tables of a shop folder.

    folder   the shop folder;  sources  what makes each source of it, by name
    Raises DataError where a source cannot be made.
    """

    def __init__(self, folder: Path, sources: Mapping[str, Callable[[Path], Source]]) -> None:
        self.folder, self.sources = folder, {name: make(folder) for name, make in sources.items()}

    def read(self, table: Table) -> RawTable | None:
        """The raw rows of a table; None where no source has it. Raises DataError where two have it: neither would be the whole."""
        found = {name: raw for name, source in self.sources.items() if (raw := source.read(table)) is not None}
        if len(found) > 1:
            what = f"the table {table.name} comes from several sources: {', '.join(found)}"
            raise DataError(what, where=str(self.folder), hint="keep it in one of them")
        return next(iter(found.values()), None)

    def files(self, table: Table) -> list[Path]:
        """The files that hold a table, as far as sources keep tables in files."""
        return [file for source in self.sources.values() if isinstance(source, Filed) for file in source.files(table)]
