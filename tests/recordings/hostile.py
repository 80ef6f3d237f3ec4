"""Small files that ask for much, and names that are no files; run by `test_budget` by itself.

Each is analyzed to the last output under limits of time and memory. Prints one line of JSON each.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import recording_files as files

PROCESSOR_S = 15
WAITED_S = 120  # for what waits and does nothing, as at a pipe
ADDRESS_SPACE = 6 << 30  # bytes; what the libraries map without touching counts too
FS_HZ = files.FS_HZ
Maker = Callable[[Path], "Path | str"]


def beats(seconds: int = 20) -> np.ndarray:
    """Whole ADC units of two leads that show beats, shape (2, n)."""
    return files.digital(seconds)


def wfdb_parts(folder: Path, lines: str, promised: int, n_lines: int) -> Path:
    import wfdb

    wfdb.wrsamp(
        "p", fs=FS_HZ, units=["mV"] * 2, sig_name=list(files.LEADS), d_signal=beats().T,
        fmt=["16"] * 2, adc_gain=[files.GAIN] * 2, baseline=[0] * 2, write_dir=str(folder),
    )  # fmt: skip
    (folder / "many.hea").write_text(f"many/{n_lines} 2 {FS_HZ} {promised}\n{lines}")
    return folder / "many.hea"


def weeks(folder: Path) -> Path:
    n, gap = 20 * FS_HZ, 42 * 86_400 * FS_HZ
    return wfdb_parts(folder, f"p {n}\n~ {gap}\np {n}\n", 2 * n + gap, 3)


def edf_weeks(folder: Path, *, every_s: float, n_records: int) -> Path:
    """EDF+D whose data records of 20 s come far apart."""
    path = folder / "weeks.edf"
    row = np.rint(beats()[0] / files.GAIN * 1000).astype("<i2").tobytes()  # in uV
    samples, track = len(row) // 2, 16

    def fields(*values: object, width: int) -> bytes:
        return b"".join(str(value).encode().ljust(width) for value in values)

    head = fields("0", width=8) + fields("X X X X", "Startdate 06-MAY-2024 X X X", width=80)
    head += b"06.05.2409.30.00" + fields(256 * 3, width=8) + fields("EDF+D", width=44)
    head += fields(n_records, 20, width=8) + fields(2, width=4)
    head += fields("ECG II", "EDF Annotations", width=16) + fields("", "", width=80)
    head += fields("uV", "", width=8) + fields(-32768, -1, width=8) + fields(32767, 1, width=8)
    head += fields(-32768, -32768, width=8) + fields(32767, 32767, width=8)
    head += fields("", "", width=80) + fields(samples, track, width=8) + fields("", "", width=32)
    records = [
        row + f"+{round(i * every_s)}\x14\x14\0".encode().ljust(2 * track, b"\0")
        for i in range(n_records)
    ]
    path.write_bytes(head + b"".join(records))
    return path


def edf_with(folder: Path, field: int, value: bytes) -> Path:
    """EDF whose first signal has another physical or digital limit (0 to 3)."""
    path = files.edf(folder)
    raw = bytearray(path.read_bytes())
    at = 256 + 3 * (16 + 80 + 8) + 3 * 8 * field
    raw[at : at + 8] = value.ljust(8)
    path.write_bytes(raw)
    return path


def npz_that_unpacks_to(folder: Path, size: int) -> Path:
    """An archive whose directory says how much is in it."""
    np.savez_compressed(folder / "a.npz", signal=np.zeros(1000), fs=FS_HZ)
    raw = bytearray((folder / "a.npz").read_bytes())
    at = raw.index(b"PK\x01\x02")  # the first entry of the directory: signal.npy
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    (folder / "a.npz").write_bytes(raw)
    return folder / "a.npz"


def npz_beside(folder: Path) -> Path:
    """A short signal beside 64 MiB of something else, which must not be unpacked."""
    path = folder / "a.npz"
    np.savez_compressed(path, signal=files.millivolts(20), fs=FS_HZ, other=np.zeros(1 << 23))
    return path


def matlab_bomb(folder: Path) -> Path:
    """300 kB of MATLAB that unpack to 300 MB of zeros."""
    from scipy.io import savemat

    path = folder / "a.mat"
    savemat(path, {"ecg": np.zeros(38_000_000), "fs": FS_HZ}, do_compression=True)
    return path


def matlab73_bomb(folder: Path) -> Path:
    """Chunks of zeros that are not even stored."""
    import h5py

    path = folder / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("ecg", shape=(1 << 30, 2), dtype="f8", chunks=(1 << 16, 2))
        file["fs"] = [[float(FS_HZ)]]
    return path


def scp_of_days(folder: Path) -> Path:
    import scp_files

    made = scp_files.Scp(beats(), files.LEADS, promised=[4_000_000_000, 5000])
    return scp_files.write(folder / "a.scp", made)


def hours_in_a_line(folder: Path) -> Path:
    """A lead of four hours as one line."""
    path = folder / "hours.txt"
    line = " ".join(f"{x / files.GAIN:g}" for x in beats()[0])
    with path.open("w") as stream:
        stream.write(f"fs: {FS_HZ} Hz\nII: ")
        for _ in range(720):
            stream.write(line + " ")
    return path


def npz_of_objects(folder: Path) -> Path:
    np.savez(folder / "a.npz", signal=np.array([print, 1], dtype=object), fs=FS_HZ)
    return folder / "a.npz"


def dicom_bomb(folder: Path) -> Path:
    """A deflated DICOM file of 300 kB that unpacks to 300 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    uid = b"1.2.840.10008.1.2.1.99"
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid
    head = bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta)) + meta
    (folder / "a.dcm").write_bytes(head + block * 300 + packer.flush())
    return folder / "a.dcm"


