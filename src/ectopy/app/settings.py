"""What the server lets in, and how much of it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOOPBACK_NAMES: Final = ("localhost",)


@dataclass(frozen=True)
class AppSettings:
    """Settings of one server.

    Attributes
    ----------
    host : str
        Address it listens on.
    names : tuple of str
        Host names that it may be called by, besides ``localhost`` and any number: a page of
        another site cannot reach it by a name of its own (DNS rebinding).
    folder : Path or None
        Folder of recordings that are offered.
    json_bytes : int
        Most bytes of a request that is no file.
    quiet_s : float
        Longest silence within a request.
    json_s, file_s : float
        Seconds that a request may take to arrive.

    Examples
    --------
    >>> from ectopy.app import AppSettings
    >>> settings = AppSettings(host="0.0.0.0", names=("ward.example",))
    >>> settings.loopback, settings.answers_to("ward.example:8360")
    (False, True)
    >>> settings.answers_to("evil.example")
    False
    """

    host: str = "127.0.0.1"
    names: tuple[str, ...] = field(default=())
    folder: Path | None = None
    json_bytes: int = 16 << 20
    quiet_s: float = 30.0
    json_s: float = 60.0
    file_s: float = 3600.0

    @property
    def loopback(self) -> bool:
        """Whether only this computer can reach it."""
        if self.host in LOOPBACK_NAMES:
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def answers_to(self, host: str) -> bool:
        """Tell whether a request with this ``Host`` is meant for this server."""
        name = host.rsplit(":", 1)[0] if host.count(":") == 1 or host.startswith("[") else host
        name = name.strip("[]").casefold()
        if name in LOOPBACK_NAMES or name in (one.casefold() for one in self.names):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
