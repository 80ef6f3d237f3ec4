"""Studies by name or file: `load`, `packaged`, and `KINDS`, the kinds of study there are."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from ectopy.errors import ConfigError
from ectopy.study.records.settings import RecordStudy
from ectopy.study.settings import StudyConfig
from ectopy.study.windows.settings import WindowStudy

KINDS: Final[dict[str, type[StudyConfig]]] = {"windows": WindowStudy, "records": RecordStudy}
"""What can be studied, by the key ``kind`` of a study file; windows where it is left out."""

_PACKAGED = Path(__file__).parent / "studies"

Study = TypeVar("Study", bound=StudyConfig)


def packaged() -> dict[str, str]:
    """Give the packaged studies: name to title.

    Examples
    --------
    >>> from ectopy.study import packaged
    >>> packaged()["mitbih-cnn-fast"]
    '1D-CNN on MIT-BIH, the same accuracy for a small part of the training time'
    """
    return {path.stem: load(path.stem).title for path in sorted(_PACKAGED.glob("*.toml"))}


def load(
    study: str | os.PathLike[str],
    *,
    quick: bool = False,
    data_set: str | None = None,
    **changes: Any,
) -> StudyConfig:
    """Read a packaged study by name, or a TOML file by path.

    Parameters
    ----------
    study : str or path
        A name of `packaged`, or a path that ends in ``.toml``.
    quick : bool
        Make it a look: one seed, few beats, no figure beside that it could be taken for, be it
        of another protocol or published.
    data_set : str, optional
        Another data set, with its default options.
    **changes
        Top-level keys to replace.

    Returns
    -------
    StudyConfig

    Raises
    ------
    ConfigError
        If there is no such study, it is not TOML, or a key is unknown or has a value that
        cannot be used; the message names the key.

    Examples
    --------
    >>> from ectopy.study import load
    >>> study = load("mitbih-cnn-fast", seeds=1)
    >>> study.seeds, study.data.name
    (1, 'mitbih')
    """
    study = os.fspath(study)
    path = Path(study)
    if path.suffix != ".toml":
        path = _PACKAGED / f"{study}.toml"
        if not path.is_file():
            if (of_run := Path(study, "config.toml")).is_file():
                raise ConfigError(
                    f"{study} is the folder of a run, expected a study; to run its study again, "
                    f"name {of_run}"
                )
            names = ", ".join(p.stem for p in sorted(_PACKAGED.glob("*.toml")))
            raise ConfigError(
                f"there is no study {study!r}; the packaged ones are {names}, "
                "or give the path of a .toml file"
            )
    elif not path.is_file():
        raise ConfigError(f"there is no study file {study}; check the path")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{study} is not TOML: {error}") from error
    found.setdefault("name", path.stem)
    known = _kind(found, study).model_fields
    if "protocol" in changes and "also" in known:
        changes.setdefault("also", ())  # who asks for one protocol gets that one
    if data_set is not None:
        if "data" not in known:
            raise ConfigError(
                f"study {study} names its own records, so it takes no other data set; write a "
                "study file of your own"
            )
        changes["data"] = {"name": data_set}
    config = validate({**found, **changes}, study)
    return config.quickened() if quick else config


def load_as(kind: type[Study], study: str, **changes: Any) -> Study:
    """Read a study as `load` does, and refuse one of another kind."""
    config = load(study, **changes)
    if not isinstance(config, kind):
        wanted = ", ".join(name for name, known in KINDS.items() if known is kind)
        raise ConfigError(f"study {study} is one of {config.kind}, expected one of {wanted}")
    return config


def validate(settings: dict[str, Any], origin: str) -> StudyConfig:
    """Check settings; ``origin`` is named in the error, which is a `ConfigError`."""
    kind = _kind(settings, origin)
    try:
        return kind.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(f"study {origin}: {_sentence(error, kind)}") from error


def _kind(settings: dict[str, Any], origin: str) -> type[StudyConfig]:
    name = settings.get("kind", "windows")
    if name not in KINDS:
        raise ConfigError(f"study {origin}: key 'kind' is {name!r}, expected {' or '.join(KINDS)}")
    return KINDS[name]


def _sentence(error: ValidationError, kind: type[BaseModel]) -> str:
    """Say what is wrong with the first key that is."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"]]
    key = ".".join(where)
    if first["type"] == "extra_forbidden":
        known = ", ".join(_owner(kind, where[:-1]).model_fields)
        return f"unknown key {key!r}; the keys there are {known}"
    if first["type"] == "missing":
        return f"key {key!r} is missing"
    what = first["msg"].removeprefix("Value error, ")
    if not key or isinstance(first["input"], dict):
        return f"{key + ': ' if key else ''}{what}"
    return f"key {key!r} is {first['input']!r}: {what[0].lower()}{what[1:]}"


def _owner(kind: type[BaseModel], where: list[str]) -> type[BaseModel]:
    """Find the table that a key belongs to; the places in a list of tables are numbers."""
    owner = kind
    for part in where:
        if part in owner.model_fields:
            inner = owner.model_fields[part].annotation
            tables = [inner, *get_args(inner)]
            owner = next(t for t in tables if isinstance(t, type) and issubclass(t, BaseModel))
    return owner
