"""Readers: who may correct, each known by a token of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from ectopy.errors import ConfigError
from ectopy.review.store import Store, now, told

LOCAL: Final = "local"
"""The reader of a store without readers, who works on this computer alone."""
MODEL: Final = "model"
"""Stands for the labels as the model left them, where readers are compared."""


def names(store: Store) -> list[str]:
    """Give the names of all readers."""
    return [row["name"] for row in store.query("SELECT name FROM readers ORDER BY name")]


def checked(name: str) -> str:
    """Give a name that a reader can have.

    Raises
    ------
    ConfigError
        If it is empty or cannot be shown.
    """
    shown = told(name, 60)
    if not shown or shown != name.strip() or shown in (LOCAL, MODEL):
        raise ConfigError(
            f"a reader cannot be called {told(name, 60)!r}; give another name, of up to 60 "
            "characters"
        )
    return shown


def add(store: Store, name: str) -> str:
    """Add a reader, or give one a new token, and give the token: it is not kept anywhere.

    Raises
    ------
    ConfigError
        If the name is empty or cannot be shown.
    """
    shown = checked(name)
    token = secrets.token_urlsafe(24)
    with store.transaction() as db:
        db.execute(
            "INSERT INTO readers VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET token_sha256 = excluded.token_sha256",
            (shown, _hashed(token), now()),
        )
    return token


def remove(store: Store, name: str) -> None:
    """Let a reader in no longer; the edits stay theirs.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    with store.transaction() as db:
        if not db.execute("DELETE FROM readers WHERE name = ?", (name,)).rowcount:
            raise ConfigError(
                f"the store has no reader {told(name, 60)!r}, its readers are "
                f"{', '.join(names(store)) or 'none'}"
            )


class Readers:
    """The readers of a store, as they are when it is served.

    Parameters
    ----------
    store : Store
        Open.
    """

    def __init__(self, store: Store) -> None:
        rows = store.query("SELECT name, token_sha256 FROM readers")
        self._names: dict[str, str] = {row["token_sha256"]: row["name"] for row in rows}

    def __len__(self) -> int:
        """Count them."""
        return len(self._names)

    def of(self, token: str) -> str | None:
        """Give the name of the reader whose token it is."""
        return self._names.get(_hashed(token))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
