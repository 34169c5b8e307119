"""tour.html: one file that needs nothing, shows every network in both languages, and trusts no label."""

import base64
import hashlib
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from neurarium.chart import CHART
from neurarium.core.card import Cell
from neurarium.core.messages import LANGUAGES
from neurarium.page.html import static
from neurarium.page.words import Text
from neurarium.tour.figures import Picture, Result
from neurarium.tour.inside import Inside
from neurarium.tour.page.drawing import drawing
from neurarium.tour.page.page import page_of
from neurarium.tour.page.pictures import picture
from neurarium.tour.run import run
from tour.fakes import Broken, NearestMean, card

HOSTILE = "<script>alert(1)</script>\" onload='x' & ]]>"


def parse(page: str) -> ElementTree.Element:
    """What is markup; what a script holds is none."""
    bare = re.sub(
        r"(<(?:script|style)[^>]*>).*?(</(?:script|style)>)",
        r"\1\2",
        page.removeprefix("<!DOCTYPE html>\n"),
        flags=re.DOTALL,
    )
    return ElementTree.fromstring(bare)


def shown(element: ElementTree.Element, language: str) -> str:
    """The text that a person reads."""
    if element.tag in ("span", "tspan") and element.get("lang", language) != language:
        return element.tail or ""
    return (element.text or "") + "".join(shown(each, language) for each in element) + (element.tail or "")


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, results: list[Result]) -> str:
    return page_of(results, request.param, built=[result.card.code for result in results])


def test_it_is_well_formed_and_small_and_its_ids_are_its_own(page: str) -> None:
    assert parse(page).tag == "html"
    assert len(page.encode()) < 1_000_000
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_asks_for_nothing_and_runs_its_own_scripts_alone(page: str) -> None:
    tree = parse(page)
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    content = policy.get("content", "")
    assert content.startswith("default-src 'none'; ")
    written = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, flags=re.DOTALL)
    for text in [*written, static("page.js")]:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in content
    assert content.count("sha256-") == len(written) + 1 == 4
    assert {script.get("type") for script in tree.findall(".//script")} == {None, "text/plain"}
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name != "style"
            if name in ("href", "src"):
                assert value.startswith("#") or value == "data:,", value
    assert "url(" not in page
    assert "@import" not in page


def test_every_network_has_a_tile_and_a_sheet_and_the_rest_of_the_chart_is_grey(
    page: str, results: list[Result]
) -> None:
    tree = parse(page)
    codes = {each.card.code for each in results}
    tiles = {tile.get("data-code"): tile.get("data-state") for tile in tree.findall(".//li[@data-code]")}
    assert set(tiles) == set(CHART)
    assert {code for code, state in tiles.items() if state == "built"} == codes
    assert {sheet.get("id") for sheet in tree.findall(".//article")} == {f"/net/{code}" for code in codes}
    for code in codes:
        assert tree.find(f".//a[@href='#/net/{code}']") is not None
        assert f"neurarium tour --only {code}<" in page
        assert f"neurarium look {code} -o" in page


def test_every_drawing_has_words_or_stands_beside_them_and_everything_is_in_a_table(
    page: str, results: list[Result]
) -> None:
    tree = parse(page)
    for svg in tree.findall(".//svg"):
        assert svg.get("aria-hidden") == "true" or svg.get("aria-label")
    assert len(tree.findall(".//tbody/tr")) == len(results)
    assert tree.find(".//a[@class='skip']") is not None
    assert tree.get("lang") in LANGUAGES


def test_every_word_is_there_in_both_languages(page: str) -> None:
    tree = parse(page)
    english, spanish = shown(tree, "en"), shown(tree, "es")
    assert "The chart of neural networks, alive" in english
    assert "Larga memoria a corto plazo" in spanish
    assert "Long short-term memory" not in spanish
    labels = [each.attrib for each in tree.iter() if "aria-label" in each.attrib]
    assert labels
    assert all("data-label" in each for each in labels)
    begins = {"en": "Choose from the chart", "es": "Elegir del esquema"}[tree.get("lang", "")]
    form = tree.find(".//form")
    assert form is not None
    assert form.get("aria-label") == begins
    assert {f"{tree.get('lang')}: {option.text}" for option in tree.findall(".//select[@name='family']/option")} & {
        "en: Recurrent",
        "es: Recurrentes",
    }


