"""The run folder: made once, resumed after a kill, never overwritten when finished."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ectopy import __version__
from ectopy.errors import ConfigError, RunFolderError
from ectopy.files import atomic_write
from ectopy.study.config import StudyConfig, validate

CONFIG, MANIFEST, WORK = "config.toml", "manifest.json", ".work"


class RunFolder:
    """One run's files; `open_folder` makes or resumes it.

    Attributes
    ----------
    path : Path
        The folder.
    resumed : bool
        Whether an unfinished run was found in it.
    """

    def __init__(self, path: Path, *, resumed: bool) -> None:
        self.path = path
        self.resumed = resumed
        self.work = path / WORK

    def unit(self, name: str) -> Path:
        """Give the folder of one training, made if it is not there."""
        folder = self.work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def manifest(self) -> dict[str, Any]:
        """Read ``manifest.json``."""
        return dict(json.loads((self.path / MANIFEST).read_text(encoding="utf-8")))

    def note(self, **entries: Any) -> None:
        """Add entries to ``manifest.json``."""
        told = self.manifest() | entries
        atomic_write(self.path / MANIFEST, json.dumps(told, indent=2, ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """Drop what only resuming needs, and mark the run as finished; the last thing written."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.note(finished=_now())


def open_folder(config: StudyConfig, out: str | os.PathLike[str] | None) -> RunFolder:
    """Make the run folder, or take up the unfinished one of the same study.

    Parameters
    ----------
    config : StudyConfig
        All settings; a folder is resumed only where they are the same.
    out : path, optional
        The folder; by default the newest unfinished run of these settings in ``runs/``, or a
        new one named after the study, the protocol and the time.

    Returns
    -------
    RunFolder

    Raises
    ------
    RunFolderError
        If the folder holds a finished run, a run of other settings, or anything else.
    """
    if out is None:
        return _unfinished(config) or _make(config, _fresh_name(config))
    path = Path(out)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return _make(config, path)
    found = _read(path)
    if found is None:
        raise RunFolderError(
            f"{path} exists and is not a run folder; give another --out, or remove it"
        )
    other, finished = found
    if finished:
        raise RunFolderError(
            f"{path} holds a finished run of {other.name} ({finished}), which is never "
            "overwritten; give another --out, or remove it"
        )
    if other != config:
        raise RunFolderError(
            f"{path} holds an unfinished run of {other.name} with other settings "
            f"({_difference(other, config)}); give another --out, or remove it"
        )
    return RunFolder(path, resumed=True)


def _make(config: StudyConfig, path: Path) -> RunFolder:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{path} cannot be made: {error.strerror}; give another --out") from (
            error
        )
    manifest = {
        "study": config.name,
        "protocol": config.protocol,
        "command": " ".join(["ectopy", *sys.argv[1:]]),
        "started": _now(),
        "finished": None,
        "commit": _commit(),
        "versions": _versions(),
        "machine": {"system": platform.platform(), "cores": os.cpu_count()},
    }
    atomic_write(path / MANIFEST, json.dumps(manifest, indent=2) + "\n")
    atomic_write(path / CONFIG, config.to_toml())
    return RunFolder(path, resumed=False)


def _fresh_name(config: StudyConfig) -> Path:
    kind = "-quick" if config.quick else ""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{config.name}-{config.protocol}{kind}-{stamp}"


def _unfinished(config: StudyConfig) -> RunFolder | None:
    for path in sorted(Path("runs").glob(f"{config.name}-*"), reverse=True):
        found = _read(path)
        if found is not None and found == (config, None):
            return RunFolder(path, resumed=True)
    return None


def _read(path: Path) -> tuple[StudyConfig, str | None] | None:
    """Read a run folder's settings and when it finished; None if it is none of ours."""
    try:
        settings = tomllib.loads((path / CONFIG).read_text(encoding="utf-8"))
        told = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        return validate(settings, str(path / CONFIG)), told["finished"]
    except (OSError, ValueError, KeyError, ConfigError):
        return None


def _difference(one: StudyConfig, other: StudyConfig) -> str:
    """Name the first key that two configurations disagree on."""
    left, right = _flat(one.model_dump(mode="json")), _flat(other.model_dump(mode="json"))
    for key in sorted(left.keys() | right.keys()):
        if left.get(key) != right.get(key):
            return f"{key} is {left.get(key)!r} there and {right.get(key)!r} here"
    return "no key"


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _commit() -> str | None:
    """Give the commit of the checkout the package runs from, if it does."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists() or not (root / "pyproject.toml").exists():
        return None
    try:
        told = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip()


def _versions() -> dict[str, str]:
    found = {"ectopy": __version__, "python": platform.python_version()}
    for name in (
        "numpy", "scipy", "keras", "tensorflow", "tensorflow-cpu", "scikit-learn",
        "imbalanced-learn", "onnxruntime", "tf2onnx", "matplotlib",
    ):  # fmt: skip
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
