"""Write TOML; the standard library only reads it."""

from __future__ import annotations

import json
import re
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dumps(table: dict[str, Any]) -> str:
    """Write nested dicts of strings, numbers, booleans and lists; keys with None are left out."""
    return "\n".join(_lines(table, ())) + "\n"


def _lines(table: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    """Write the plain keys first, then a section for each table and each list of tables."""
    lines: list[str] = []
    sections: list[str] = []
    for key, value in table.items():
        here = (*path, _key(key))
        if isinstance(value, dict):
            inner = _lines(value, here)
            if inner:
                sections += ["", f"[{'.'.join(here)}]", *inner]
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for item in value:
                sections += ["", f"[[{'.'.join(here)}]]", *_lines(item, here)]
        elif value is not None:
            lines.append(f"{_key(key)} = {_value(value)}")
    return lines + sections


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
