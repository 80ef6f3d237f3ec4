"""Run the server: one process, on this computer alone unless readers and an address are named."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import platformdirs
import uvicorn

from ectopy.app.archived import Archived
from ectopy.app.create import create_app
from ectopy.app.patience import Patience
from ectopy.app.settings import AppSettings
from ectopy.archive.listing import Listing
from ectopy.errors import ConfigError
from ectopy.review import readers
from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store

_SWITCH_S = 0.001  # a summary that is worked out must not hold up the windows of other readers


def default_store() -> Path:
    """Give the folder of the store where none is named."""
    return Path(platformdirs.user_data_dir("ectopy")) / "review"


def serve(
    settings: AppSettings,
    port: int,
    store: Path | None = None,
    new_readers: Sequence[str] = (),
    former_readers: Sequence[str] = (),
    workers: int = 1,
    archive: str | None = None,
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
    former_readers : sequence of str
        Readers whose token is to let nobody in any more.
    workers : int
        Recordings analysed at a time.
    archive : str, optional
        Address of an archive whose recordings are offered.
    say : callable
        Takes the lines that whoever starts it has to read.

    Raises
    ------
    ConfigError
        If it is to listen beyond loopback and the store has no reader, or the store or the port
        cannot be used.
    DataNotFoundError
        If there is no archive at that address, or it has no snapshot yet.
    """
    listing = None if archive is None else Listing(archive)
    os.umask(0o077)  # what is written is for its owner alone
    # Arrow's own pools keep what a result was read with; the system's gives it back.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    place = store or default_store()
    with ExitStack() as opening:  # what was opened is closed where something fails
        new = [readers.checked(name) for name in new_readers]
        listening = _listen(settings.host, port)
        opening.callback(listening.close)
        opened = Store(place)
        opening.callback(opened.close)
        left = {*readers.names(opened)} - {*former_readers} | {*new}
        if not settings.loopback and not left:
            raise ConfigError(
                f"{settings.host} can be reached by others, and the store has no reader with a "
                "token; name its readers, or serve on 127.0.0.1 alone",
                change="readers",
            )
        for name in former_readers:
            readers.remove(opened, name)
        tokens = {name: readers.add(opened, name) for name in new}
        review = Review(opened, Limits(at_once=workers))
        opening.pop_all()
    host = _named(settings)
    sys.setswitchinterval(_SWITCH_S)
    logging.getLogger("ectopy.app").setLevel(logging.WARNING)
    say(f"ectopy serves {place} on http://{host}:{port}/ (Ctrl-C stops it)")
    if settings.loopback and not left:
        say("only this computer can reach it, and no token is needed")
    elif settings.loopback:
        say("only this computer can reach it, and every reader needs a token")
    else:
        say("others can reach it: every reader needs a token, and http is not encrypted")
    for name, token in tokens.items():
        say(f"{name}: http://{host}:{port}/#token={token}")
    archived = None if listing is None else Archived(listing, review)
    config = uvicorn.Config(
        create_app(review, settings, archived),
        http=Patience,
        access_log=False,  # addresses of recordings are nobody's business
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 << 10,
        ws="none",
    )
    with listening, suppress(KeyboardInterrupt):  # it has stopped as it should by then
        uvicorn.Server(config).run(sockets=[listening])


def _named(settings: AppSettings) -> str:
    """Give the host of the addresses that are said: one that others can open, where it is known."""
    if settings.host in ("0.0.0.0", "::") and settings.names:
        return settings.names[0]
    return f"[{settings.host}]" if ":" in settings.host else settings.host


def _listen(host: str, port: int) -> socket.socket:
    """Take the port, before anything is changed in the store."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
    except OSError as error:
        raise ConfigError(
            f"{host} is no address of this computer ({error.strerror}); name one, such as "
            "127.0.0.1",
            change="host",
        ) from error
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"port {port} of {host} cannot be listened on ({error.strerror}); name another one, or "
            "stop what uses it",
            change="port",
        ) from error
    return listening
