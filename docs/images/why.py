"""Draw why.png: python docs/images/why.py (needs a Chromium, and the extra `demo`).

Why a beat of the packaged example was called V: the upper part of the page that `ectopy explain`
writes.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import ectopy
from ectopy.analysis import example

AT_S = 243.85
SIZE = (1080, 1290)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"


def main() -> None:
    """Explain the beat and take the picture."""
    browser = next(found for name in BROWSERS if (found := shutil.which(name)))
    recording, _ = example.load()
    with tempfile.TemporaryDirectory() as folder:
        page = ectopy.analyze(recording).explain(AT_S).save(Path(folder) / "why.html")
        subprocess.run(
            [
                browser,
                *QUIET.split(),
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={Path(__file__).with_suffix('.png')}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
