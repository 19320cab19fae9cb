"""The service as a whole: new prices while it answers, a ledger that is lost under load (P15), and what it refuses to start with."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pricesmith.apps.cli.main import group, guarded
from pricesmith.apps.service.quotes import feed as feeding
from pricesmith.apps.service.quotes.connection import Connection, House
from pricesmith.apps.service.quotes.feed import Feed
from pricesmith.apps.service.quotes.keeper import Pulse, pulse
from pricesmith.apps.service.quotes.server import Settings, check_host, house_of, is_loopback
from pricesmith.contracts.accounts import Who
from pricesmith.contracts.errors import LedgerError, UsageError
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.quotes_kept import Keeper
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.ledger_rows import AT, DAY, made
from tests.quote_server import Client, Seen
from tests.unit.apps.quotes.test_answer import price as price_of

ACT = Act(AT, "anna", "did", "it")
PRICES = {f"P{number}": 1000 + number for number in range(300)}
PATIENCE = 0.3


class Shop:
    """A ledger that can be cut, its keeper, and the service, all in this process."""

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self.book, self.said, self.time = FakeLedger(), [], AT
        rows = [{"sku": sku, "channel": "web", "region": "DE", "current_price": price} for sku, price in PRICES.items()]
        self.book.append(ACT, {"runs": made("runs"), "decided": made("decided", *rows)})
        self.cut = False
        self.keeper = Keeper(folder, wiring.store(), opened=lambda: self.book, mark=self.mark, now=self.now)
        settings = Settings(folder, "localhost", 0, 100.0, patience, None, wiring.store(), GuardPolicy())
        self.answers, self.house = house_of(settings)
        self.feed = Feed(folder, wiring.store(), settings.guards, self.answers, self.said.append)

    def mark(self) -> object:
        if self.cut:
            raise LedgerError("cannot be read: the connection is cut", where="ledger")
        return 1

    def now(self) -> dt.datetime:
        self.time += dt.timedelta(seconds=30)
        return self.time

    async def keep(self) -> None:
        while True:
            await self.feed.hear(await asyncio.to_thread(pulse, self.keeper))
            await asyncio.sleep(0.05)

    def change(self, number: int) -> None:
        """Every price moves by one."""
        rows = [{"sku": sku, "channel": "web", "region": "DE", "price": price + number, "intent": None} for sku, price in PRICES.items()]
        self.book.append(ACT, {"applied": made("applied", *rows, cause="drift", at=AT + number * DAY)})


@contextlib.asynccontextmanager
async def listening(house: House) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(house), "localhost", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.real
def test_a_ledger_that_is_lost_under_load_leaves_every_answer_right_and_flags_it(tmp_path: Path) -> None:
    async def main() -> tuple[Seen, Seen, Seen]:
        shop = Shop(tmp_path)
        await shop.feed.hear(pulse(shop.keeper))
        async with listening(shop.house) as port:
            keeping = asyncio.create_task(shop.keep())
            client = Client(port, PRICES, pause=0.005)
            before = await client.run(0.5)
            shop.cut = True
            broken = await client.run(1.5)
            assert len(shop.said) == 1 and "cannot be read, prices are answered as last known" in shop.said[0]
            shop.cut = False
            await asyncio.sleep(0.5)
            after = await client.run(0.3)
            assert len(shop.said) == 2 and "is read again" in shop.said[1]
            keeping.cancel()
        return before, broken, after

    before, broken, after = asyncio.run(main())
    assert min(len(before.took), len(broken.took), len(after.took)) > 20
    assert all(before.right) and all(broken.right) and all(after.right)
    late = [stale for stale, came in zip(broken.stale, broken.came, strict=True) if came - broken.came[0] > PATIENCE + 0.5]
    assert late and all(late), "flagged once the ledger was not read for too long"


def test_new_prices_arrive_between_two_answers_whole(tmp_path: Path) -> None:
    async def main() -> None:
        shop = Shop(tmp_path)
        await shop.feed.hear(pulse(shop.keeper))
        keeping = asyncio.create_task(shop.keep())
        moves = set()
        for number in range(1, 4):
            shop.change(number)
            for _ in range(40):
                table = shop.answers.table
                assert table is not None
                seen = {price_of(table, sku.encode(), (b"web", b"DE")) - price for sku, price in PRICES.items()}
                assert len(seen) == 1, "never a part of an act"
                moves |= seen
                await asyncio.sleep(0.01)
        keeping.cancel()
        assert 3 in moves

    asyncio.run(main())


def test_what_was_kept_answers_at_once_and_flagged(tmp_path: Path) -> None:
    async def main() -> None:
        first = Shop(tmp_path)
        await first.feed.hear(pulse(first.keeper))
        again = Shop(tmp_path)
        again.cut = True
        assert await again.feed.take() and again.answers.table is not None and again.answers.late()
        await again.feed.hear(pulse(again.keeper))
        assert again.answers.late() and price_of(again.answers.table, b"P0", (b"web", b"DE")) == 1000

    asyncio.run(main())


def test_a_keeper_that_found_nothing_to_keep_is_no_good_news(tmp_path: Path) -> None:
    async def main() -> None:
        shop = Shop(tmp_path)
        await shop.feed.hear(Pulse(AT, good=True, fresh=True))
        assert shop.answers.heard is None and shop.answers.table is None

    asyncio.run(main())


def test_a_fault_of_the_keeper_is_told_and_ends_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.keeper.opened = lambda: 1 / 0  # type: ignore[assignment, return-value]
    found = pulse(shop.keeper)
    assert not found.good and found.what.startswith("unexpected ZeroDivisionError")


def test_a_keeper_that_ends_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop without settings: the process ends at once, every time."""

    async def main() -> None:
        shop = Shop(tmp_path)
        monkeypatch.setattr(feeding, "AGAIN", 0.0)
        started = 0

        async def once(self: Feed) -> None:
            nonlocal started
            started += 1
            if started == 3:
                raise asyncio.CancelledError

        monkeypatch.setattr(Feed, "_one_keeper", once)
        with contextlib.suppress(asyncio.CancelledError):
            await shop.feed.run()
        assert started == 3

    asyncio.run(main())


