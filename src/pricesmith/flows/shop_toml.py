"""shop.toml as it stands: its text, and the few words of it that throwing a switch needs, without the rules, which take time to load."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pricesmith.contracts.errors import PolicyError

OPEN = "# not answered yet: currency, tax, period, margin, largest move and endings are examples; remove this line once they are meant"
"""Line of a shop.toml that the guide began and nobody has answered for: nothing is priced while it stands there."""
UNANSWERED = "nobody has said yet what this shop wants: currency, tax, period of a row, margin, largest move and price endings"
"""Why nothing is priced."""
_OPEN = re.compile(r"^# not answered yet:.*\n?", re.MULTILINE)


def answered(text: str) -> bool:
    """Whether somebody has said what the shop wants: all of a shop.toml that people wrote, one of the guide once it was answered."""
    return _OPEN.search(text) is None


def with_answer(text: str) -> str:
    return _OPEN.sub("", text)


def text_of(folder: Path) -> str:
    """The text of a shop folder's shop.toml. Raises PolicyError where there is none."""
    path = folder / "shop.toml"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PolicyError("there is no shop.toml", where=str(path), hint="`pricesmith init DIR` writes a commented example") from None
    except UnicodeDecodeError as error:
        raise PolicyError(f"is not UTF-8 text (byte {error.start})", where=str(path), hint="save it as UTF-8") from None


def document_of(folder: Path) -> dict[str, Any]:
    """shop.toml as a plain document; nothing of it is checked, so that a wrong rule does not stand in the way. Raises PolicyError."""
    try:
        return tomllib.loads(text_of(folder))
    except tomllib.TOMLDecodeError as error:
        hint = "mend it, or name the ledger in the environment: PRICESMITH_LEDGER"
        raise PolicyError(f"not valid TOML: {error}", where=str(folder / "shop.toml"), hint=hint) from None
