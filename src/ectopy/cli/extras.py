"""Say which extra to install, before a verb begins that the light install cannot finish."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from ectopy.errors import MissingExtraError

EXPLAINING: Final = ("keras", "tensorflow", "scipy", "matplotlib", "PIL")
TESTING: Final = ("scipy",)
DRAWING: Final = ("matplotlib", "PIL", "sklearn")
TRAINING: Final = (*EXPLAINING, "sklearn", "imblearn", "onnx", "tf2onnx", "tomli_w")
"""What training, testing and reporting a study import."""
SERVING: Final = ("fastapi", "uvicorn")
ASKING: Final = ("duckdb",)
"""What an archive is asked with."""


def need(verb: str, modules: tuple[str, ...], extra: str = "train") -> None:
    """Refuse a verb whose modules are not installed; nothing is imported to find out.

    Raises
    ------
    MissingExtraError
        If one is missing; the message says what to install.
    """
    missing = [name for name in modules if not _is_there(name)]
    if missing:
        raise MissingExtraError(
            f"{verb} needs {', '.join(missing)}, which the light install leaves out; install "
            f'them with: pip install "ectopy[{extra}]"'
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # half removed, or kept from being imported
        return False
