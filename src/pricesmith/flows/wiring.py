"""The only place that names real adapters, and the only one that asks for the time, the environment and the machine."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pricesmith
from pricesmith.contracts.errors import LedgerError, ShopError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from pricesmith.adapters.shops._feed_file import FeedFile
    from pricesmith.adapters.sources.every import EverySource
    from pricesmith.contracts.accounts import Accounts
    from pricesmith.contracts.durable import Durable, Job
    from pricesmith.contracts.ledger import Books, Signer
    from pricesmith.contracts.policy import Policy
    from pricesmith.contracts.protocols import Store
    from pricesmith.contracts.publishing import ShopPolicy
    from pricesmith.contracts.shop import Platform, Shop
    from pricesmith.contracts.signing_in import Provider
    from pricesmith.contracts.webhooks import Sender, WebhookPolicy

LEDGER_VARIABLE = "PRICESMITH_LEDGER"
KEY_VARIABLE = "PRICESMITH_LEDGER_KEY"
SECRET_VARIABLE = "PRICESMITH_SECRET_"
PASSWORD_VARIABLE = "PRICESMITH_PASSWORD"
Facts = TypeVar("Facts")


def source_of(folder: Path) -> EverySource:
    """Where the tables of a shop folder come from."""
    from pricesmith.adapters.sources import SOURCES
    from pricesmith.adapters.sources.every import EverySource

    return EverySource(folder, SOURCES)


def clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def entropy() -> int:
    """A seed for jitter."""
    return secrets.randbits(64)


def worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def pause(seconds: float) -> None:
    time.sleep(seconds)


def ledger_of(folder: Path, policy: Policy) -> Books:
    """The ledger of a shop: what PRICESMITH_LEDGER names, else `ledger` of its shop.toml, else the file `ledger.db` in its folder."""
    return ledger_at(folder, policy.ledger)


def ledger_at(folder: Path, named: str) -> Books:
    """The same with no more of the settings than that name, which may be empty."""
    from pricesmith.adapters.ledgers.books import open_books

    return open_books(_address(named), folder, _key(folder))


def ledger_named() -> bool:
    """Whether the environment names the ledger, so that shop.toml need not be read for it."""
    return bool(os.environ.get(LEDGER_VARIABLE))


def _address(named: str) -> str:
    return os.environ.get(LEDGER_VARIABLE) or named or "ledger.db"


def ledger_mark(folder: Path, policy: Policy) -> object:
    """What tells the ledger of a shop from another file put in its place. Raises LedgerError where its file is not there."""
    address = _address(policy.ledger)
    if "://" in address:
        return address
    try:
        found = (folder / address).stat()
    except OSError as error:
        reason = (error.strerror or "cannot be found").lower()
        hint = "restore the ledger from a copy; `audit --verify` says more"
        raise LedgerError(f"cannot be read: {reason}", where=str(folder / address), hint=hint) from None
    return found.st_dev, found.st_ino


def store() -> Store:
    """Where tables are kept beside a shop's files."""
    from pricesmith.adapters.stores.arrow import ArrowStore

    return ArrowStore()


def accounts_of(folder: Path, policy: Policy) -> Accounts:
    """People, sessions, keys and what is kept for them, in the database of the ledger."""
    from pricesmith.adapters.accounts.opening import open_accounts

    return open_accounts(_address(policy.ledger), folder, pause)


def password_given() -> str | None:
    """The password that the environment brings, for commands that nobody sits at."""
    return os.environ.get(PASSWORD_VARIABLE) or None


def durable_of(folder: Path, policy: Policy, jobs: Mapping[str, Job]) -> AbstractContextManager[Durable]:
    """What runs jobs that outlive a process: DBOS on the ledger's database where it is installed, else this process alone."""
    if not outlives():
        from pricesmith.adapters.durable.inline import Inline

        return nullcontext(Inline(jobs, pause))
    from pricesmith.adapters.durable.through_dbos import ThroughDbos

    address = _address(policy.ledger)
    return ThroughDbos(address if "://" in address else f"sqlite:///{(folder / address).resolve()}", jobs)


def outlives() -> bool:
    """Whether what runs jobs here goes on with those that a process left unfinished."""
    from importlib.util import find_spec

    return find_spec("dbos") is not None


def signer_of(folder: Path) -> Signer:
    """Who signs checkpoints and certificates of a shop: the key file that PRICESMITH_LEDGER_KEY names, else `ledger.key` in the folder."""
    from pricesmith.adapters.ledgers.signing import signer_at

    return signer_at(_key(folder))


def _key(folder: Path) -> Path:
    return folder / (os.environ.get(KEY_VARIABLE) or "ledger.key")


def is_signed(data: bytes, signature: str, key: str) -> bool:
    """Whether the holder of a public key signed these bytes."""
    from pricesmith.adapters.ledgers.signing import is_signed as checked

    return checked(data, signature, key)


def shop_of(folder: Path, name: str, settings: ShopPolicy, rng: np.random.Generator, waits: Callable[[float], None]) -> Shop:
    """The shop of a section [shop.NAME]. A file is looked for in the shop folder.

    waits  told how many seconds the shop asks to be left alone, where a long reading waits for it
    """
    import msgspec

    from pricesmith.adapters.shops import SHOPS
    from pricesmith.adapters.shops._understood import understood
    from pricesmith.contracts.shop import Surroundings

    platform = SHOPS.pick(settings.platform, where=f"shop.toml $.shop.{name}.platform")
    secret = secret_of(name, settings) if platform.secret else ""
    if settings.url and "://" not in settings.url:
        settings = msgspec.structs.replace(settings, url=str(folder / settings.url))
    return understood(platform.open(settings, secret, Surroundings(clock, time.sleep, rng, waits=waits)), name)


