"""What of a run waits in another one: only what enough people stand behind is ready there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.elsewhere import Elsewhere, elsewhere, ready_too
from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.answering import answer
from tests.desk.place import Place, overridden, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def accept(desk: Place, by: str) -> None:
    """Each by its name, also the one in whose place somebody set another price."""
    reading = desk.desk.reading
    keys = [Key(*row) for row in reading.run(desk.run).changes.select(KEY).iter_rows()]
    answer(reading.book, desk.run, "accept", by=by, at=reading.now(), policy=reading.policy, keys=keys, singly=True)


@pytest.mark.real
@pytest.mark.parametrize("what", ["two_people_move = 0.20 ", "two_people_products = "])
def test_a_price_that_needs_two_people_is_not_ready_elsewhere_after_one(desk: Place, what: str) -> None:
    reading, other = desk.desk.reading, overridden(desk, "anna")
    changes = reading.run(desk.run).changes
    path = desk.folder / "shop.toml"
    text = path.read_text(encoding="utf-8")
    limit = f"{changes['move'].abs().median()} " if "move" in what else f"{changes.height - 1} # "
    assert text.count(what) == 1
    path.write_text(text.replace(what, f"{what.partition('=')[0]}= {limit}"), encoding="utf-8")

    def found() -> dict[Key, list[Elsewhere]]:
        keys = [Key(*row) for row in changes.select(KEY).iter_rows()]
        return {key: told for key in keys if (told := elsewhere(reading, other, key, reading.now()))}

    def ready() -> dict[Key, list[Elsewhere]]:
        table = standing(reading, reading.run(desk.run), reading.now()).join(changes.select(*KEY, "price"), on=KEY)
        rows = table.filter(table["state"] == "ready").select(*KEY, "price").iter_rows()
        return {Key(*row[:-1]): [Elsewhere(desk.run, row[-1])] for row in rows}

    assert found() == {}
    accept(desk, "ben")
    assert found() == ready() and (0 < len(ready()) < changes.height if "move" in what else not ready())
    accept(desk, "carl")
    assert found() == ready() and len(ready()) == changes.height
    (too,) = ready_too(reading, reading.run(other), reading.now())
    assert (too.run, too.changes, too.later) == (desk.run, 1, False) and set(too.products) <= set(changes["sku"])