def test_a_hostile_label_stays_text() -> None:
    bad = card("X", Broken, "classify", name=HOSTILE, claim=HOSTILE, best_when=HOSTILE, departs=HOSTILE)
    odd = card("Y", NearestMean, "copy", name=HOSTILE)
    found = [event for event in run([bad, odd], [0]) if isinstance(event, Result)]
    lab = Inside("lab", "odd", Text(HOSTILE, HOSTILE), sentence=Text(HOSTILE, HOSTILE))
    for speech in LANGUAGES:
        page = page_of(found, speech, built=["X", "Y"], insides=[lab])
        scripts = parse(page).findall(".//script")
        assert len(scripts) == 3
        assert "<script>alert" not in page
        assert "onload='" not in page


def test_a_card_of_somebody_elses_without_spanish_is_marked_as_english() -> None:
    tree = parse(page_of([Result(card("NEW", NearestMean, "classify"))], "es", built=["NEW"]))
    claim = tree.find(".//article//p[@class='claim']/i")
    assert claim is not None
    assert claim.get("lang") == "en"


def test_the_fast_run_is_called_so(results: list[Result]) -> None:
    fast = page_of(results, "en", built=[], fast=True)
    assert "fast run" in fast
    assert "learnt from 718 of them" in fast
    assert "fast run" not in page_of(results, "en", built=[])


def test_several_splits_are_all_in_the_table() -> None:
    found = [e for e in run([card("X", NearestMean, "classify")], [0, 1, 2]) if isinstance(e, Result)]
    assert len(parse(page_of(found, "en", built=["X"])).findall(".//tbody/tr")) == 4


def test_the_timeline_shows_all_and_no_two_on_top_of_each_other(page: str) -> None:
    dots = parse(page).findall(".//svg[@class='timeline']/g")
    assert {dot.get("data-code") for dot in dots} == set(CHART)
    places = [
        (circle.get("cx"), circle.get("cy")) for circle in (dot.find("circle") for dot in dots) if circle is not None
    ]
    assert len(places) == len(set(places)) == len(CHART)


def test_a_picture_draws_each_pixel_once_at_its_level() -> None:
    tiles = np.random.default_rng(0).random((3, 4, 5))
    svg = parse(picture(Picture("x", tiles, columns=2), aria_label="label"))
    drawn = np.zeros((3, 4, 5))
    for path in svg.findall("path[@fill-opacity]"):
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.get("d", "")):
            column, row = (int(x) - 1) // 7, (int(y) - 1) // 6
            left, top = (int(x) - 1) % 7, (int(y) - 1) % 6
            drawn[row * 2 + column, top, left : left + int(width)] += float(path.get("fill-opacity", "0"))
    assert np.abs(drawn - tiles).max() <= 1 / 16 + 1e-12


@pytest.mark.parametrize("links", ["forward", "complete", "self", "random", "direct"])
def test_every_cell_and_link_of_a_card_is_drawn(links: str) -> None:
    layers = ((Cell.INPUT, 3), (Cell.RECURRENT, 5), (Cell.OUTPUT, 2))
    svg = parse(drawing(layers, links, aria_label="label"))  # type: ignore[arg-type]
    assert len(svg.findall("use")) == 10
    lines = svg.findall("path")[0].get("d", "").count("M")
    forward = 3 * 5 + 5 * 2
    more = {"forward": 0, "self": 4, "random": 4, "direct": 1}
    assert lines == (45 if links == "complete" else forward + more[links])


def test_the_chart_has_all_37_networks_and_every_kind_of_cell() -> None:
    assert len(CHART) == 37
    assert {kind for place in CHART.values() for kind, _ in place.layers} == set(Cell)
