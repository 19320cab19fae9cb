"""Processes of real shops: started on this machine's own address, watched, and ended by their ids."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

LOOPBACK = str(ipaddress.IPv4Address(socket.INADDR_LOOPBACK))
NEEDED = ("node", "npm")


class MissingError(Exception):
    """What this machine lacks for a real shop, in words for people."""


def cache() -> Path:
    """Folder outside the repository that keeps what npm installed: PRICESMITH_SHOPS, or below the user's cache."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(os.environ.get("PRICESMITH_SHOPS") or Path(home) / "pricesmith" / "shops")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def npm_install(name: str, packages: Sequence[str]) -> Path:
    """A folder whose `node_modules` holds these packages; installed once, without their install scripts. Raises MissingError."""
    for program in NEEDED:
        if shutil.which(program) is None:
            raise MissingError(f"real {name}: NOT RUN, {program} is not on this machine (Node.js 20 or newer)")
    folder = cache() / name
    folder.mkdir(exist_ok=True)
    stamp, wanted = folder / "installed.txt", "\n".join(packages)
    with locked(folder / "lock"):
        if not stamp.exists() or stamp.read_text() != wanted:
            (folder / "package.json").write_text('{"name":"shop-under-test","private":true}')
            command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *packages]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False, stdin=subprocess.DEVNULL)
            if done.returncode:
                raise MissingError(f"real {name}: NOT RUN, npm cannot install it: {done.stderr.strip()[-400:]}")
            stamp.write_text(wanted)
    return folder


def run(command: Sequence[str | Path], log: Path, *, cwd: Path, env: Mapping[str, str], timeout: float = 600.0) -> None:
    """Run a command to its end; its output goes to a log, whose end is shown where it fails."""
    with log.open("ab") as output:
        words = [str(word) for word in command]
        done = subprocess.run(
            words, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=timeout, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}:\n{tail(log)}")


def tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])


@dataclass
class Child:
    """A server that was started here, in a process group of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @staticmethod
    def start(command: Sequence[str | Path], log: Path, *, cwd: Path, env: Mapping[str, str], user: str | None = None) -> Child:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
            )
        return Child(process, log)

    def wait_for(self, url: str, seconds: float = 300.0) -> None:
        """Until the address answers 200; RuntimeError with the log's end where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(url, timeout=5.0, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"{url} did not answer:\n{tail(self.log)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait; what is left of its own group after 8 seconds is killed."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(8.0)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def clean_env(**more: str) -> dict[str, str]:
    """The environment of a shop: what programs need to start, and no telemetry."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "NODE_ENV": "production",
        "VENDURE_DISABLE_TELEMETRY": "true",
        "MEDUSA_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "NODE_OPTIONS": "--max-old-space-size=1024",
        **more,
    }
