"""The chart in a browser: every network opens and computes what Python computes, and nobody is shut out."""

import pytest

from browsing import Opened
from neurarium.tour.page.page import LARGEST
from neurarium.views.laboratory import lab
from neurarium.views.looking import look
from paging import AXE, TABBABLE, UNREACHED, check_changes, same
from tour.page.conftest import LAB

CHART = 37
TILES = "[...document.querySelectorAll('.tile')].filter(each => each.checkVisibility())"
GO = """async to => {
    const [before, changed] = [location.href, new Promise(done => addEventListener("hashchange", done, {once: true}))];
    location.hash = to;
    if (location.href !== before) await changed;
}"""


class Chart(Opened):
    """The page, at an address behind its "#"."""

    def go(self, fragment):
        self.page.evaluate(GO, fragment)
        self.page.evaluate("window.neurarium.ready")

    def open(self, fragment, name):
        self.go(fragment)
        self.until("name => window.neurarium.scene?.(name) !== undefined", name)
        self.page.evaluate("window.neurarium.ready")

    def scene(self):
        return self.page.evaluate("window.neurarium.scene()")

    def tiles(self):
        return self.page.evaluate(f"{TILES}.map(each => each.dataset.code)")


@pytest.fixture(scope="module")
def once(browser, file):
    return Chart(browser, file.as_uri())


@pytest.fixture
def chart(once):
    """The page as it is at first."""
    once.page.set_viewport_size({"width": 1280, "height": 900})
    once.go("/?lang=en")
    yield once
    assert once.troubles == []


def test_the_whole_file_is_no_larger_than_it_may_be(file):
    assert file.stat().st_size <= LARGEST


def test_every_network_opens_and_shows_what_python_shows(chart, toured, opened_insides):
    views = {inside.name: next(iter(inside.parts)) for inside in opened_insides if inside.kind == "net"}
    assert len(views) == len(toured)
    for result in toured:
        code, (first,) = result.card.code, result.runs
        chart.open(f"/net/{code.lower()}", views[code])
        same(chart.scene(), look(first.fitted, views[code], *first.rows))
        assert chart.page.locator("article.open h1").inner_text() == result.card.name


def test_a_look_goes_on_computing_in_the_page_and_the_address_brings_it_back(browser, file, chart, toured):
    kn = next(result.runs[0] for result in toured if result.card.code == "KN")
    chart.open("/net/KN", "map")
    check_changes(chart, look(kn.fitted, "map", *kn.rows))
    chart.page.evaluate("window.neurarium.remember()")
    assert chart.page.evaluate("location.hash").startswith("#/net/KN?")
    again = Chart(browser, chart.page.evaluate("location.href"))
    assert again.scene() == chart.scene()
    assert again.troubles == []
    again.page.close()


def test_a_lab_opens_and_computes(chart):
    chart.open(f"/lab/{LAB}", LAB)
    same(chart.scene(), lab(LAB))
    check_changes(chart, lab(LAB))
    assert chart.page.locator("article.open h1").is_visible()


def test_the_way_back_leads_to_the_tile_that_was_opened(chart):
    link = chart.page.locator("a[href='#/net/KN']")
    link.scroll_into_view_if_needed()
    before = chart.page.evaluate("scrollY")
    link.focus()
    chart.page.keyboard.press("Enter")
    chart.until("() => window.neurarium.scene?.('map') !== undefined")
    chart.until("() => document.activeElement.tagName === 'H1'")
    assert chart.page.evaluate("scrollY") == 0
    assert not chart.page.locator(".front").is_visible()
    chart.page.go_back()
    chart.until("() => document.activeElement.getAttribute('href') === '#/net/KN'")
    chart.until("before => scrollY === before", before)
    assert chart.page.title() == "The chart of neural networks, alive"


def test_menus_and_years_choose_and_the_address_says_what(chart):
    assert len(chart.tiles()) == CHART
    chart.page.locator("select[name=family]").select_option("recurrent")
    assert chart.tiles() == ["RNN", "LSTM", "GRU", "NTM", "BiRNN", "BiLSTM"]
    chart.page.locator("select[name=verb]").select_option("classify rows")
    chart.page.locator("input[name=to]").fill("1997")
    assert chart.tiles() == ["RNN", "LSTM", "BiRNN"]
    assert chart.page.locator(".count").inner_text() == "3 of 37 networks"
    assert chart.page.evaluate("location.hash") == "#/?family=recurrent&verb=classify+rows&to=1997"
    assert chart.page.evaluate("document.querySelectorAll('.timeline g:not(.out)').length") == 3
    chart.page.locator("input[name=from]").fill("2000")
    assert chart.page.locator("input[name=to]").input_value() == "2000"
    assert chart.tiles() == []
    assert chart.page.get_by_text("No network is all of this.").is_visible()
    chart.page.get_by_role("button", name="Show all").click()
    chart.until(f"() => {TILES}.length === {CHART}")
    chart.go("/?family=map")
    assert chart.tiles() == ["KN"]
    chart.page.locator("a[href='#/?family=convolutional']").click()
    chart.until(f"() => {TILES}.length === 3")


