"""The run folder: made once, held by one study, resumed after a kill, never overwritten."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import tomllib
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ectopy import __version__
from ectopy.errors import EctopyError, RunFolderError
from ectopy.files import atomic_write
from ectopy.report.schema import MANIFEST, Manifest, parse
from ectopy.study.config import validate
from ectopy.study.lock import LOCK, FolderLock
from ectopy.study.settings import StudyConfig

CONFIG, WORK = "config.toml", ".work"


class RunFolder:
    """One run's files; `open_folder` makes or resumes it, and `close` lets others do so.

    Attributes
    ----------
    path : Path
        The folder.
    resumed : bool
        Whether an unfinished run was found in it.
    """

    def __init__(self, path: Path, lock: FolderLock, *, resumed: bool) -> None:
        self.path = path
        self.lock = lock
        self.resumed = resumed
        self.work = path / WORK

    def unit(self, name: str) -> Path:
        """Give the folder of one training, made if it is not there."""
        folder = self.work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def close(self) -> None:
        """Let other studies write into the folder; one that nothing is left in goes."""
        self.lock.release()
        with contextlib.suppress(OSError):  # it holds something, as it mostly does
            self.path.rmdir()

    def withdraw(self) -> None:
        """Take back what `open_folder` wrote, so that a corrected study can have the folder."""
        shutil.rmtree(self.work, ignore_errors=True)
        for name in (MANIFEST, CONFIG):
            (self.path / name).unlink(missing_ok=True)

    def manifest(self) -> Manifest:
        """Read ``manifest.json``."""
        return _manifest(self.path)

    def finish(self, **entries: Any) -> None:
        """Drop what only resuming needs, and mark the run as finished; the last thing written."""
        shutil.rmtree(self.work, ignore_errors=True)
        _write(self.path, self.manifest().model_copy(update={**entries, "finished": _now()}))


def open_folder(
    config: StudyConfig, out: str | os.PathLike[str] | None, command: str | None = None
) -> RunFolder:
    """Make the run folder, or take up the unfinished one of the same study.

    Parameters
    ----------
    config : StudyConfig
        All settings; a folder is resumed only where they are the same.
    out : path, optional
        The folder; by default the newest unfinished run of these settings in ``runs/``, or a
        new one named after the study, the protocol and the time.
    command : str, optional
        Line of the command line that asked for it, for the manifest of a new run.

    Returns
    -------
    RunFolder

    Raises
    ------
    RunFolderError
        If the folder holds a finished run, a run of other settings, or anything else, or if
        another study is running there.
    """
    if out is None:
        return _unfinished(config, command) or _open(config, _fresh_name(config), command)
    return _open(config, Path(out), command)


def _open(config: StudyConfig, path: Path, command: str | None) -> RunFolder:
    _holds_ours(config, path)  # first: nothing is written into a folder that is not ours
    lock = FolderLock(path)
    try:
        resumed = _holds_ours(config, path)  # again: who had the lock may have changed it
        if not resumed:
            _begin(config, path, command)
    except BaseException:
        lock.release()
        raise
    return RunFolder(path, lock, resumed=resumed)


def _holds_ours(config: StudyConfig, path: Path) -> bool:
    """Tell whether the folder holds an unfinished run of these settings; False if it is empty.

    Raises
    ------
    RunFolderError
        If it holds anything else.
    """
    if not path.exists():
        return False
    if path.is_dir() and {inside.name for inside in path.iterdir()} <= {LOCK}:
        return False
    found = _read(path)
    if found is None:
        raise RunFolderError(
            f"{path} exists and is not a run folder; give another folder, or remove it",
            change="out",
        )
    other, finished = found
    if finished:
        raise RunFolderError(
            f"{path} holds a finished run of {other.name} ({finished}), which is never "
            "overwritten; give another folder, or remove it",
            change="out",
        )
    if other != config:
        raise RunFolderError(
            f"{path} holds an unfinished run of {other.name} with other settings "
            f"({difference(other, config)}); give another folder, or remove it",
            change="out",
        )
    return True


def _begin(config: StudyConfig, path: Path, command: str | None) -> None:
    begun = Manifest(
        study=config.name,
        protocol=config.protocol,
        command=command,
        started=_now(),
        commit=_commit(),
        versions=_versions(),
        machine={"system": platform.platform(), "cores": os.cpu_count()},
    )
    _write(path, begun)
    atomic_write(path / CONFIG, config.to_toml())


def _manifest(path: Path) -> Manifest:
    return parse(Manifest, (path / MANIFEST).read_text(encoding="utf-8"), path / MANIFEST)


def _write(path: Path, manifest: Manifest) -> None:
    atomic_write(path / MANIFEST, manifest.model_dump_json(indent=2) + "\n")


def _fresh_name(config: StudyConfig) -> Path:
    kind = "-quick" if config.quick else ""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{config.name}-{config.protocol}{kind}-{stamp}"


def _unfinished(config: StudyConfig, command: str | None) -> RunFolder | None:
    for path in sorted(Path("runs").glob(f"{config.name}-*"), reverse=True):
        if _read(path) == (config, None):
            with contextlib.suppress(RunFolderError):  # another study runs there, or has ended it
                return _open(config, path, command)
    return None


def _read(path: Path) -> tuple[StudyConfig, str | None] | None:
    """Read a run folder's settings and when it finished; None if it is none of ours."""
    try:
        settings = tomllib.loads((path / CONFIG).read_text(encoding="utf-8"))
        return validate(settings, str(path / CONFIG)), _manifest(path).finished
    except (OSError, ValueError, EctopyError):
        return None


def difference(one: StudyConfig, other: StudyConfig) -> str:
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
