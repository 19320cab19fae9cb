"""`pricesmith verify`: is a certificate true?"""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command(name="verify", short_help="Compute a certificate again.", epilog="Example:  pricesmith verify myshop A001.json")
@options.folder
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", metavar="HEX", help="Public key that must have signed it; the ledger's own where left out.")
def command(folder: Path, file: Path, key: str | None) -> None:
    """Check the signature of a certificate, and compute its price again from the ledger of DIR. Exit status 1 where anything differs."""
    import json

    from pricesmith.contracts.errors import DataError
    from pricesmith.flows import wiring
    from pricesmith.flows.publishing.history.certificate import FORMAT, canonical, recompute
    from pricesmith.flows.publishing.office import office

    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise DataError("is no JSON document", where=str(file), hint="`pricesmith certificate` writes one") from None
    place = office(folder)
    for document in read if isinstance(read, list) else [read]:
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise DataError("is no certificate", where=str(file), hint=f"its format must be {FORMAT!r}")
        expected = key or wiring.signer_of(folder).key
        wrong = [] if document.get("key") == expected else ["it was signed with another key"]
        wrong += (
            []
            if wiring.is_signed(canonical(document), str(document.get("signature")), str(document.get("key")))
            else ["the signature does not fit"]
        )
        wrong += recompute(place.book, document)
        if wrong:
            raise DataError("; ".join(wrong), where=str(file), hint="the certificate, the ledger or the program was changed")
        sku, price = document["decision"]["sku"], document["decision"]["price"]
        click.echo(f"true: {sku} at {price} minor units in run {document['run']}, computed again bit for bit")
