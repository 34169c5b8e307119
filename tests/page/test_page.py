"""The page in a browser, with a scene of every mark and every control: what hands and keys do and names cannot."""

import gzip
import json
from importlib import resources

import numpy as np
import pytest
from playwright.sync_api import expect

from browsing import Opened
from neurarium.page.html import document
from page.samples import FOLDER, HOSTILE, every, scenes, small, words


@pytest.fixture(scope="module")
def scene():
    return every()


@pytest.fixture(scope="module")
def file(scene, tmp_path_factory):
    path = tmp_path_factory.mktemp("a page") / "every mark.html"
    path.write_text(document([scene, small()]), encoding="utf-8")
    return path


class Page(Opened):
    """A page whose figures are pointed at and walked through."""

    def value(self, name):
        self.page.evaluate("new Promise(requestAnimationFrame)")
        return self.page.evaluate("name => window.neurarium.scene().values[name].data", name)

    def picture(self, title):
        """The part of a figure that can be pointed at and walked through."""
        figure = self.page.locator("figure", has=self.page.get_by_text(title, exact=True))
        return figure.locator(".paper")

    def press(self, title, *keys):
        self.picture(title).focus()
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture(scope="module")
def once(browser, file):
    return Page(browser, file.as_uri())


@pytest.fixture
def opened(once):
    """The page as it is at first."""
    once.page.evaluate("location.hash = 'look=every&lang=en&theme=system'")
    once.page.get_by_role("button", name="Reset all").click()
    yield once
    assert once.troubles == []


def test_names_of_users_are_shown_letter_for_letter_and_never_run(opened):
    told = opened.page.inner_text("body")
    assert HOSTILE in told
    assert opened.page.evaluate("document.querySelectorAll('img, script[src], iframe').length") == 0
    assert opened.page.title() == "Every mark and every control"


def test_every_figure_has_a_name_and_can_be_read_as_a_table(opened):
    for figure in opened.page.locator("figure").all():
        assert figure.get_attribute("aria-labelledby")
        figure.locator("button[aria-pressed]").click()
        assert figure.locator("tbody tr").count() > 0
        assert not figure.locator(".picture").is_visible()
    assert opened.page.get_by_role("row", name="setosa").count() > 0
    for button in opened.page.locator("button[aria-pressed]").all():
        button.click()


def test_arrow_keys_choose_in_pictures(opened):
    opened.press("A network in the chart's cells", "End")
    assert opened.value("t") == [8]
    opened.press("Weights", "ArrowUp", "ArrowUp")
    assert opened.value("t") == [6]
    assert opened.picture("Curves").get_attribute("aria-valuetext") == "one, time step 6: 0.9945"
    opened.press("Maps", "ArrowRight")
    assert opened.value("shown") == [1]
    assert opened.page.get_by_text("Eight classes").count() == 1


def test_a_picture_is_drawn_by_keys_and_by_hand(opened, scene):
    opened.press("Draw here", "ArrowRight", "Space", "ArrowDown", "ArrowDown", "Space")
    drawn = opened.value("digit")
    assert (drawn[1], drawn[0], drawn[17]) == (1, 0, 1)
    opened.page.get_by_role("radio", name="Erase").check()
    box = opened.picture("Draw here").bounding_box()
    middle = box["x"] + box["width"] / 2
    opened.page.mouse.move(middle + 2, box["y"] + 4)
    opened.page.mouse.down()
    opened.page.mouse.move(middle + 2, box["y"] + box["width"] - 4, steps=4)
    opened.page.mouse.up()
    assert [opened.value("digit")[8 * row + 4] for row in range(8)] == [0] * 8
    opened.page.get_by_role("button", name="Reset: picture").click()
    assert opened.value("digit") == scene.values["digit"].ravel().tolist()


def test_points_are_added_moved_and_taken_away_by_keys_and_by_hand(opened):
    title = "A surface with points to move"
    opened.press(title, "Enter", "ArrowRight")
    assert sum(opened.value("points_used")) == 19
    there = opened.value("points_xy")[36]
    opened.press(title, "ArrowRight")
    assert opened.value("points_xy")[36] > there
    opened.press(title, "Delete")
    assert sum(opened.value("points_used")) == 18
    box = opened.picture(title).bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    assert sum(opened.value("points_used")) == 19


def test_a_place_is_dragged_and_moved_by_keys(opened):
    opened.press("A place to drag", "ArrowUp", "ArrowRight")
    assert opened.value("place") == pytest.approx([0.58, -0.42], abs=1e-6)
    box = opened.picture("A place to drag").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.page.mouse.move(*middle)
    opened.page.mouse.down()
    opened.page.mouse.move(middle[0] + 120, middle[1], steps=3)
    opened.page.mouse.up()
    assert 0.8 < opened.value("place")[0] < 2


