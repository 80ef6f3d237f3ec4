"""Valid files in every format, from one known two-lead signal: for reading and for damaging."""

from __future__ import annotations

import gzip
import json
import struct
import warnings
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import dicom_files
import numpy as np
import vendor_files

FS_HZ = 250
LEADS = ("II", "V1")
GAIN = 200.0  # ADC units per mV, so that one unit is 5 uV
SECONDS = 4


def digital(seconds: float = SECONDS, seed: int = 0) -> np.ndarray:
    """Whole ADC units, shape (2, n), within +-2 mV."""
    rng = np.random.default_rng(seed)
    n = int(seconds * FS_HZ)
    t = np.arange(n) / FS_HZ
    beats = 200 * np.exp(-0.5 * ((t % 0.8 - 0.4) / 0.012) ** 2)
    both = np.array([beats + 20 * np.sin(2 * np.pi * t), -0.6 * beats])
    return np.rint(both + rng.normal(scale=4, size=both.shape)).clip(-400, 400).astype(np.int64)


def millivolts(seconds: float = SECONDS) -> np.ndarray:
    return (digital(seconds) / GAIN).astype(np.float32)


def wfdb_record(folder: Path, fmt: str = "16", name: str = "", **options: object) -> Path:
    import wfdb

    name = name or f"w{fmt}"
    signal = digital().T
    if fmt in ("80", "508"):
        signal = signal // 4  # eight bits
    elif fmt in ("310", "311"):
        signal = signal // 2 * 2
    settings: dict[str, object] = {
        "fs": FS_HZ,
        "units": ["mV", "mV"],
        "sig_name": list(LEADS),
        "fmt": [fmt, fmt],
        "adc_gain": [GAIN / 4 if fmt in ("80", "508") else GAIN] * 2,
        "baseline": [0, 0],
        "write_dir": str(folder),
        **options,
    }
    wfdb.wrsamp(name, d_signal=signal, **settings)
    return folder / f"{name}.hea"


def wfdb_by_hand(folder: Path, fmt: str) -> Path:
    """Formats that wfdb reads and does not write: 8 (differences), 61 (swapped), 160 (offset)."""
    path = wfdb_record(folder, "16", f"w{fmt}")
    signal = digital().T
    if fmt == "8":
        signal = np.cumsum(np.diff(signal, axis=0, prepend=signal[:1]).clip(-128, 127), axis=0)
        stored = np.diff(signal, axis=0, prepend=0).astype("<i1")
    else:
        stored = signal.astype(">i2") if fmt == "61" else (signal + 32768).astype("<u2")
    path.with_suffix(".dat").write_bytes(stored.tobytes())
    lines = path.read_text().splitlines()
    lines[1:] = [line.replace(" 16 ", f" {fmt} ", 1) for line in lines[1:]]
    if fmt == "8":  # an initial value of 0
        words = [line.split() for line in lines[1:]]
        lines[1:] = [" ".join([*w[:5], "0", *w[6:]]) for w in words]
    path.write_text("\n".join(lines) + "\n")
    return path


def wfdb_segments(folder: Path) -> Path:
    """Two segments with 200 samples missing between them."""
    for i, part in enumerate((slice(0, 500), slice(500, 1000))):
        import wfdb

        wfdb.wrsamp(
            f"s{i}",
            fs=FS_HZ,
            units=["mV"] * 2,
            sig_name=list(LEADS),
            d_signal=digital().T[part],
            fmt=["16"] * 2,
            adc_gain=[GAIN] * 2,
            baseline=[0] * 2,
            write_dir=str(folder),
        )
    (folder / "multi.hea").write_text(f"multi/3 2 {FS_HZ} 1200\ns0 500\n~ 200\ns1 500\n")
    return folder / "multi.hea"


def edf(folder: Path, kind: str = "edf") -> Path:
    import edfio

    signals = []
    label, cls = ("BDF", edfio.BdfSignal) if kind == "bdf" else ("EDF", edfio.EdfSignal)
    for name, row in zip(LEADS, digital(), strict=True):
        signals.append(
            cls(
                row * 1000.0 / GAIN,
                FS_HZ,
                label=f"ECG {name}",
                physical_dimension="uV",
                physical_range=(-32768 * 5, 32767 * 5),
                digital_range=(-32768, 32767),
            )
        )
    respiration = cls(
        np.sin(np.arange(SECONDS * 25) / 10), 25, label="Resp", physical_dimension="uV",
        physical_range=(-2, 2),
    )  # fmt: skip
    signals.append(respiration)
    notes = [edfio.EdfAnnotation(1.5, None, "note")] if kind == "edf+" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = (edfio.Bdf if kind == "bdf" else edfio.Edf)(
            signals,
            starttime=time(9, 30),
            recording=edfio.Recording(startdate=datetime(2024, 5, 6).date()),
            annotations=notes,
            data_record_duration=1,
        )
    path = folder / f"{kind.replace('+', 'plus')}.{label.lower()}"
    made.write(path)
    return path


