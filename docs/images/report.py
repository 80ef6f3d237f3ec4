"""Draw report.png and its like: python docs/images/report.py (Chromium, pdftoppm, extra `demo`).

The packaged example as `ectopy demo` reports it: the first page and a strip on a screen, the first
page on paper, and what a phone shows first.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ectopy.analysis.demo import label_example

SHOWN = "VEB couplet"
PHONE = (390, 1500)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"


def main() -> None:
    """Label the example and take the pictures."""
    images = Path(__file__).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, _, made = label_example(folder)
        text = made["html"].read_text(encoding="utf-8")
        first, _, rest = text.partition('<section class="signature"')
        figures = re.findall(r'<figure class="strip".*?</figure>', rest, re.DOTALL)
        kept = [one for one in figures if f". {SHOWN}" in one]
        screen = "".join([first, *kept, "</main></body></html>"])
        browse(folder, screen, f"--screenshot={images / 'report.png'}", "--window-size=1080,1500")

        browse(folder, text, f"--print-to-pdf={folder / 'report.pdf'}", "--no-pdf-header-footer")
        print_ = ["pdftoppm", "-r", "100", "-png", "-singlefile", "-f", "1", "-l", "1"]
        subprocess.run([*print_, folder / "report.pdf", images / "report-print"], check=True)

        # A window is never as narrow as a phone; a frame is.
        (folder / "inner.html").write_text(text, encoding="utf-8")
        size = f"width:{PHONE[0]}px;height:{PHONE[1]}px;border:0"
        frame = f'<body style="margin:0"><iframe src="inner.html" style="{size}"></iframe>'
        picture = folder / "phone.png"
        browse(folder, frame, f"--screenshot={picture}", f"--window-size=500,{PHONE[1]}")
        from PIL import Image

        with Image.open(picture) as wide:
            wide.crop((0, 0, *PHONE)).save(images / "report-phone.png", optimize=True)


def browse(folder: Path, html: str, *options: str) -> None:
    """Open a page and do with it what the options say."""
    browser = next(found for name in BROWSERS if (found := shutil.which(name)))
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    own = f"--user-data-dir={folder / 'profile'}"
    command = [browser, *QUIET.split(), own, *options, page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
