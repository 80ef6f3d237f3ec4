"""How quick and how safe the review application is: over HTTP, against a server of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, RemoteDisconnected
from pathlib import Path
from threading import Thread
from typing import Any, Final

import numpy as np

from ectopy.errors import EctopyError

SPANS_S: Final = (8.0, 60.0, 600.0, 3600.0, 86_400.0)
"""Lengths of the windows that are asked for, from a strip to a day."""
_COLUMNS: Final = 1200
_WAIT_S: Final = 3600.0


class Server:
    """A server in a process of its own, and one connection to it.

    Parameters
    ----------
    store : Path
        Its store.
    folder : Path
        The folder that it offers.
    """

    def __init__(self, store: Path, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "ectopy", "serve", str(folder), "--store", str(store)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = Client(self.port)
        for _ in range(1200):
            try:
                self.client.ask("GET", "/session")
                return
            except OSError:
                time.sleep(0.05)
        raise EctopyError("the server did not start within a minute")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it."""
        self.client.close()
        self.process.send_signal(how)
        self.process.wait()

    @property
    def memory_mib(self) -> float:
        """Resident memory, where the system tells it; else 0."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0.0
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kib) / 1024


class Client:
    """One connection, kept open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Send a request and give status and body."""
        try:
            return self._ask(method, path, body)
        except RemoteDisconnected:  # it was idle for long
            if method != "GET":
                raise
            return self._ask(method, path, body)

    def _ask(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        headers = {"X-Ectopy": "bench", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, f"/api/v1{path}", sent, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self._connection.close()
            raise

    def get(self, path: str) -> Any:
        """Give what an address tells."""
        status, content = self.ask("GET", path)
        if status != 200:
            raise EctopyError(f"{path} answered {status}: {content[:200]!r}")
        return json.loads(content)

    def close(self) -> None:
        """Let go."""
        self._connection.close()


@contextmanager
def served(store: Path, folder: Path) -> Iterator[Server]:
    """Start a server and stop it."""
    server = Server(store, folder)
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Times:
    """Milliseconds of one kind of request: the median, and the 95th percentile."""

    what: str
    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, what: str, seconds: list[float]) -> Times:
        """Sum up."""
        median, p95 = (1e3 * float(np.quantile(seconds, q)) for q in (0.5, 0.95))
        return cls(what, median, p95)


def analysed(server: Server, number: int = 0) -> tuple[str, float]:
    """Have a recording of the folder analysed; give its address, and how long it took in s."""
    begin = time.perf_counter()
    one = json.loads(server.client.ask("POST", f"/folder/{number}")[1])["id"]
    while time.perf_counter() < begin + _WAIT_S:
        told = server.client.get(f"/recordings/{one}")
        if told["state"] == "ready":
            return f"/recordings/{one}", time.perf_counter() - begin
        if told["state"] == "failed":
            raise EctopyError(told["message"])
        time.sleep(0.1)
    raise EctopyError("the analysis took more than an hour")


def first_strip(client: Client, at: str) -> float:
    """Give the seconds from a recording that is ready to all that its first strip needs."""
    begin = time.perf_counter()
    told = client.get(f"{at}/signal")
    client.ask("GET", f"{at}/window?start=0&stop={round(10 * told['fs_hz'])}&columns={_COLUMNS}")
    client.get(f"{at}/beats?start_s=0&stop_s=10")
    return time.perf_counter() - begin


def windows(client: Client, at: str, each: int, rng: np.random.Generator) -> list[Times]:
    """Time windows of several lengths, anywhere."""
    told = client.get(f"{at}/signal")
    fs_hz, n = told["fs_hz"], told["n_samples"]
    out, every = [], []
    for span in (span for span in SPANS_S if span <= max(told["duration_s"], SPANS_S[0])):
        taken = []
        for _ in range(each):
            start = int(rng.uniform(0, max(1.0, n - span * fs_hz)))
            path = f"{at}/window?start={start}&stop={start + round(span * fs_hz)}"
            begin = time.perf_counter()
            status, _ = client.ask("GET", f"{path}&columns={_COLUMNS}")
            taken.append(time.perf_counter() - begin)
            if status != 200:
                raise EctopyError(f"a window answered {status}")
        out.append(Times.of(f"window of {span:g} s", taken))
        every += taken
    return [*out, Times.of("window, all lengths", every)]


def edits(client: Client, at: str, n: int, rng: np.random.Generator) -> list[Times]:
    """Time edits, and the summary that follows each."""
    beats = client.get(f"{at}/beats?limit=10000")["beats"]
    made, told = [], []
    for i in range(n):
        beat = beats[int(rng.integers(len(beats)))]
        wanted = {"kind": "relabel", "samples": [beat["sample"]], "to": "NSVFQ"[i % 5]}
        begin = time.perf_counter()
        client.ask("POST", f"{at}/edits", {"edit": wanted})
        between = time.perf_counter()
        client.get(f"{at}/summary")
        made.append(between - begin)
        told.append(time.perf_counter() - between)
    return [Times.of("edit", made), Times.of("summary after it", told)]


def crowd(server: Server, at: str, clients: int, seconds: float) -> tuple[int, int, int]:
    """Have clients read and correct at once; give requests, errors, and edits that were lost."""
    beats = [b["sample"] for b in server.client.get(f"{at}/beats?limit=10000")["beats"]]
    before = server.client.get(f"{at}/edits?limit=1")["revision"]
    asked, errors, acknowledged = [0], [0], list[int]()
    end = time.monotonic() + seconds

    def work(seed: int) -> None:
        rng, own = np.random.default_rng(seed), Client(server.port)
        while time.monotonic() < end:
            sample = int(rng.choice(beats))
            edit = {"kind": "relabel", "samples": [sample], "to": str(rng.choice(list("NSV")))}
            for method, path, body in (
                ("GET", f"{at}/window?start={sample}&stop={sample + 5000}&columns=800", None),
                ("GET", f"{at}/beats.bin", None),
                ("POST", f"{at}/edits", {"edit": edit}),
            ):
                status, content = own.ask(method, path, body)
                asked[0] += 1
                errors[0] += status >= 400
                if status == 201:
                    acknowledged.append(json.loads(content)["edit"]["number"])
        own.close()

    threads = [Thread(target=work, args=(seed,)) for seed in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = server.client.get(f"{at}/edits?limit=1")["revision"] - before
    twice = len(acknowledged) - len(set(acknowledged))
    return asked[0], errors[0], len(acknowledged) - kept + twice


def killed(store: Path, folder: Path, at: str, times: int, rng: np.random.Generator) -> int:
    """Kill a server at random moments of a session; give the acknowledged edits that are kept.

    Raises
    ------
    EctopyError
        If one is lost, or the store does not open again.
    """
    acknowledged: dict[int, str] = {}
    for _ in range(times):
        server = Server(store, folder)
        beats = [b["sample"] for b in server.client.get(f"{at}/beats?limit=500")["beats"]]
        end = Thread(target=_kill_after, args=(server, float(rng.uniform(0.01, 1.0))))
        end.start()
        for edit in _corrections(beats, rng):
            try:
                status, content = server.client.ask("POST", f"{at}/edits", {"edit": edit})
                row = json.loads(content)["edit"] if status == 201 else None
            except (OSError, HTTPException, ValueError):
                break
            if row is not None:
                acknowledged[row["number"]] = row["digest"]
        end.join()
    with served(store, folder) as server:
        kept: dict[int, str] = {}
        after: int | None = 0
        while after is not None:
            page = server.client.get(f"{at}/edits?after={after}&limit=1000")
            kept |= {row["number"]: row["digest"] for row in page["edits"]}
            after = page["next"]
    lost = [number for number, digest in acknowledged.items() if kept.get(number) != digest]
    if lost:
        raise EctopyError(f"{len(lost)} acknowledged edits are lost, the first is {lost[0]}")
    return len(acknowledged)


def _corrections(beats: list[int], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    while True:
        yield {"kind": "relabel", "samples": [int(rng.choice(beats))], "to": "V"}


def _kill_after(server: Server, seconds: float) -> None:
    time.sleep(seconds)
    server.process.kill()
    server.process.wait()
