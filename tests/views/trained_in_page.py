"""A page that is trained: its button pressed again and again in Chromium, and the numbers that it then shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from browsing import Opened
from neurarium.page.html import document
from neurarium.page.scene import Scene

_PRESS = """([settings, button, times, names]) => {
    for (const [name, value] of Object.entries(settings)) window.neurarium.set(name, value)
    for (let each = 0; each < times; each += 1) window.neurarium.press(button)
    const values = window.neurarium.scene().values
    return Object.fromEntries(names.map(name => [name, values[name]]))
}"""


def trained_in_page(
    browser: Any,
    folder: Path,
    scene: Scene,
    button: str,
    times: int,
    names: list[str],
    settings: Mapping[str, Any] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """What a page shows after a button was pressed so many times.

    Args:
        browser: The fixture.
        folder: For the page's file: `tmp_path`; a page of this look that is there already is opened again.
        scene: What the page shows; states that a fit begins with are set in it.
        button: Which.
        times: How often.
        names: The arrays wanted.
        settings: Controls that are set in the page first, as JavaScript takes them.
    """
    path = folder / f"{scene.look}.html"
    if not path.exists():
        path.write_text(document([scene]), encoding="utf-8")
    opened = Opened(browser, path.as_uri())
    values = opened.page.evaluate(_PRESS, [dict(settings or {}), button, times, names])
    troubles = list(opened.troubles)
    opened.page.close()
    if troubles:
        raise AssertionError(troubles)
    return {name: np.array(each["data"], float).reshape(each["shape"]) for name, each in values.items()}
