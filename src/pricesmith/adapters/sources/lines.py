"""The structure of a CSV file: where its records start and end, on which line, and with how many fields.

Works on the bytes at once (no loop over rows). Quotes are read as RFC 4180 says: a field may be enclosed in `"`, a quote inside is doubled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_QUOTE, _COMMA, _NEWLINE, _RETURN = 34, 44, 10, 13


@dataclass(frozen=True, slots=True)
class Records:
    """Records of a CSV file, the header first.

    start, end  (r,) byte offsets of each record, its newline left out
    line        (r,) line on which each starts; the first line is 1
    fields      (r,) number of fields
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    line: NDArray[np.int64]
    fields: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def take(self, keep: NDArray[np.bool_]) -> Records:
        return Records(self.start[keep], self.end[keep], self.line[keep], self.fields[keep])


def split_records(data: bytes) -> Records | None:
    """Find the records of UTF-8 CSV bytes; blank lines are none. None where quotes do not follow RFC 4180."""
    codes = np.frombuffer(data, dtype=np.uint8)
    breaks, commas, quotes = (np.flatnonzero(codes == code) for code in (_NEWLINE, _COMMA, _QUOTE))
    ends = breaks
    if len(quotes):
        if not _well_formed(codes, quotes):
            return None
        ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        commas = commas[np.searchsorted(quotes, commas) % 2 == 0]
    if len(codes) and (not len(ends) or ends[-1] != len(codes) - 1):
        ends = np.append(ends, len(codes))
    starts = np.concatenate((np.zeros(min(1, len(ends)), dtype=np.int64), ends[:-1] + 1))
    line = np.searchsorted(breaks, starts, side="left") + 1
    fields = np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1
    trimmed = ends - ((ends > starts) & (codes[np.maximum(ends - 1, 0)] == _RETURN)) if len(ends) else ends
    return Records(starts, trimmed, line, fields).take(trimmed > starts)


def _well_formed(codes: NDArray[np.uint8], quotes: NDArray[np.int64]) -> bool:
    """Do quotes open only at the start of a field and close only at its end, doubled ones aside?"""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    border = np.zeros(256, dtype=bool)
    border[[_COMMA, _NEWLINE, _RETURN]] = True
    starts = (opening == 0) | border[codes[np.maximum(opening - 1, 0)]]
    starts[1:] |= opening[1:] == closing[:-1] + 1
    ends = (closing == len(codes) - 1) | border[codes[np.minimum(closing + 1, len(codes) - 1)]]
    ends[:-1] |= closing[:-1] + 1 == opening[1:]
    return bool(starts.all() and ends.all())
