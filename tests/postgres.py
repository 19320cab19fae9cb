"""A real PostgreSQL for tests: its own folder, port and user, reached on this machine only, a direct child of the test process.

A direct child, because a server that was killed has to be waited for before its folder can be used again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

HOST = "localhost"
READY_SECONDS = 30.0
STILL_IN_USE = "is still in use"
"""What a server says that was started before the last process of the one before had ended."""
_USER = "postgres"


class AbsentError(Exception):
    """There is no PostgreSQL, and none can be installed; the text says why."""


class Server:
    """One server with its databases."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.port = _free_port()
        self.password = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None
        self._schemas = 0
        self._make_cluster()

    def start(self) -> float:
        """Start, and wait until it answers; returns the seconds that took."""
        begun = time.monotonic()
        settings = {"listen_addresses": HOST, "port": self.port, "unix_socket_directories": self.folder, "max_connections": 60}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [self.programs / "postgres", "-D", self.folder / "data", *words]
        said = len(self._log())
        self._spawn(command)
        while not self._answers():
            late = time.monotonic() - begun > READY_SECONDS
            ended = self.process is None or self.process.poll() is not None
            if ended and not late and STILL_IN_USE in self._log()[said:]:
                said = len(self._log())
                self._spawn(command)
            elif late or ended:
                raise AssertionError(f"PostgreSQL does not start: {self._log()[-3000:]}")
            time.sleep(0.01)
        return time.monotonic() - begun

    def _spawn(self, command: list[str | Path]) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder, **_identity())

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def kill(self) -> None:
        """End every process of the server at once, as a failing machine would; its workers lead groups of their own."""
        assert self.process is not None
        workers = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(word) for word in workers.read_text().split()] if workers.exists() else []
        os.killpg(self.process.pid, signal.SIGKILL)
        for worker in found:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.process.wait()

    def new_schema(self) -> str:
        """Name of a new, empty schema: a place for a ledger of its own, far cheaper to make than a database."""
        self._schemas += 1
        name = f"ledger_{self._schemas}"
        self.sql(f"CREATE SCHEMA {name}")
        return name

    def database(self, name: str) -> str:
        """A new database; its address in the form that other programs read."""
        self.sql(f"CREATE DATABASE {name}")
        return f"postgres://{_USER}:{self.password}@{HOST}:{self.port}/{name}"

    def address(self, schema: str = "public", user: str = _USER) -> str:
        return f"postgresql://{user}:{self.password}@{HOST}:{self.port}/{_USER}?options=-csearch_path%3D{schema}"

    def dump(self) -> bytes:
        """All that stands in the databases, as `pg_dump` writes it."""
        command = [str(self.programs / "pg_dump"), "--dbname", self.address()]
        return subprocess.run(command, capture_output=True, check=True, cwd=self.folder).stdout

    def sql(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        import psycopg

        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        import psycopg

        try:
            self.sql("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _make_cluster(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, _USER, _USER)
        command = [self.programs / "initdb", "-D", self.folder / "data", "-U", _USER, "-A", "scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(
            [*command, "-E", "UTF8", "--locale=C"], capture_output=True, text=True, cwd=self.folder, check=False, **_identity()
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running() -> Iterator[Server]:
    """A server for the length of the block. Raises AbsentError where there can be none."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="pricesmith-postgres-"))
    try:
        server = Server(folder, programs)
        server.start()
        try:
            yield server
        finally:
            if server.process is not None and server.process.poll() is None:
                server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def find_programs() -> Path:
    """Folder of `postgres` and `initdb`; installs the Debian package where that is possible."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise AbsentError("psycopg is not installed: pip install '.[postgres]'") from None
    found = _programs()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "capture_output": True, "check": False}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(command, timeout=600, **quiet)
        found = _programs()
    if found is None:
        raise AbsentError("PostgreSQL is not installed: apt-get install postgresql (as root this is tried by itself)")
    return found


def _programs() -> Path | None:
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _identity() -> dict[str, str]:
    """PostgreSQL refuses to run as root."""
    return {"user": _USER, "group": _USER} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
