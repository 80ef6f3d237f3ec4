"""Draw report.png: python docs/images/report.py (needs a Chromium, and the extra `demo`).

The packaged example as `ectopy demo` reports it: its first page, and two of its strips.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ectopy.analysis.demo import label_example

SIZE = (1080, 1500)
SHOWN = ("VEB couplet", "VEB trigeminy")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"


def main() -> None:
    """Label the example and take the picture."""
    browser = next(found for name in BROWSERS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder:
        _, _, made = label_example(Path(folder))
        text = made["html"].read_text(encoding="utf-8")
        first, _, rest = text.partition('<section class="signature"')
        figures = re.findall(r'<figure class="strip".*?</figure>', rest, re.DOTALL)
        kept = [one for one in figures if any(f". {name}" in one for name in SHOWN)]
        page = Path(folder) / "page.html"
        page.write_text("".join([first, *kept, "</main></body></html>"]), encoding="utf-8")
        picture = Path(__file__).with_suffix(".png")
        subprocess.run(
            [
                browser,
                *QUIET.split(),
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