def test_a_kind_of_cell_lights_the_networks_that_have_it(chart):
    chart.page.get_by_role("button", name="spiking hidden").click()
    lit = chart.page.evaluate("[...document.querySelectorAll('.tile.has')].map(each => each.dataset.code)")
    assert lit == ["LSM"]
    assert chart.page.evaluate("location.hash") == "#/?cell=spiking-hidden"
    assert chart.page.locator(".lit").inner_text() == "1 network has it."
    chart.page.get_by_role("button", name="spiking hidden").click()
    assert chart.page.locator(".tile.has").count() == 0


def test_language_and_colours_are_switched_in_the_page_and_inside_the_looks(chart):
    page = chart.page
    page.locator("#language").select_option("es")
    page.locator("#theme").select_option("dark")
    assert page.locator(".front h1").inner_text() == "El esquema de las redes neuronales, en vivo"
    assert page.evaluate("document.documentElement.lang") == "es"
    assert page.locator("select[name=family] option[value=recurrent]").inner_text() == "Recurrentes"
    assert page.locator("#filters").get_attribute("aria-label") == "Elegir del esquema"
    assert page.locator(".count").inner_text() == "37 de 37 redes"
    assert page.evaluate("location.hash") == "#/?lang=es&theme=dark"
    chart.open("/net/LSTM?lang=es&theme=dark", "heatmap")
    assert page.locator("article.open h1").inner_text() == "Larga memoria a corto plazo"
    assert page.locator(".live .all").inner_text() == "Restablecer todo"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.locator("#language").select_option("en")
    assert page.locator(".live .all").inner_text() == "Reset all"
    page.locator("#theme").select_option("system")
    assert page.evaluate("location.hash") == "#/net/LSTM"


@pytest.mark.parametrize(("width", "theme", "language"), [(1600, "light", "en"), (360, "dark", "es")])
def test_nobody_is_shut_out(chart, width, theme, language):
    page = chart.page
    page.set_viewport_size({"width": width, "height": 800})
    if AXE.is_file():
        page.evaluate(AXE.read_text(encoding="utf-8"))
    for place in ("/?cell=memory&from=1990", "/net/HN", f"/lab/{LAB}"):
        chart.go(f"{place}{'&' if '?' in place else '?'}lang={language}&theme={theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
        if AXE.is_file():
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], place
    chart.go("/?lang=en&theme=system")


@pytest.mark.parametrize("fragment", ["/", "/net/P"])
def test_everything_has_its_turn_when_tab_is_pressed(chart, fragment):
    page = chart.page
    chart.go(fragment)
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("document.querySelectorAll('[data-reached]').forEach(each => delete each.dataset.reached)")
    page.evaluate("addEventListener('focusin', event => { event.target.dataset.reached = 'yes' })")
    for _ in range(page.evaluate(f"document.querySelectorAll('{TABBABLE}, summary').length") + 5):
        page.keyboard.press("Tab")
    assert page.evaluate(UNREACHED) == []


def test_an_address_that_means_nothing_shows_the_chart(chart):
    for fragment in ("/net/NOBODY", "/lab/", "nonsense", "/net/%E0%A4%A", "/?family=nobody&cell=none&from=x"):
        chart.go(fragment)
        assert len(chart.tiles()) == CHART, fragment


def test_without_its_script_the_page_can_be_read(browser, file):
    page = browser.new_page(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    for wanted in (
        ".front h1",
        ".ways",
        ".timeline",
        ".tile >> nth=36",
        "[id='/net/LSTM'] h1",
        "[id='/net/LSTM'] .use",
    ):
        assert page.locator(wanted).is_visible(), wanted
    assert page.get_by_text("neurarium look LSTM -o lstm.html").is_visible()
    assert not page.locator("#language").is_visible()
    page.locator("a[href='#/net/KN']").click()
    assert page.locator("[id='/net/KN']").bounding_box()["y"] < 900
    page.close()
