"""The system's Firefox, driven over its own protocol, Marionette: nothing is to be installed.

Each message is its length, a colon, and JSON: ``[0, number, command, parameters]`` is answered by
``[1, number, error, result]`` (`testing/marionette` in the source of Firefox).
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
_PATIENCE_S = 40
_PREFERENCES = {
    "marionette.port": 0,  # one that is free
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """A window of Firefox; `firefox` opens one.

    Parameters
    ----------
    connection : socket
        To its Marionette.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._file = connection, connection.makefile("rb")
        self._number = 0
        self._read()  # it greets
        self.send("WebDriver:NewSession", capabilities={})

    def _read(self) -> Any:
        length = b""
        while (byte := self._file.read(1)) != b":":
            assert byte, "Firefox ended"
            length += byte
        return json.loads(self._file.read(int(length)))

    def send(self, command: str, **parameters: Any) -> Any:
        """Have something done; give what comes of it."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def go(self, address: str) -> None:
        """Open a page."""
        self.send("WebDriver:Navigate", url=address)

    def run(self, script: str, *given: Any) -> Any:
        """Give the value of an expression, whose `arguments` are given; one to come is awaited."""
        body = f"const done = arguments[arguments.length - 1]; Promise.resolve({script}).then(done)"
        found = self.send("WebDriver:ExecuteAsyncScript", script=body, args=list(given))
        return found["value"]

    def until(self, script: str, *given: Any) -> Any:
        """Wait for an expression to be true."""
        end = time.monotonic() + _PATIENCE_S
        while not (found := self.run(script, *given)):
            assert time.monotonic() < end, (script, given)
            time.sleep(0.05)
        return found

    def press(self, keys: str) -> None:
        """Press keys, one after another."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keys", "actions": actions}
        self.send("WebDriver:PerformActions", actions=[source])

    def click(self, selector: str, text: str = "") -> None:
        """Click what a selector finds first with a text in it."""
        of = (
            "[...document.querySelectorAll(arguments[0])]"
            ".find((e) => e.innerText.includes(arguments[1]))"
        )
        self.until(of, selector, text)
        place = self.run(
            f"(() => {{ const e = {of}; e.scrollIntoView({{ block: 'nearest' }});"
            " const box = e.getBoundingClientRect();"
            " return [box.left + box.width / 2, box.top + box.height / 2]; })()",
            selector,
            text,
        )
        x, y = map(int, place)
        moves: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y}]
        moves += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        source = {"type": "pointer", "id": "mouse", "actions": moves}
        self.send("WebDriver:PerformActions", actions=[source])


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Start the system's Firefox, with a profile of its own that is thrown away."""
    assert FIREFOX
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        (Path(folder) / "user.js").write_text("\n".join(lines))
        command = [FIREFOX, "--headless", "--no-remote", "--marionette", "--profile", folder]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
            try:
                with socket.create_connection(("127.0.0.1", _port(folder))) as connection:
                    yield Firefox(connection)
            finally:
                process.terminate()


def _port(folder: str) -> int:
    """Read where it listens, once it says so."""
    told = Path(folder) / "MarionetteActivePort"
    end = time.monotonic() + _PATIENCE_S
    while not (told.exists() and told.read_text().strip()):
        assert time.monotonic() < end, "Firefox does not listen"
        time.sleep(0.05)
    return int(told.read_text())