def feed_file(path: Path, options: Mapping[str, Any]) -> FeedFile:
    """A CSV feed as a file. options: of its section [shop.NAME]"""
    from pricesmith.adapters.shops._feed_file import FeedFile

    return FeedFile(path, options)


def platforms() -> Mapping[str, Platform]:
    """Every kind of shop by its name."""
    from pricesmith.adapters.shops import SHOPS

    return SHOPS


def tells_orders(settings: ShopPolicy) -> bool:
    """Whether the platform of a section [shop.NAME] tells its orders."""
    from pricesmith.adapters.shops import SHOPS

    return SHOPS.pick(settings.platform, where="shop.toml $.shop").capability.orders


def secret_of(name: str, settings: ShopPolicy) -> str:
    """The secret of a shop, from the environment or the keyring. Raises ShopError that says where to put it, never what it is."""
    return _secret(secret_name(name, settings), f"shop {name}")


def secret_name(name: str, settings: ShopPolicy) -> str:
    """The variable, or the entry of the keyring, in which the secret of a shop is looked for."""
    return settings.secret or SECRET_VARIABLE + _spelled(name)


def webhook_secret(name: str, settings: WebhookPolicy) -> str:
    """With what the messages of a webhook are signed; kept and asked for as that of a shop."""
    return _secret(settings.secret or f"{SECRET_VARIABLE}WEBHOOK_{_spelled(name)}", f"webhook {name}")


def provider_of(policy: Policy) -> Provider | None:
    """Who signs people in beside passwords, None where [desk.oidc] names nobody. Raises UsageError where what it needs is not installed."""
    settings = policy.desk.oidc
    if settings is None:
        return None
    try:
        from pricesmith.adapters.oidc.provider import OidcProvider
    except ImportError:
        raise UsageError("signing in through a provider needs Authlib", hint="pip install '.[oidc]' in the clone") from None
    return OidcProvider(settings, _secret(settings.secret or f"{SECRET_VARIABLE}OIDC", "desk.oidc"))


def webhook_sender() -> Sender:
    """What asks addresses of others."""
    from pricesmith.adapters.webhooks.sender import PublicSender

    return PublicSender()


def webhook_host(url: str) -> str:
    """The host of an address that may be told. Raises UsageError for one that may not."""
    from pricesmith.adapters.webhooks.public import target

    return target(url).host


def _spelled(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.upper())


def _secret(variable: str, where: str) -> str:
    found = os.environ.get(variable) or _kept(variable)
    if not found:
        hint = f"set {variable} in the environment, or `keyring set pricesmith {variable}`"
        raise ShopError("its secret is not there", where=where, hint=hint)
    return found


def _kept(variable: str) -> str | None:
    """The secret in the machine's keyring; None where there is none, or no keyring."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        return keyring.get_password("pricesmith", variable)
    except keyring.errors.KeyringError:
        return None


def known_at(folder: Path) -> dict[str, dt.datetime | None]:
    """When the files were last written from which costs, competitors' offers, stock, and all are read: until then they are true."""
    from pricesmith.contracts.tables import INPUT

    source = source_of(folder)
    written = {name: [file.stat().st_mtime for file in source.files(table)] for name, table in INPUT.items()}
    latest = {name: dt.datetime.fromtimestamp(max(times), dt.UTC) if times else None for name, times in written.items()}
    own = {"cost_at": latest["costs"] or latest["products"], "competitor_at": latest["competitor_prices"], "stock_at": latest["stock"]}
    return own | {"files_at": max((time for time in latest.values() if time is not None), default=None)}


def files_of(folder: Path) -> dict[str, dict[str, object]]:
    """What a shop is read from as it stands now: name within the folder -> bytes, and written (UTC)."""
    from pricesmith.contracts.tables import INPUT

    source = source_of(folder)
    paths = [folder / "shop.toml", *(file for table in INPUT.values() for file in source.files(table))]
    stats = {path.relative_to(folder).as_posix(): path.stat() for path in paths if path.is_file()}
    return {
        name: {"bytes": stat.st_size, "written": dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC).isoformat()}
        for name, stat in stats.items()
    }


def of_table(files: Mapping[str, Facts], table: str) -> dict[str, Facts]:
    """Those of `files_of` that hold a table: one file of its name, or a folder of them."""
    return {name: told for name, told in files.items() if name.startswith((f"data/{table}.", f"data/{table}/"))}


def newest(files: Mapping[str, Mapping[str, object]], *tables: str) -> dt.datetime | None:
    """When the last file of these tables was written; None where there is none. files: of `files_of`"""
    moments = (dt.datetime.fromisoformat(str(told["written"])) for table in tables for told in of_table(files, table).values())
    return max(moments, default=None)


def raw_lines(folder: Path, file: str, lines: Iterable[int]) -> dict[int, str]:
    """Rows of a file below data/ as they stand there, by their line."""
    from pricesmith.adapters.sources.raw_lines import raw_lines as lines_of

    path = (folder / file).resolve()
    return lines_of(path, lines) if path.is_relative_to((folder / "data").resolve()) else {}


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Version, and SHA-256 over the package's own source files, migrations among them: what attestation compares."""
    home = Path(pricesmith.__file__).parent
    total = hashlib.sha256()
    for file in sorted(file for ending in ("*.py", "*.sql") for file in home.rglob(ending)):
        total.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{pricesmith.__version__}+{total.hexdigest()[:16]}"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time changes the settings of a shop folder, of all processes on this machine."""
    import fcntl

    with (folder / ".shop.toml.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_text(path: Path, text: str) -> None:
    """Write a whole file or nothing; it is on the disk when this returns."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_csv(path: Path, table: pl.DataFrame) -> None:
    """Write a whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        table.write_csv(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
