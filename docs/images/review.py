"""Draw review-*.png: python docs/images/review.py (Chromium, extras `app`, `train` and `dev`).

The packaged example in the review application, in each state that a reader meets: looked at,
corrected, learnt from and signed, in a store that is thrown away.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

IMAGES = Path(__file__).parent
COLOURS = 160
DESK = {"width": 1280, "height": 800}
TABLET = {"width": 768, "height": 1024}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def main() -> None:
    """Walk the loop and take the pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = next(found for name in BROWSERS if (found := shutil.which(name)))
        opened = playwright.chromium.launch(executable_path=browser, args=list(QUIET))
        light = opened.new_context(viewport=DESK, color_scheme="light").new_page()
        review = loop(light, address)
        dark = opened.new_context(viewport=DESK, color_scheme="dark").new_page()
        show(dark, review, "queue")
        dark.keyboard.press("j")
        taken(dark, "dark")
        small = opened.new_context(viewport=TABLET, color_scheme="light", has_touch=True)
        page = small.new_page()
        show(page, review, "templates")
        taken(page, "tablet")
        opened.close()


def loop(page: Page, address: str) -> str:
    """Take the pictures of a review from its beginning to its end; give its address."""
    page.goto(address)
    page.get_by_text("Nothing here yet").wait_for()
    taken(page, "recordings")
    page.click("#example")
    page.wait_for_url("**/review/*", timeout=120_000)
    review = page.url
    page.locator("#panel-queue [role=option]").first.wait_for()
    page.keyboard.press("j")
    taken(page, "queue")
    page.keyboard.press("w")
    page.locator(".reasons").wait_for()
    taken(page, "why")
    for key, name in (("e", "events"), ("h", "hours"), ("r", "intervals"), ("t", "templates")):
        page.keyboard.press(key)
        if name == "templates":
            page.locator(".pick", has_text="V2").click()
        taken(page, name)
    page.keyboard.press("m")
    page.get_by_role("button", name="Ask me").click()
    page.locator("#panel-learn [aria-selected=true]").wait_for()
    for key in "vvn":
        page.keyboard.press(key)
        page.wait_for_timeout(800)
    page.get_by_role("button", name="Relabel the rest").click()
    page.locator("#accept-proposal").wait_for()
    taken(page, "learn")
    page.click("#accept-proposal")
    page.click("#confirm-yes")  # it is more than a twentieth of these five minutes
    page.wait_for_timeout(1000)
    page.keyboard.press("z")
    page.wait_for_timeout(1000)
    page.keyboard.press("l")
    taken(page, "edits")
    page.keyboard.press("Shift+Z")
    page.keyboard.press("p")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.click("#confirm-yes")
    page.get_by_text("What was signed is what is kept.").wait_for()
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("kappa").wait_for()
    taken(page, "sign")
    page.goto(f"{address}/keys")
    taken(page, "keys")
    return review


def show(page: Page, review: str, panel: str) -> None:
    """Open a review with one of its panels."""
    page.goto(f"{review}#{panel}")
    page.locator(f"#panel-{panel}:not([aria-busy])").wait_for()


def taken(page: Page, name: str) -> None:
    """Take a picture, once all is drawn and nothing is said in passing any more."""
    page.wait_for_load_state("networkidle")
    page.locator(".says.shown").wait_for(state="hidden")
    page.wait_for_timeout(300)
    with Image.open(BytesIO(page.screenshot())) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(IMAGES / f"review-{name}.png", optimize=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve an empty store on a port that is free."""
    app: Any = create_app(Review(Store(folder / "store")))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
