"""How fast pages answer: milliseconds of a redraw after a control was moved, and until a page can be used, in Chromium.

    python benchmarks/pages.py [CODE|LAB ...]

Every look of every network and every lab (or those named) is made as `neurarium look CODE` makes it and opened from its
file in headless Chromium, and each of its controls is moved ten times; all of it three times, of which the shortest
counts for each redraw, as whatever else the machine does only adds. Printed are, for each look, its size, the
milliseconds until it can be used, and the median and the longest redraw. A frame has 16 ms.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from neurarium import catalogue
from neurarium.page.html import document
from neurarium.views.examples import scenes
from neurarium.views.laboratory import lab, labs

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
TURNS = 10
OPENINGS = 3

MOVES = """async turns => {
  const scene = window.neurarium.scene(), took = [];
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  for (const control of scene.controls) {
    for (let turn = 0; turn < turns; turn++) {
      const share = (turn + 1) / turns;
      const settings = {
        number: () => control.low + control.step * Math.round((share * (control.high - control.low)) / control.step),
        pad: () => control.low.map((low, axis) => low + share * (control.high[axis] - low)),
        toggle: () => turn % 2 === 0,
        choice: () => turn % (scene.lists[control.options] ?? control.options).length,
        picture: () => control.value.data.map((value, pixel) => (pixel % (turn + 2) === 0 ? control.high : value)),
        noise: () => turn,
      };
      if (control.is === "button") window.neurarium.press(control.name);
      else if (settings[control.is]) window.neurarium.set(control.name, settings[control.is]());
      else continue;
      await frame();
      took.push(window.neurarium.timing());
    }
    if (control.is === "choice") window.neurarium.set(control.name, control.value);
  }
  return took;
}"""


def opened(browser, address):
    """Milliseconds until a page can be used, and those of each redraw."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.goto(address)
    page.evaluate("window.neurarium.ready")
    usable = page.evaluate("performance.now()")
    took = page.evaluate(MOVES, TURNS)
    page.close()
    return usable, took


def main(codes):
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        print(f"{'code':11} {'look':11} {'kB':>6} {'usable ms':>9} {'median ms':>9} {'longest':>8}")
        for code in codes or [*catalogue.cards(), *labs()]:
            for scene in [lab(code).set(level="Do")] if code in labs() else scenes(code):
                path = Path(folder) / "page.html"
                path.write_text(document([scene]), encoding="utf-8")
                openings = [opened(browser, path.as_uri()) for _ in range(OPENINGS)]
                usable = min(each for each, _ in openings)
                took = [min(each) for each in zip(*(each for _, each in openings), strict=True)] or [float("nan")]
                size = path.stat().st_size / 1000
                middle, longest = statistics.median(took), max(took)
                print(f"{code:11} {scene.look:11} {size:6.0f} {usable:9.0f} {middle:9.1f} {longest:8.1f}", flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
