"""A page of Chromium that is watched: no other host, no CSP violation, no error on the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
"""
SMALL = """() => {
  const small = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const place = node.parentElement;
    if (!node.textContent.trim() || !place.checkVisibility()) continue;
    if (parseFloat(getComputedStyle(place).fontSize) < 12) small.push(node.textContent.trim());
  }
  return small;
}"""


@dataclass
class Watched:
    """A page, and what was wrong with it.

    Attributes
    ----------
    page : playwright.sync_api.Page
        It.
    address : str
        Of the server.
    wrong : list of str
        Requests to other hosts, violations, errors.
    """

    page: Any
    address: str
    wrong: list[str] = field(default_factory=list)

    def classes(self) -> dict[str, int]:
        """Count the beats of each class as they are shown."""
        shown = self.page.locator("#classes [data-class]")
        return {
            one.get_attribute("data-class"): int(one.inner_text().replace(",", ""))
            for one in shown.all()
        }

    def settled(self, text: str) -> None:
        """Wait until something was said."""
        self.page.wait_for_function(
            "text => document.getElementById('says').textContent.includes(text)", arg=text
        )

    def axe(self, state: str, part: str | None = None) -> None:
        """Fail on what axe-core finds (in a part), text under 12 px, a page that is too wide."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, context=part, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{state}: {found.generate_report()}"
        assert self.small_text() == [], state
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, state

    def small_text(self) -> list[str]:
        """Give all text under 12 px."""
        return list(self.page.evaluate(SMALL))


@contextmanager
def watched(browser: Any, address: str, **context: Any) -> Iterator[Watched]:
    """Open a page of a browser, whose every request and message is looked at."""
    context = {"viewport": {"width": 1280, "height": 800}, **context}
    opened = browser.new_context(**context)
    opened.set_default_timeout(20_000)
    opened.add_init_script(WATCH)
    page = opened.new_page()
    own = urlsplit(address).netloc
    found = Watched(page, address)

    def requested(request: Any) -> None:
        if urlsplit(request.url).netloc != own:
            found.wrong.append(f"request to {request.url}")

    def answered(answer: Any) -> None:
        if answer.status >= 400:
            found.wrong.append(f"{answer.status} of {answer.url} {answer.request.post_data or ''}")

    def told(kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):
            found.wrong.append(text)

    opened.on("request", requested)
    opened.on("response", answered)
    opened.on("console", lambda m: told(m.type, m.text))
    page.on("pageerror", lambda error: found.wrong.append(str(error)))
    try:
        yield found
    finally:
        opened.close()
