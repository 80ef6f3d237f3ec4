"""What goes wrong, in one sentence, with the options of the command line that would mend it."""

from __future__ import annotations

from typing import Final

from ectopy.errors import EctopyError

OPTIONS: Final = {
    "annotations": "--annotations",
    "column": "--column",
    "data_dir": "--data",
    "extension": "--extension",
    "fs_hz": "--fs",
    "gain": "--gain",
    "lead": "--lead",
    "limit": "--limit",
    "out": "--out",
    "overwrite": "--force",
    "part": "--shard",
    "partial": "--partial",
    "priority": "--priority",
    "readers": "--reader",
    "scheduler": "--scheduler",
    "host": "--host",
    "port": "--port",
    "settings": "--set",
    "setting": "--setting",
    "unit": "--unit",
    "units": "--units",
    "weights": "--weights",
    "workers": "--workers",
}
"""Options by the parameters that they set, as `ectopy.errors.EctopyError.change` names them."""


def sentence(error: Exception, what: str) -> str:
    """Tell an error in one sentence, whether a user can mend it or only we can.

    Parameters
    ----------
    error : Exception
        Anything that was raised.
    what : str
        What it befell, for errors that do not say so: a file or a command.
    """
    if isinstance(error, EctopyError):
        options = ", ".join(OPTIONS[name] for name in error.change)
        return f"{error} ({options})" if options else str(error)
    if isinstance(error, MemoryError):
        return (
            f"{what} takes more memory than there is; close other programs or use another machine"
        )
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return (
            f"{what} was stopped by the system: {error.strerror}{place}; mend that, or add --debug "
            "to see where it happened"
        )
    return (
        f"{what} met a defect of ectopy ({type(error).__name__}); add --debug to see the "
        "traceback, and please report it"
    )
