"""`ROUTERS`: all addresses, in the order of their description."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from ectopy.app.routes import archive, edits, labels, outputs, recordings, session, signal

ROUTERS: Final[tuple[APIRouter, ...]] = tuple(
    part.router for part in (session, recordings, archive, signal, labels, edits, outputs)
)
