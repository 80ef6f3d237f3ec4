"""What tests ask of the page with the trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PX_PER_S = 100  # 25 mm/s at 4 px a mm
# The colour of a pixel of the strip, in CSS pixels from its left upper corner.
PIXEL = """([x, y]) => [...document.querySelector(".trace-strip canvas").getContext("2d")
  .getImageData(x, y, 1, 1).data].slice(0, 3)"""
INK_TOP = """([x0, x1, y0, y1]) => {
  const { data, width } = document.querySelector(".trace-strip canvas").getContext("2d")
    .getImageData(x0, y0, x1 - x0, y1 - y0);
  const tops = [];
  for (let x = 0; x < width; x += 1) {
    let y = 0;
    while (y < y1 - y0 && data[4 * (y * width + x)] > 180) y += 1;
    tops.push(y);
  }
  return tops;
}"""

Open = Callable[..., Any]


def until(page: Any, expression: str) -> None:
    """Wait for something to hold; `wait_for_function` would break the content security policy."""
    end = time.monotonic() + 20
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(30)


def settled(page: Any) -> str:
    """Wait until the view rests, and give the line of text."""
    page.wait_for_timeout(60)
    until(page, "!trace.strip.pane.waiting && trace.strip.element.dataset.drawn === ''")
    page.wait_for_timeout(260)
    return str(page.inner_text(".trace-live"))


def view(page: Any) -> dict[str, float]:
    script = "({start_s: trace.view.start_s, stop_s: trace.view.stop_s, speed: trace.view.speed})"
    return dict(page.evaluate(script))


def told(page: Any, name: str) -> list[Any]:
    return [detail for one, detail in page.evaluate("told") if one == name]