@pytest.mark.parametrize("fails", [False, True])
def test_the_accounts_are_asked_in_a_thread(tmp_path: Path, fails: bool) -> None:
    def who(key: str) -> Who | None:
        if fails:
            raise LedgerError("cannot be read")
        return Who("anna", frozenset({"quote"}), "key", key) if key == "ps_good" else None

    async def main() -> None:
        answers, house = house_of(Settings(tmp_path, "localhost", 0, 5.0, 30.0, who, wiring.store(), GuardPolicy()))
        assert answers.keys is not None and answers.hosts is None
        for key in (b"Bearer ps_good", b"Bearer ps_bad"):
            question = house.about(key)
            assert question is not None and house.about(key) is question
            await question
            assert answers.keys.knows(key)
        if not fails:
            assert answers.keys.bucket(b"Bearer ps_good", answers.steady()) is not None

    asyncio.run(main())


def test_only_this_machine_without_accounts() -> None:
    assert is_loopback("localhost") and is_loopback("::1") and not is_loopback("no such host") and not is_loopback("::")
    check_host("localhost", open_=True)
    check_host("::", open_=False)
    with pytest.raises(UsageError, match="nobody has an account"):
        check_host("::", open_=True)


def ended(*words: str) -> int:
    return guarded(lambda: group.main(["quotes", *words], prog_name="pricesmith", standalone_mode=False))


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(str(tmp_path)) == 1 and "there is no shop.toml" in capsys.readouterr().err
    (tmp_path / "shop.toml").write_text('currency = "EUR"\n')
    assert ended(str(tmp_path)) == 1 and "ledger.db: cannot be read: no such file" in capsys.readouterr().err
    wiring.ledger_of(tmp_path, Policy(currency="EUR"))
    assert ended(str(tmp_path), "--host", "::") == 2 and "nobody has an account" in capsys.readouterr().err
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        assert ended(str(tmp_path), "--port", str(taken.getsockname()[1])) == 2
    said = capsys.readouterr().err
    assert "cannot be listened on" in said and said.count("\n") == 1
