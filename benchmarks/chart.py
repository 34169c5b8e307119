"""How soon the chart is there: milliseconds until it is painted, and until a look that is chosen in it has answered.

    python benchmarks/chart.py [tour/tour.html]

The file, as `neurarium tour` wrote it, is opened in headless Chromium three times, and from then on every network and
lab in it once. Printed are the size of the file, the first paint, and for each network the milliseconds from the click
until its look is drawn and has been drawn again after one of its controls was moved. The bars are 1,000 and 2,000.
"""

import shutil
import statistics
import sys
from pathlib import Path

from pages import FLAGS
from playwright.sync_api import sync_playwright

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
OPEN = """async path => {
  const begun = performance.now();
  location.hash = path;
  await new Promise(done => addEventListener("hashchange", done, { once: true }));
  await window.neurarium.ready;
  const drawn = performance.now() - begun;
  const scene = window.neurarium.scene();
  const control = scene.controls.find(each => each.is === "number");
  if (control) window.neurarium.set(control.name, control.value === control.low ? control.high : control.low);
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return [scene.look, drawn, performance.now() - begun];
}"""


def main(path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        paints = []
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1600, "height": 900})
            page.goto(path.resolve().as_uri())
            page.evaluate("window.neurarium.ready")
            page.wait_for_timeout(300)
            paints.append(page.evaluate(PAINT))
            page.close()
        size, median = path.stat().st_size / 1e6, statistics.median(paints)
        print(f"{size:.2f} MB, painted after {median:.0f} ms (longest {max(paints):.0f})")
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        page.goto(path.resolve().as_uri())
        places = page.evaluate("[...document.querySelectorAll('[data-open]')].map(each => each.closest('.sheet').id)")
        page.close()
        for place in places:
            page = browser.new_page(viewport={"width": 1600, "height": 900})
            page.goto(path.resolve().as_uri())
            page.evaluate("window.neurarium.ready")
            look, drawn, answered = page.evaluate(OPEN, place)
            print(f"{place:22} {look:12} drawn {drawn:6.0f} ms, answered {answered:6.0f} ms", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tour/tour.html"))
