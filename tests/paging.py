"""What is asked of a page with looks or labs: it shows what Python shows, and shuts nobody out."""

import math
from pathlib import Path

import numpy as np

from browsing import Opened
from neurarium.page.controls import Button, Choice, Grid, Noise, Number, Pad, Picture, Toggle
from neurarium.page.html import document

AXE = Path(__file__).parents[1] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


class Page(Opened):
    """A page with looks."""

    def open(self, look):
        self.page.evaluate("look => { location.hash = `look=${look}` }", look)
        self.until("look => window.neurarium.scene(look) !== undefined", look)

    def scene(self):
        return self.page.evaluate("window.neurarium.scene()")

    def axe(self):
        return self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]


def moved(control):
    """Another setting of a control, as Python takes it and as the page does; None for one that nobody moves."""
    if isinstance(control, Number):
        steps = round((control.high - control.low) / control.step)
        value = control.low + control.step * (steps // 3)
        return value, value
    if isinstance(control, Choice):
        return None if isinstance(control.options, str) else (len(control.options) - 1, len(control.options) - 1)
    if isinstance(control, Toggle):
        return not control.value, not control.value
    if isinstance(control, Pad):
        value = [
            float(np.float32(low + 0.3 * (high - low))) for low, high in zip(control.low, control.high, strict=True)
        ]
        return tuple(value), value
    if isinstance(control, Picture | Grid):
        value = np.flip(np.asarray(control.value, np.float32), -1).copy()
        return value, value.ravel().tolist()
    if isinstance(control, Noise):
        return 5, 5
    return None


def near(page, python, name):
    """Whether two arrays are the same to 1e-5 of the largest number."""
    ours = np.array([math.nan if each is None else each for each in page["data"]], float)
    theirs = np.asarray(python, float).ravel()
    assert ours.shape == theirs.shape, name
    finite = np.abs(theirs[np.isfinite(theirs)])
    scale = max(1.0, finite.max(initial=0))
    np.testing.assert_allclose(ours, theirs, atol=1e-5 * scale, rtol=1e-5, err_msg=name)


def same(page, scene):
    """Whether a page shows the scene that Python makes."""
    assert {key: value for key, value in page.items() if key not in ("values", "controls")} == {
        key: value for key, value in scene.form().items() if key != "controls"
    }
    assert set(page["values"]) == set(scene.values)
    for name, array in scene.values.items():
        near(page["values"][name], array, f"{scene.look}: {name}")


def check_changes(opened, scene):
    """Every control is moved, every button pressed, and the page goes on to show what Python shows."""
    settings = {control.name: moved(control) for control in scene.controls}
    settings = {name: setting for name, setting in settings.items() if setting is not None}
    for name, (_, value) in settings.items():
        opened.page.evaluate("([name, value]) => window.neurarium.set(name, value)", [name, value])
    changed = scene.set(**{name: value for name, (value, _) in settings.items()})
    same(opened.scene(), changed)
    for control in scene.controls:
        if isinstance(control, Button):
            opened.page.evaluate("name => window.neurarium.press(name)", control.name)
            changed = changed.press(control.name)
            same(opened.scene(), changed)


TABBABLE = "a[href], button, input, select, textarea, [tabindex]"
UNREACHED = f"""() => [...document.querySelectorAll('{TABBABLE}')]
    .filter(each => each.tabIndex >= 0 && !each.disabled && each.checkVisibility() && !each.dataset.reached)
    .filter(each => each.type !== 'radio' || !document.querySelector(`[name="${{each.name}}"][data-reached]`))
    .map(each => each.outerHTML.slice(0, 200))"""


def check_keyboard(opened, scene):
    """Every control has its turn when Tab is pressed, and the arrow keys move a slider."""
    page = opened.page
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("addEventListener('focusin', event => { event.target.dataset.reached = 'yes' })")
    for _ in range(page.evaluate(f"document.querySelectorAll('{TABBABLE}').length") + 1):
        page.keyboard.press("Tab")
        if not page.evaluate(UNREACHED):
            break
    assert page.evaluate(UNREACHED) == [], scene.look
    hash_now = "(window.neurarium.remember(), location.hash)"
    before = page.evaluate(hash_now)
    for slider in page.query_selector_all("input[type=range]:visible"):
        slider.focus()
        page.keyboard.press("ArrowRight" if slider.input_value() != slider.get_attribute("max") else "ArrowLeft")
    if any(isinstance(control, Number) for control in scene.controls):
        assert page.evaluate(hash_now) != before, scene.look


def check_for_everyone(opened, shown):
    """Light at 1600 pixels, dark at 360, in English and in Spanish: no violation, nothing wider than the screen."""
    axe = AXE.is_file()
    if axe:
        opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, theme, language in ((1600, "light", "en"), (360, "dark", "es")):
        opened.page.set_viewport_size({"width": width, "height": 800})
        for scene in shown:
            opened.page.evaluate(f"location.hash = 'look={scene.look}&theme={theme}&lang={language}'")
            opened.until(
                "([look, lang]) => document.documentElement.lang === lang && window.neurarium.scene().look === look",
                [scene.look, language],
            )
            if width == 1600:
                check_keyboard(opened, scene)
            told = opened.page.inner_text("body")
            assert scene.fill(scene.title, language) in told
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width, scene.look
            if axe:
                violations = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in opened.axe()]
                assert violations == [], f"{scene.look}, {theme}, {width} px"


def check_page(made, path, browser):
    """Open scenes as a page from a file: the same as in Python, at the start and after every change; for everybody."""
    path.write_text(document(made), encoding="utf-8")
    opened = Page(browser, path.as_uri())
    for scene in made:
        opened.open(scene.look)
        same(opened.scene(), scene)
        check_changes(opened, scene)
    assert opened.troubles == []
    check_for_everyone(opened, made)
    assert opened.troubles == []
    opened.page.close()
