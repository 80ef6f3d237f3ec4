"""Weights of one's own, kept in the archive so that workers anywhere have them."""

from __future__ import annotations

import atexit
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from ectopy.archive.files.base import Files
from ectopy.archive.model import Plan
from ectopy.errors import ConfigError
from ectopy.files import aside
from ectopy.runtime.bundle import PACKAGED, Bundle

OWN: Final = "own"
"""What a plan calls weights that the archive keeps."""
FOLDER: Final = "weights"
_KEPT: Final = re.compile(rf"{FOLDER}/([0-9a-f]{{64}})/\w[\w.-]*")


def name_of(bundle: Bundle) -> str:
    """Give what a plan calls weights: the name of packaged ones, or `OWN`."""
    return bundle.folder.name if bundle.folder.parent == PACKAGED else OWN


def keep(files: Files, bundle: Bundle) -> None:
    """Copy weights of one's own into an archive, under their checksum; packaged ones are not."""
    if name_of(bundle) != OWN:
        return
    for path in bundle.files:
        if path.parent == bundle.folder:  # what is packaged, every installation has
            files.create(f"{FOLDER}/{bundle.checksum}/{path.name}", path)


def not_of(plan: Plan, name: str) -> bool:
    """Tell whether a file is of weights that were kept for another plan, which never stood."""
    found = _KEPT.fullmatch(name)
    return found is not None and (plan.weights != OWN or found[1] != plan.weights_sha256)


def planned(files: Files, plan: Plan) -> Bundle:
    """Give the weights of a plan; those in an object store are copied for as long as we run.

    Raises
    ------
    ModelError
        If they are not there.
    ConfigError
        If they are not those that were planned with.
    """
    found = Bundle.load(_folder(files, plan) if plan.weights == OWN else plan.weights)
    if found.checksum != plan.weights_sha256:
        raise ConfigError(
            f"the weights {plan.weights} are not those that {files.address} was planned with; use "
            "the same installation of ectopy, or plan a new archive"
        )
    return found


def _folder(files: Files, plan: Plan) -> Path:
    name = f"{FOLDER}/{plan.weights_sha256}"
    local = Path(files.address) / name
    if local.is_dir():
        return local
    held = ExitStack()
    folder = held.enter_context(aside(tempfile.gettempdir()))
    atexit.register(held.close)  # networks are read when they are first asked
    for each in files.list(name):
        plain = each.name.rpartition("/")[2]
        if re.fullmatch(r"\w[\w.-]*", plain):
            (folder / plain).write_bytes(files.read(each.name))
    return folder
