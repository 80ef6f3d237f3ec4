"""A client of the application over a store, and what asks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from ectopy.app.create import create_app
from ectopy.app.settings import AppSettings
from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store

API = "/api/v1"


class Client:
    """Asks the application without a network, one request after another."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal
        self._http = httpx.AsyncClient(
            transport=transport,
            base_url="http://127.0.0.1",
            headers={"X-Ectopy": "test"},
            timeout=60,
        )

    def request(self, method: str, address: str, **values: Any) -> httpx.Response:
        return self._portal.call(partial(self._http.request, method, address, **values))

    def get(self, address: str, **values: Any) -> httpx.Response:
        return self.request("GET", address, **values)

    def post(self, address: str, **values: Any) -> httpx.Response:
        return self.request("POST", address, **values)

    def put(self, address: str, **values: Any) -> httpx.Response:
        return self.request("PUT", address, **values)

    def delete(self, address: str, **values: Any) -> httpx.Response:
        return self.request("DELETE", address, **values)


@dataclass
class Session:
    """A client, and the recording that is ready."""

    http: Client
    review: Review
    recording: str

    @property
    def at(self) -> str:
        """Address of the recording."""
        return f"{API}/recordings/{self.recording}"

    def get(self, what: str, **query: Any) -> Any:
        answer = self.http.get(f"{self.at}/{what}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, **wanted: Any) -> Any:
        answer = self.http.post(f"{self.at}/edits", json={"edit": wanted})
        assert answer.status_code == 201, answer.text
        return answer.json()


def started(
    folder: Path, recording: str, settings: AppSettings | None = None, limits: Limits | None = None
) -> Iterator[Session]:
    """Serve a store until the test is over."""
    review = Review(Store(folder), limits)
    with start_blocking_portal() as portal:
        yield Session(Client(create_app(review, settings), portal), review, recording)
        review.close()