def philips_bomb(folder: Path) -> Path:
    """A Philips file of 1 MB whose LZW codes stand for 768 bytes each: 500 MB."""
    codes = np.r_[65, np.arange(256, 1023), np.full(650_000, 1022)].astype(np.uint16)
    bits = (codes[:, None] >> np.arange(9, -1, -1)) & 1
    packed = np.packbits(bits.astype(np.uint8).ravel()).tobytes()
    chunk = base64.b64encode(struct.pack("<ihh", len(packed), 0, 0) + packed).decode()
    (folder / "p.xml").write_text(
        '<?xml version="1.0"?><restingecgdata xmlns="http://www3.medical.philips.com">'
        "<documentinfo><documentname>x</documentname><documenttype>PhilipsECG</documenttype>"
        "<documentversion>1.04</documentversion></documentinfo><dataacquisition>"
        "<signalcharacteristics><samplingrate>500</samplingrate><resolution>5</resolution>"
        "<numberchannelsvalid>12</numberchannelsvalid><numberchannelsallocated>12"
        "</numberchannelsallocated></signalcharacteristics></dataacquisition><waveforms>"
        '<parsedwaveforms compressflag="true" compressmethod="XLI" dataencoding="Base64" '
        'durationperchannel="10000" leadlabels="I II III aVR aVL aVF V1 V2 V3 V4 V5 V6" '
        f'numberofleads="12">{chunk}</parsedwaveforms></waveforms></restingecgdata>'
    )
    return folder / "p.xml"


def laughs(folder: Path) -> Path:
    """XML entities that stand for a thousand million of themselves."""
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    (folder / "a.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "1 ">{entities}]>'
        "<AnnotatedECG>&a9;</AnnotatedECG>"
    )
    return folder / "a.xml"


def elements(folder: Path) -> Path:
    """Some 40 MB of elements with nothing in them, which would be some GB in memory."""
    (folder / "a.xml").write_text(f"<AnnotatedECG>{'<component/>' * 3_000_000}</AnnotatedECG>")
    return folder / "a.xml"


def nested(folder: Path) -> Path:
    (folder / "a.xml").write_text("<AnnotatedECG>" + "<component>" * 1_000_000)
    return folder / "a.xml"