def edf_interrupted(folder: Path) -> Path:
    """EDF+D: the third data record comes 2.4 s late."""
    raw = bytearray(edf(folder, "edf+").read_bytes())
    raw[192:197] = b"EDF+D"
    for onset, late in ((b"+2\x14", b"+4.4\x14"), (b"+3\x14", b"+5.4\x14")):
        at = raw.index(onset, 256 * 5)
        end = at + len(onset) + 2  # up to the padding that is there
        tail = raw[at + len(onset) : end + 8]
        raw[at : end + 8] = (late + bytes(tail))[: end + 8 - at]
    path = folder / "edfd.edf"
    path.write_bytes(raw)
    return path


def table(folder: Path, name: str = "plain.csv", **options: object) -> Path:
    delimiter = str(options.get("delimiter", ","))
    lines = list(options.get("header", ()))  # type: ignore[call-overload]
    scale = float(options.get("scale", 1.0))  # type: ignore[arg-type]
    for i, row in enumerate(millivolts().T):
        words = [f"{x * scale:.5g}" for x in row]
        if "time" in options:
            words.insert(0, str(options["time"]).format(i=i, t=i / FS_HZ))
        lines.append(delimiter.join(words))
    text = "\n".join(lines) + "\n"
    if options.get("decimal") == ",":
        text = text.replace(".", ",")
    path = folder / name
    path.write_text(text)
    return path


def table_in_gzip(folder: Path) -> Path:
    plain = table(folder, time="{t:.3f}", header=["time,II,V1"])
    path = folder / "plain.csv.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def one_line(folder: Path) -> Path:
    path = folder / "line.txt"
    words = " ".join(f"{x:.3f}" for x in millivolts()[0])
    path.write_text(f"sampling rate: {FS_HZ} Hz\nlead: {LEADS[0]}\nunit: mV\n{words}\n")
    return path


def lines(folder: Path) -> Path:
    rows = [
        f"{name}: {' '.join(f'{x:.3f}' for x in row)}"
        for name, row in zip(LEADS, millivolts(), strict=True)
    ]
    path = folder / "lines.txt"
    path.write_text("\n".join([f"sampling rate: {FS_HZ} Hz", "unit: mV", *rows]) + "\n")
    return path


def npy(folder: Path) -> Path:
    np.save(folder / "a.npy", millivolts())
    return folder / "a.npy"


def npz(folder: Path) -> Path:
    np.savez_compressed(folder / "a.npz", signal=millivolts().T, fs=FS_HZ, leads=np.array(LEADS))
    return folder / "a.npz"


def mat5(folder: Path, *, packed: bool = False) -> Path:
    from scipy.io import savemat

    path = folder / ("packed.mat" if packed else "a.mat")
    held = {"ecg": millivolts(), "fs": FS_HZ, "leads": np.array(LEADS, dtype=object)}
    savemat(path, held, do_compression=packed)
    return path


def mat73(folder: Path) -> Path:
    """As MATLAB writes with -v7.3: HDF5 after 512 bytes of text, columns first, cells as links."""
    import h5py

    path = folder / "new.mat"
    with h5py.File(path, "w", userblock_size=512) as file:

        def put(where: h5py.Group, name: str, values: np.ndarray, kind: str) -> h5py.Dataset:
            made = where.create_dataset(name, data=np.atleast_2d(values))
            made.attrs["MATLAB_class"] = np.bytes_(kind)
            return made

        def word(where: h5py.Group, name: str, text: str) -> h5py.Dataset:
            return put(where, name, np.array([[ord(c)] for c in text], dtype="u2"), "char")

        put(file, "ecg", millivolts().T, "single")
        put(file, "fs", np.array([[float(FS_HZ)]]), "double")
        put(file, "nothing", np.zeros(2, dtype="u8"), "double").attrs["MATLAB_empty"] = 1
        who = file.create_group("patient")
        who.attrs["MATLAB_class"] = np.bytes_("struct")
        word(who, "sex", "female")
        hidden = file.create_group("#refs#")
        cells = [word(hidden, name, name).ref for name in LEADS]
        names = file.create_dataset("leads", (len(cells), 1), dtype=h5py.ref_dtype)
        for i, cell in enumerate(cells):
            names[i, 0] = cell
        names.attrs["MATLAB_class"] = np.bytes_("cell")
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    raw = path.read_bytes()
    path.write_bytes(text.ljust(512, b"\0") + raw[512:])
    return path


