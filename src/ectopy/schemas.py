"""JSON schemas of our models, for readers who do not write Python."""

from __future__ import annotations

from typing import Any


def plain(schema: dict[str, Any]) -> None:
    """Leave the examples of a docstring out of the description that a schema takes from it."""
    if "description" in schema:
        schema["description"] = schema["description"].partition("\n\nExamples\n")[0]