def sparse_wfdb(folder: Path, rate: str, *, length: bool) -> Path:
    """Some GiB of nothing, which take no room on the disk."""
    with (folder / "s.dat").open("wb") as stream:
        stream.truncate(3 << 30)
    promised = (3 << 30) // 4 if length else ""
    (folder / "s.hea").write_text(
        f"s 2 {rate} {promised}\ns.dat 16 200/mV 16 0 0 0 0 II\ns.dat 16 200/mV 16 0 0 0 0 V1\n"
    )
    return folder / "s.hea"


def sparse_edf(folder: Path) -> Path:
    """An EDF file with one data record of 2 GB."""
    path = files.edf(folder)
    raw = bytearray(path.read_bytes())
    raw[236:244], raw[244:252] = b"1       ", b"2000000 "
    at = 256 + 3 * 216
    raw[at : at + 8] = b"99999999"
    raw[at + 8 : at + 16] = b"99999999"
    with path.open("wb") as stream:
        stream.write(raw)
        stream.truncate(1 << 30)
    return path


def table_with_gap(folder: Path) -> Path:
    """Twelve columns at 20 kHz, and a gap of 23 hours."""
    rows = [f"{i / 20_000:.5f}" + ",0.1" * 12 for i in range(100)]
    rows += [f"{82_800 + i / 20_000:.5f}" + ",0.1" * 12 for i in range(100)]
    names = ",".join(["time", *(f"V{i}" for i in range(12))])
    (folder / "t.csv").write_text("\n".join([names, *rows]) + "\n")
    return folder / "t.csv"