def parquet(folder: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = np.arange(SECONDS * FS_HZ) / FS_HZ
    pq.write_table(
        pa.table({"time_s": times, **dict(zip(LEADS, millivolts(), strict=True))}),
        folder / "a.parquet",
    )
    return folder / "a.parquet"


def ishne(folder: Path) -> Path:
    header = bytearray(522)
    header[:8] = b"ISHNE1.0"
    struct.pack_into("<iiii", header, 10, 0, SECONDS * FS_HZ, 522, 522)
    struct.pack_into("<h", header, 26, 1)
    struct.pack_into("<hhh", header, 138, 6, 5, 2024)
    struct.pack_into("<hhh", header, 150, 9, 30, 0)
    struct.pack_into("<h", header, 156, 2)
    struct.pack_into("<12h", header, 158, 6, 11, *[-9] * 10)
    struct.pack_into("<12h", header, 182, *[1] * 12)
    struct.pack_into("<12h", header, 206, 5000, 5000, *[-9] * 10)  # nV a unit
    struct.pack_into("<h", header, 272, FS_HZ)
    path = folder / "holter.ecg"
    path.write_bytes(bytes(header) + digital().T.astype("<i2").tobytes())
    return path


def aecg(folder: Path) -> Path:
    return vendor_files.aecg(
        folder / "aecg.xml", [vendor_files.sequence_set(LEADS, digital(), FS_HZ)]
    )


def muse(folder: Path) -> Path:
    strip = vendor_files.muse_strip(LEADS, digital(), FS_HZ)
    return vendor_files.muse(folder / "muse.xml", [strip], encoding="utf-8")


def philips(folder: Path, coding: str = "XLI", encoding: str = "utf-16") -> Path:
    return vendor_files.philips(
        folder / "philips.xml", LEADS, digital(), FS_HZ, coding=coding, encoding=encoding
    )


def cardiosoft(folder: Path) -> Path:
    return vendor_files.cardiosoft(
        folder / "cardiosoft.xml", [vendor_files.cardiosoft_strip(LEADS, digital(), FS_HZ)]
    )


def schiller(folder: Path) -> Path:
    strip = vendor_files.schiller_strip(LEADS, digital(), FS_HZ)
    return vendor_files.schiller(folder / "schiller.xml", [strip])


def kardia(folder: Path) -> Path:
    samples = {f"lead{n}": [int(x) for x in r] for n, r in zip(("I", "II"), digital(), strict=True)}
    data = {"raw": {"frequency": FS_HZ, "amplitudeResolution": 5000, "samples": samples}}
    path = folder / "kardia.json"
    path.write_text(json.dumps({"recordedAt": "2024-05-06T09:30:00Z", "id": "x", "data": data}))
    return path


def mfer(folder: Path) -> Path:
    def item(tag: int, value: bytes) -> bytes:
        length = len(value)
        size = bytes([length]) if length < 128 else b"\x84" + struct.pack(">I", length)
        return bytes([tag]) + size + value

    n = SECONDS * FS_HZ
    raw = item(0x40, b"MFR ".ljust(32)) + item(0x01, b"\x00")  # preamble, big-endian
    raw += item(0x05, bytes([2])) + item(0x04, struct.pack(">I", n)) + item(0x06, bytes([1]))
    raw += item(0x0A, bytes([0]))  # 16-bit integers
    raw += item(0x0B, b"\x01\xfd" + struct.pack(">H", 4))  # 4e-3 s between samples
    raw += item(0x0C, b"\x00\xfa" + struct.pack(">H", 5))  # 5e-6 V a unit
    raw += b"\x3f\x00" + bytes([4]) + item(0x09, struct.pack(">H", 2))
    raw += b"\x3f\x01" + bytes([4]) + item(0x09, struct.pack(">H", 3))
    path = folder / "a.mwf"
    path.write_bytes(raw + item(0x1E, digital().astype(">i2").tobytes()) + b"\x80\x00")
    return path


def dicom(folder: Path) -> Path:
    return dicom_files.general_ecg(folder / "a.dcm", LEADS, digital(), FS_HZ)


def _scp(kind: str, folder: Path) -> Path:
    import scp_files  # which takes the known signal from here

    made: Path = getattr(scp_files, kind)(folder)
    return made


EVERY: dict[str, Callable[[Path], Path]] = {
    **{
        f"wfdb-{fmt}": (lambda folder, fmt=fmt: wfdb_record(folder, fmt))  # type: ignore[misc]
        for fmt in ("16", "24", "32", "80", "212", "508", "516")
    },
    **{
        f"wfdb-{fmt}": (lambda folder, fmt=fmt: wfdb_by_hand(folder, fmt))  # type: ignore[misc]
        for fmt in ("8", "61", "160")
    },
    "wfdb-segments": wfdb_segments,
    "edf": lambda folder: edf(folder, "edf"),
    "edf+": lambda folder: edf(folder, "edf+"),
    "edf+d": edf_interrupted,
    "bdf": lambda folder: edf(folder, "bdf"),
    "csv": lambda folder: table(folder, time="{t:.3f}", header=["time,II,V1"]),
    "lines": lines,
    "npy": npy,
    "npz": npz,
    "mat5": mat5,
    "mat5-packed": lambda folder: mat5(folder, packed=True),
    "mat73": mat73,
    "parquet": parquet,
    "ishne": ishne,
    "scp": lambda folder: _scp("known", folder),
    "scp-subtracted": lambda folder: _scp("subtracted", folder),
    "aecg": aecg,
    "muse": muse,
    "philips": philips,
    "philips-plain": lambda folder: philips(folder, "Plain", "utf-8"),
    "cardiosoft": cardiosoft,
    "schiller": schiller,
    "kardia": kardia,
    "mfer": mfer,
    "dicom": dicom,
}
"""Makers of one valid file a format."""