def test_a_table_is_filled_by_keys_and_its_numbers_stay_in_their_range(opened, scene):
    cells = opened.page.get_by_role("group", name="table", exact=True).locator("input")
    cells.nth(0).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "PageDown", "PageDown", "PageDown"):
        opened.page.keyboard.press(key)
    assert opened.value("table") == [1, 0, 0, 0, -0.5, 0, 0, 0, 1]
    opened.page.keyboard.type("-1.3")
    opened.page.keyboard.press("ArrowUp")
    opened.page.keyboard.type("99")
    opened.page.keyboard.press("Enter")
    assert opened.value("table") == pytest.approx([1, 2, 0, 0, -1.5, 0, 0, 0, 1])
    assert cells.nth(1).input_value() == "2"
    assert [cells.nth(each).get_attribute("tabindex") for each in (0, 1, 4)] == ["-1", "0", "-1"]
    shown = scene.set(table=[[1, 2, 0], [0, -1.5, 0], [0, 0, 1]])
    assert opened.value("sums") == pytest.approx(shown.values["sums"].tolist())
    opened.page.get_by_label("Sample").nth(1).select_option(label="1: two")
    assert opened.value("table") == [1] * 9
    opened.page.get_by_role("button", name="Reset: table").click()
    assert opened.value("table") == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_field_shows_the_number_that_holds_not_one_that_cannot_be(opened):
    step = opened.page.get_by_role("spinbutton", name="step", exact=True)
    for typed, holds in (("99", 8), ("-5", 0), ("-5", 0), ("", 0)):
        step.fill(typed)
        step.press("Enter")
        assert (opened.value("t"), step.input_value()) == ([holds], str(holds))
    across = opened.page.get_by_label("across")
    for typed in ("7", "9"):
        across.fill(typed)
        across.press("Enter")
        assert (opened.value("place")[0], across.input_value()) == (2, "2")


def test_a_redraw_changes_numbers_and_keeps_the_elements(opened):
    """What is read by a screen reader stays where it is."""
    parts = "[...document.querySelectorAll('math *, .paper > svg *')]"
    before = opened.page.evaluate(f"(window.kept = {parts}).map(each => each.textContent).join()")
    opened.page.evaluate("window.neurarium.set('t', 5)")
    assert opened.page.evaluate("window.kept.filter(each => !each.isConnected).length") <= 5
    assert opened.page.evaluate("window.kept.map(each => each.textContent).join()") != before


def test_text_noise_steps_and_files_change_what_is_computed(opened, scene):
    opened.page.get_by_label("text", exact=True).fill("hello xyz!")
    assert opened.value("text")[:10] == [8, 5, 12, 12, 15, 27, 24, 25, 26, 0]
    opened.page.get_by_role("button", name="New noise").click()
    assert opened.value("noise") == pytest.approx(scene.set(noise=8).values["noise"].tolist())
    opened.page.get_by_role("button", name="one step", exact=True).click()
    assert opened.value("level") == [2]
    white = bytes.fromhex("89504e470d0a1a0a") + b"no picture at all"
    broken = {"name": HOSTILE.replace("/", ""), "mimeType": "image/png", "buffer": white}
    opened.page.set_input_files("input[type=file]", files=[broken])
    opened.page.wait_for_selector("[role=alert]")


def test_an_address_brings_everything_back(browser, opened):
    opened.press("A place to drag", "ArrowUp")
    opened.press("Draw here", "Space")
    opened.press("A surface with points to move", "Enter")
    opened.page.get_by_role("button", name="one step", exact=True).click()
    opened.page.locator(".switches select").nth(0).select_option("es")
    opened.page.locator(".switches select").nth(1).select_option("dark")
    opened.page.evaluate("window.neurarium.remember()")
    again = Page(browser, opened.page.evaluate("location.href"))
    assert again.page.evaluate("window.neurarium.scene()") == opened.page.evaluate("window.neurarium.scene()")
    assert again.page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
        "es",
        "dark",
    ]
    assert again.page.inner_text(".sentence").startswith("En el paso 2")
    assert again.troubles == []
    again.page.close()


def test_what_is_remembered_does_not_overrule_an_address_that_was_just_asked_for(opened):
    other = small().look
    opened.page.evaluate(
        "look => { neurarium.set('t', 5); location.hash = `look=${look}`; neurarium.remember() }", other
    )
    opened.until("look => neurarium.scene()?.look === look", other)


def test_the_page_shows_the_python_call_of_what_it_shows(opened):
    opened.page.evaluate("window.neurarium.set('t', 5)")
    opened.page.get_by_text("Show the Python").click()
    expect(opened.page.locator("pre")).to_have_text('neurarium.look(fitted, "every", X, t=5)')


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_pictures_can_be_taken_away(opened, kind):
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name=f"Download A surface with points to move as {kind}").click()
    content = download.value.path().read_bytes()
    if kind == "PNG":
        assert content.startswith(b"\x89PNG")
    else:
        assert b'href="data:image/png;base64,' in content
        assert b"<img" not in content
        assert b"var(" not in content


def test_what_the_script_is_tested_against_is_still_what_python_makes():
    committed = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in ("scene", "words")}
    assert committed["words"] == json.loads(json.dumps(words())), "stale: run tests/page/samples.py"
    made = scenes()
    for part in ("start", "changed"):
        for name, value in committed["scene"][part].pop("values").items():
            np.testing.assert_allclose(value["data"], made[part]["values"][name]["data"], atol=1e-5, err_msg=name)
        del made[part]["values"]
        assert committed["scene"][part] == made[part], "stale: run tests/page/samples.py"


def test_the_page_weighs_little():
    script = resources.files("neurarium.page").joinpath("static", "page.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 60_000  # as the design says
    assert len(document([small()])) <= 150_000


def test_the_document_of_the_page_cannot_end_its_element(file):
    content = file.read_text(encoding="utf-8").split('id="neurarium">')[1].split("</script>")[0]
    assert "<" not in content
    assert json.loads(content)["looks"][0]["scene"]["lists"]["classes"][1] == HOSTILE
