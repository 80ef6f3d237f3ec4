"""Make malformed files from valid ones and open each; run by `test_malformed` in its own process.

Prints one line of JSON a file: the kind, what was done to it, and how opening it ended.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import recording_files as files

SECONDS_EACH = 10
ADDRESS_SPACE = 6 << 30  # bytes; what the libraries map without touching counts too
HEADER = 1024  # bytes in which most formats say what follows


def flips(raw: bytes, rng: np.random.Generator, n: int, reach: int) -> bytes:
    out = np.frombuffer(raw, dtype=np.uint8).copy()
    where = rng.integers(min(reach, len(out)), size=n)
    np.bitwise_xor.at(out, where, (1 << rng.integers(8, size=n)).astype(np.uint8))
    return out.tobytes()


def digits(raw: bytes, rng: np.random.Generator, to: bytes, share: float) -> bytes:
    """Change some of the digits in the header."""
    head = bytearray(raw[:HEADER])
    for match in re.finditer(rb"\d", bytes(head)):
        if rng.random() < share:
            head[match.start() : match.end()] = to
    return bytes(head) + raw[HEADER:]


def window(raw: bytes, rng: np.random.Generator, fill: bytes, size: int) -> bytes:
    at = int(rng.integers(max(min(HEADER, len(raw)) - size, 1)))
    return raw[:at] + (fill * size)[:size] + raw[at + size :]


Damage = Callable[[bytes, np.random.Generator], bytes]
DAMAGES: dict[str, Damage] = {
    "empty": lambda raw, rng: b"",
    "one byte": lambda raw, rng: raw[:1],
    "cut in the header": lambda raw, rng: raw[: int(rng.integers(2, 200))],
    "cut at a quarter": lambda raw, rng: raw[: len(raw) // 4],
    "cut near the end": lambda raw, rng: raw[: len(raw) * 9 // 10],
    "last byte gone": lambda raw, rng: raw[:-1],
    "first bytes gone": lambda raw, rng: raw[10:],
    "junk after": lambda raw, rng: raw + rng.bytes(777),
    "one bit": lambda raw, rng: flips(raw, rng, 1, HEADER),
    "eight bits": lambda raw, rng: flips(raw, rng, 8, HEADER),
    "many bits": lambda raw, rng: flips(raw, rng, 64, HEADER),
    "eight bits anywhere": lambda raw, rng: flips(raw, rng, 8, len(raw)),
    "noise anywhere": lambda raw, rng: flips(raw, rng, max(len(raw) // 50, 1), len(raw)),
    "huge numbers": lambda raw, rng: digits(raw, rng, b"9", 0.5),
    "all nines": lambda raw, rng: digits(raw, rng, b"9", 1),
    "zeros": lambda raw, rng: digits(raw, rng, b"0", 0.5),
    "signs": lambda raw, rng: digits(raw, rng, b"-", 0.15),
    "letters": lambda raw, rng: digits(raw, rng, b"n", 0.15),
    "longer numbers": lambda raw, rng: digits(raw, rng, b"99999", 0.1),
    "ones": lambda raw, rng: window(raw, rng, b"\xff", 4),
    "many ones": lambda raw, rng: window(raw, rng, b"\xff", 64),
    "largest integer": lambda raw, rng: window(raw, rng, b"\xff\xff\xff\x7f", 8),
    "nothing": lambda raw, rng: window(raw, rng, b"\0", 32),
    "text": lambda raw, rng: window(raw, rng, b"nan ", 8),
    "a line twice": lambda raw, rng: raw[:200] + raw[:200] + raw[200:],
    "middle gone": lambda raw, rng: raw[:300] + raw[-300:],
}


def cases(folder: Path) -> Iterator[tuple[str, str, Path, float | None]]:
    """Give (kind, damage, file to open, rate to state) of each malformed file, one at a time."""
    for kind, make in files.EVERY.items():
        if kind in ("wfdb-24", "wfdb-61", "wfdb-160"):
            continue  # the same to a reader as 16, but for the numbers
        for damage, change in DAMAGES.items():
            place = folder / re.sub(r"\W", "_", f"{kind}-{damage}")
            place.mkdir()
            path = make(place)
            # A WFDB record is two files: now the header suffers, now the signals.
            parts = [path]
            if path.suffix == ".hea":
                parts += sorted(place.glob("*.dat"))[:1]
            for part in parts:
                rng = np.random.default_rng(zlib.crc32(f"{kind} {damage} {part.suffix}".encode()))
                valid = part.read_bytes()
                part.write_bytes(change(valid, rng))
                yield kind, f"{damage} ({part.suffix})", path, 250 if kind == "npy" else None
                part.write_bytes(valid)


def attempt(path: Path, fs_hz: float | None) -> tuple[str, str]:
    from ectopy.errors import EctopyError
    from ectopy.recordings.open import open_recording

    try:
        recording = open_recording(path, fs_hz=fs_hz)
        n = recording.n_samples
        pieces = [(0, n)] if n <= 100_000 else [(0, 1000), (n // 2, n // 2 + 1000), (n - 1000, n)]
        for start, stop in pieces:
            part = recording.read(start, stop)
            assert part.shape == (len(recording.leads), stop - start), part.shape
            assert part.dtype == np.float32
            assert not np.isinf(part).any()
        assert recording.fs_hz > 0
        assert len(set(recording.leads)) == len(recording.leads) > 0
    except EctopyError as error:
        return "error", str(error)
    except BaseException:
        return "BUG", traceback.format_exc()
    return "ok", f"{len(recording.leads)} x {recording.n_samples} at {recording.fs_hz:g} Hz"


def out_of_time(*_: object) -> None:
    raise TimeoutError(f"longer than {SECONDS_EACH} s")


def peak_mib() -> int:
    """Peak memory of this process; ru_maxrss would count the process that started it too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.signal(signal.SIGALRM, out_of_time)
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for kind, damage, path, fs_hz in cases(Path(folder)):
            if wanted and kind not in wanted:
                continue
            begin = time.perf_counter()
            signal.alarm(SECONDS_EACH)
            ended, said = attempt(path, fs_hz)
            signal.alarm(0)
            peak = peak_mib()
            line = {
                "kind": kind, "damage": damage, "folder": str(path.parent), "ended": ended,
                "said": said, "seconds": round(time.perf_counter() - begin, 3), "peak_mib": peak,
            }  # fmt: skip
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