def made(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.edf"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    return path


def signals_in_a_pipe(folder: Path) -> Path:
    path = files.wfdb_record(folder)
    path.with_suffix(".dat").unlink()
    os.mkfifo(path.with_suffix(".dat"))
    return path


def beside_a_pipe(folder: Path) -> Path:
    """A signal file alone, beside a pipe called like a header."""
    path = files.wfdb_record(folder)
    path.unlink()
    os.mkfifo(folder / "a.hea")
    return path.with_suffix(".dat")


def wfdb_gain(folder: Path, gain: str) -> Path:
    path = files.wfdb_record(folder)
    path.write_text(path.read_text().replace("200.0", gain))
    return path


CASES: dict[str, tuple[Maker, str]] = {
    # What a refusal has to say, or "" where a result is expected.
    "60,000 segments": (
        lambda f: wfdb_parts(f, "p 100\n" * 60_000, 6_000_000, 60_000), "60000 segments",
    ),
    "60,000 gaps": (
        lambda f: wfdb_parts(f, "p 5000\n" + "~ 9\n" * 60_000, 545_000, 60_001), "60001 segments",
    ),
    "a segment 300 times": (lambda f: wfdb_parts(f, "p 1000\n" * 300, 300_000, 300), ""),
    "a segment of an hour 2,000 times": (
        lambda f: wfdb_parts(f, "p 900000\n" * 2000, 1_800_000_000, 2000), "promises 83 days",
    ),
    "six weeks of nothing": (weeks, ""),
    "EDF+D over weeks": (lambda f: edf_weeks(f, every_s=5e5, n_records=3), ""),
    "EDF+D over years": (lambda f: edf_weeks(f, every_s=5e7, n_records=3), "1157 days"),
    "EDF+D, a bit every day": (lambda f: edf_weeks(f, every_s=86_400, n_records=50), ""),
    "EDF limits 1e308": (lambda f: edf_with(f, 1, b"1e308"), "scales lead"),
    "EDF limits inf": (lambda f: edf_with(f, 1, b"inf"), "range"),
    "EDF limits nan": (lambda f: edf_with(f, 0, b"nan"), "range"),
    "EDF digital limits": (lambda f: edf_with(f, 2, b"32767"), "state the gain"),
    "EDF data record of 400 MB": (sparse_edf, "data records of"),
    "WFDB gain": (lambda f: wfdb_gain(f, "1e-300"), "scales lead"),
    "npz of 3 GB": (lambda f: npz_that_unpacks_to(f, 3_000_000_000), "save long recordings"),
    "npz beside much": (npz_beside, ""),
    "npz of objects": (npz_of_objects, "signal (object, shape (2,))"),
    "packed MATLAB": (matlab_bomb, "unpacks to more than"),
    "packed MATLAB 7.3": (matlab73_bomb, "unpacks to more than"),
    "SCP-ECG of days": (scp_of_days, "is damaged: its 2 leads should have 4000000000 samples"),
    "four hours in one line": (hours_in_a_line, ""),
    "deflated DICOM": (dicom_bomb, "unpacks to more than"),
    "compressed Philips XML": (philips_bomb, "unpack to more than"),
    "XML entities": (laughs, "declares XML entities"),
    "XML elements": (elements, "XML elements"),
    "XML, one in another": (nested, "within each other"),
    "100 kHz": (lambda f: sparse_wfdb(f, "100000", length=True), "100000 Hz, expected"),
    "3 GiB without a length": (lambda f: sparse_wfdb(f, "100", length=False), "promises 93 days"),
    "table with a gap": (table_with_gap, "gaps of more than"),
    "pipe": (lambda f: made(f, "pipe"), "is a pipe"),
    "socket": (lambda f: made(f, "socket"), "is a socket"),
    "folder": (lambda f: made(f, "folder"), "holds no recordings"),
    "zeros for ever": (lambda f: "/dev/zero", "is a device"),
    "noise for ever": (lambda f: "/dev/random", "is a device"),
    "nothing": (lambda f: made(f, "nothing"), "not found"),
    "here": (lambda f: made(f, "folder").parent, "holds no recordings"),
    "300 characters": (lambda f: f / ("x" * 300), "File name too long"),
    "5,000 characters": (lambda f: f / ("x/" * 2500), "characters"),
    "NUL in the name": (lambda f: f"{f}/a\0b.csv", "control character"),
    "line break in the name": (lambda f: files.table(f, "a\nb.csv"), "control character"),
    "name not in UTF-8": (
        lambda f: files.table(f, os.fsdecode(b"caf\xe9.csv")), "not UTF-8",
    ),
    "signals in a pipe": (signals_in_a_pipe, "not beside it"),
    "pipe beside": (beside_a_pipe, "is not beside it"),
}  # fmt: skip


def attempt(path: Path | str, out: Path) -> tuple[str, str]:
    from ectopy.cli.analyze import analyze_all
    from ectopy.errors import EctopyError

    try:
        analyze_all([Path(path)], out)
    except EctopyError as error:
        left = [str(x) for x in out.rglob("*")] if out.exists() else []
        return ("BUG", f"left {left}") if left else ("error", str(error))
    except BaseException:
        return "BUG", traceback.format_exc()
    return "ok", (next(out.glob("*.summary.json"))).read_text()


def out_of_time(*_: object) -> None:
    raise TimeoutError(f"more than {PROCESSOR_S} s of work, or {WAITED_S} s of waiting")


def peak_mib() -> int:
    """Peak memory of this process since `clear_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.signal(signal.SIGPROF, out_of_time)
    signal.signal(signal.SIGALRM, out_of_time)
    wanted = sys.argv[1:]
    stdout = sys.stdout
    sys.stdout = sys.stderr  # the command says what it made
    with tempfile.TemporaryDirectory() as name:
        for number, (case, (make, says)) in enumerate(CASES.items()):
            if wanted and case not in wanted:
                continue
            folder = Path(name) / str(number)
            folder.mkdir()
            path = make(folder)
            Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
            before = peak_mib()
            begin = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, PROCESSOR_S)
            signal.alarm(WAITED_S)
            ended, said = attempt(path, folder / "out")
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            line = {
                "case": case, "says": says, "ended": ended, "said": said,
                "processor_s": round(time.process_time() - begin, 2),
                "more_mib": peak_mib() - before,
            }  # fmt: skip
            print(json.dumps(line), file=stdout, flush=True)


if __name__ == "__main__":
    main()
