"""A PostgreSQL server of its own for a test: in a folder of its own, a direct child, on this machine's own address."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.shops.processes import LOOPBACK, Child, MissingError, clean_env, free_port, run, tail

USER = "postgres"


@dataclass(frozen=True)
class Postgres:
    port: int
    sockets: Path
    programs: Path
    logs: Path

    def create(self, name: str) -> str:
        """A new database; its address."""
        command = [self.programs / "createdb", "-h", self.sockets, "-p", str(self.port), "-U", USER, name]
        run(command, self.logs / "createdb.log", cwd=self.logs, env=clean_env())
        return f"postgres://{USER}@{LOOPBACK}:{self.port}/{name}"


def programs() -> Path:
    """Folder of the newest PostgreSQL's programs; installed from Debian's package where there is none. Raises MissingError."""
    found = _found()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
            subprocess.run(command, env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
        found = _found()
    if found is None:
        raise MissingError(
            "real PostgreSQL: NOT RUN, it is not installed, and Debian's package `postgresql` cannot be (needs root and apt-get)"
        )
    return found


def _found() -> Path | None:
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists() and (path / "initdb").exists()]
    return max(folders, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), default=None)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start one, and stop it and remove its folder at the end."""
    bin_folder = programs()
    user = USER if os.geteuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="shops-under-test-"))
    data, logs = place / "data", place / "logs"
    try:
        place.chmod(0o755)
        for folder in (data, logs):
            folder.mkdir(mode=0o700)
            if user:
                owner = pwd.getpwnam(user)
                os.chown(folder, owner.pw_uid, owner.pw_gid)
        init = [bin_folder / "initdb", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-U", USER, "-D", data]
        _as(user, init, place)
        server = Postgres(free_port(), logs, bin_folder, place)
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(server.port),
            "unix_socket_directories": str(logs),
            "fsync": "off",
            "max_connections": "60",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        child = Child.start([bin_folder / "postgres", "-D", data, *words], place / "postgres.log", cwd=place, env=clean_env(), user=user)
        try:
            _wait(child, server)
            yield server
        finally:
            child.stop(signal.SIGINT)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _as(user: str | None, command: list[str | Path], place: Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=place, env=clean_env(), user=user, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr}")


def _wait(child: Child, server: Postgres, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    command = [str(server.programs / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(server.port)]
    while time.monotonic() < end and child.process.poll() is None:
        if subprocess.run(command, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{tail(child.log)}")
