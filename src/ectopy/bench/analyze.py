"""How long a day takes: file to all outputs, and what two detectors alone need for the signal."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ectopy.errors import ConfigError

FS_HZ = 250.0


def make_file(folder: Path, hours: float, seed: int) -> Path:
    """Write a simulated two-lead WFDB record (format 16) piece by piece; give its header.

    The samples are simulated, so the times say nothing about the quality of labels.
    """
    from ectopy.recordings.simulation.simulate import simulate

    recording, _ = simulate(hours * 3600, rng=np.random.default_rng(seed), fs_hz=FS_HZ)
    gain = 200.0  # ADC units per mV, as MIT-BIH
    with (folder / "day.dat").open("wb") as file:
        for begin in range(0, recording.n_samples, 1 << 20):
            piece = np.round(recording.read(begin, begin + (1 << 20)).T * gain)
            file.write(np.clip(piece, -32767, 32767).astype("<i2").tobytes())
    lines = [f"day {len(recording.leads)} {FS_HZ:g} {recording.n_samples}"]
    lines += [f"day.dat 16 {gain:g}/mV 16 0 0 0 0 {lead}" for lead in recording.leads]
    header = folder / "day.hea"
    header.write_text("\n".join(lines) + "\n# SIMULATED\n", encoding="utf-8")
    return header


def time_analysis(hours: float = 24.0, repeats: int = 3, seed: int = 1) -> dict[str, Any]:
    """Time `ectopy analyze` in fresh processes, with detectors of other packages beside it.

    Parameters
    ----------
    hours : float
        Length of the recording.
    repeats : int
        Runs of ours; the best and all are given.
    seed : int
        Of the simulator.

    Returns
    -------
    dict
        ``hours``, ``beats``, ``file_to_outputs_s`` (list), ``processor_s`` (list, all cores
        together), ``peak_rss_mib``; ``xqrs_s`` and
        ``neurokit2_s`` for an hour of one lead, detection alone, None where not installed.
    """
    if hours <= 0:
        raise ConfigError(f"hours is {hours}, expected more than 0")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        header = make_file(folder, hours, seed)
        runs, work, sizes, beats = [], [], [], 0
        for run in range(repeats):
            out = folder / f"out{run}"
            command = [sys.executable, "-m", "ectopy", "analyze", str(header), "--out", str(out)]
            before = _processor_s()
            begin = time.perf_counter()
            child = subprocess.run(command, capture_output=True, text=True, check=False)
            runs.append(time.perf_counter() - begin)
            work.append(_processor_s() - before)
            if child.returncode:
                raise ConfigError(f"the run failed: {child.stderr.strip() or child.stdout.strip()}")
            sizes.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
            beats = sum(1 for _ in (out / "day.beats.csv").open(encoding="utf-8")) - 1
        return {
            "hours": hours,
            "beats": beats,
            "file_to_outputs_s": [round(run, 2) for run in runs],
            "processor_s": [round(run, 2) for run in work],
            "peak_rss_mib": round(max(sizes), 1),
            **_others(header, min(hours, 1.0)),
        }


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _others(header: Path, hours: float) -> dict[str, Any]:
    from ectopy.recordings.open import open_recording

    signal = open_recording(header).read(0, int(hours * 3600 * FS_HZ))[0].astype(np.float64)

    def xqrs() -> None:
        processing.XQRS(signal, FS_HZ).detect(verbose=False)

    def neurokit() -> None:
        neurokit2.ecg_peaks(signal, sampling_rate=int(FS_HZ))

    def ours() -> None:
        from ectopy.beats.detection.r_peaks import detect

        detect(signal, FS_HZ)

    try:
        import neurokit2
    except ImportError:  # not installed, or without something it needs
        neurokit2 = None
    try:
        from wfdb import processing
    except ImportError:  # what labels does not need it
        processing = None
    return {
        "detection_hours": hours,
        "ours_one_lead_s": _time(ours),
        "xqrs_s": _time(xqrs) if processing else None,
        "neurokit2_s": _time(neurokit) if neurokit2 else None,
    }


def _time(call: Callable[[], None]) -> float:
    begin = time.perf_counter()
    call()
    return round(time.perf_counter() - begin, 2)
