"""Run the server: one process, on this computer alone unless readers and an address are named."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs
import uvicorn

from ectopy.app.create import create_app
from ectopy.app.settings import AppSettings
from ectopy.errors import ConfigError
from ectopy.review import readers
from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store

MOST_REQUESTS = 200
"""Requests at a time; more are told to come again (503)."""
_SWITCH_S = 0.001  # a summary that is worked out must not hold up the windows of other readers


def default_store() -> Path:
    """Give the folder of the store where none is named."""
    return Path(platformdirs.user_data_dir("ectopy")) / "review"


def serve(
    settings: AppSettings,
    port: int,
    store: Path | None = None,
    new_readers: Sequence[str] = (),
    workers: int = 1,
    say: Callable[[str], None] = print,
) -> None:
    """Serve until it is told to stop.

    Parameters
    ----------
    settings : AppSettings
        Where it listens, and what it lets in.
    port : int
        Of that address.
    store : Path, optional
        Folder of the store; by default `default_store`.
    new_readers : sequence of str
        Readers who are to have a (new) token, which is said once.
    workers : int
        Recordings analysed at a time.
    say : callable
        Takes the lines that whoever starts it has to read.

    Raises
    ------
    ConfigError
        If it is to listen beyond loopback and the store has no reader, or the store cannot be
        used.
    """
    os.umask(0o077)  # what is written is for its owner alone
    # Arrow's own pools keep what a result was read with; the system's gives it back.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    place = store or default_store()
    opened = Store(place)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    tokens = {name: readers.add(opened, name) for name in new_readers}
    known = readers.names(opened)
    if not settings.loopback and not known:
        opened.close()
        raise ConfigError(
            f"{settings.host} can be reached by others, and the store has no reader with a token; "
            "name its readers, or serve on 127.0.0.1 alone",
            change="readers",
        )
    sys.setswitchinterval(_SWITCH_S)
    logging.getLogger("ectopy.app").setLevel(logging.WARNING)
    say(f"ectopy serves {place} on http://{host}:{port}/ (Ctrl-C stops it)")
    if settings.loopback and not known:
        say("only this computer can reach it, and no token is needed")
    elif not settings.loopback:
        say("others can reach it: every reader needs a token, and http is not encrypted")
    for name, token in tokens.items():
        say(f"{name}: http://{host}:{port}/#token={token}")
    review = Review(opened, Limits(at_once=workers))
    uvicorn.run(
        create_app(review, settings),
        host=settings.host,
        port=port,
        access_log=False,  # addresses of recordings are nobody's business
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,
        limit_concurrency=MOST_REQUESTS,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 << 10,
        ws="none",
    )
