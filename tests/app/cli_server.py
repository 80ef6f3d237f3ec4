"""A server as users start it: `ectopy serve`, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx


@dataclass
class Running:
    """Where it is, and what it said: the first lines at once, the rest when it has ended."""

    address: str
    lines: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)


@contextmanager
def running(store: Path, *options: str, readers: int = 0) -> Iterator[Running]:
    """Start a server, wait until it answers, stop it as Ctrl-C does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "ectopy", "serve", "--store", str(store)]
    with subprocess.Popen(
        [*command, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        found = Running(f"http://127.0.0.1:{port}")
        assert process.stdout is not None
        try:
            found.lines += [process.stdout.readline().rstrip("\n") for _ in range(2 + readers)]
            for line in found.lines[2:]:
                name, _, address = line.partition(": ")
                found.tokens[name] = address.partition("#token=")[2]
            for _ in range(300):
                try:
                    httpx.get(f"{found.address}/api/v1/session")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            yield found
        finally:
            process.send_signal(2)
            said, _ = process.communicate(timeout=30)
            found.lines += said.splitlines()
    assert process.returncode == 0, found.lines
