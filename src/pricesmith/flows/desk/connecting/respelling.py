"""A price file that was made with the wrong separator or decimal mark is written anew, and the settings of its shop with it."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.contracts.errors import UsageError
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading

from .feeds import Signs, shop_here
from .page import as_it_is, save


def respell(reading: Reading, name: str, wanted: Signs, *, by: str, at: dt.datetime) -> int:
    """The same rows and prices with other signs; returns how many prices were read of the new file.

    Raises UnknownChoice or UsageError where the shop is no file of the folder, ShopError where the file cannot be read as it is. Where
    anything fails the old file and the old settings stand.
    """
    one = shop_here(reading, name)
    after = {**one.options, "delimiter": wanted.delimiter, "decimal": wanted.decimal}
    if wanted.delimiter == "," == {"comma": ","}.get(wanted.decimal):
        raise UsageError("a comma cannot both separate columns and stand in prices", hint="separate columns by semicolons")
    file = wiring.feed_file(reading.folder / one.url, one.options)
    before = file.respell(after)
    try:
        return save(reading, as_it_is(name, msgspec.structs.replace(one, options=after)), by=by, at=at)
    except BaseException:
        file.restore(before)
        raise
