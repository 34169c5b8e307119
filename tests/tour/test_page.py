"""tour.html: one file that needs nothing, shows every network, and trusts no label."""

import base64
import hashlib
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from browsing import CHROMIUM
from neurarium import catalogue
from neurarium.core.card import Cell
from neurarium.core.messages import LANGUAGES, MESSAGES, say
from neurarium.tour.chart import CHART
from neurarium.tour.figures import Picture, Result
from neurarium.tour.page.drawing import drawing
from neurarium.tour.page.page import page_of
from neurarium.tour.page.pictures import picture
from neurarium.tour.page.spanish import SPANISH
from neurarium.tour.page.texts import TEXTS
from neurarium.tour.run import run
from tour.fakes import Broken, NearestMean, card

HOSTILE = "<script>alert(1)</script>\" onload='x' & ]]>"


def parse(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, results: list[Result]) -> str:
    return page_of(results, request.param, built=[result.card.code for result in results])


def test_it_is_well_formed_and_small(page: str) -> None:
    assert parse(page).tag == "html"
    assert len(page.encode()) < 1_000_000
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_asks_for_nothing_and_runs_nothing(page: str) -> None:
    tree = parse(page)
    policy = tree.find(".//meta[@http-equiv='Content-Security-Policy']")
    style = tree.find(".//style")
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    assert policy.get("content", "").startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert not tree.findall(".//script")
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name != "style"
            if name in ("href", "src"):
                assert value.startswith("#"), value
    assert "url(" not in page
    assert "@import" not in page


def test_every_network_has_a_tile_and_the_rest_of_the_chart_is_grey(page: str, results: list[Result]) -> None:
    tree = parse(page)
    assert {tile.get("id") for tile in tree.findall(".//article")} == {f"net-{each.card.code}" for each in results}
    assert len(tree.findall(".//li[@class='unbuilt']")) == len(CHART) - len(results)
    for each in results:
        assert f"neurarium tour --only {each.card.code}<" in page


def test_every_drawing_has_words_and_everything_is_in_a_table_too(page: str, results: list[Result]) -> None:
    tree = parse(page)
    for svg in tree.findall(".//svg"):
        assert svg.get("aria-hidden") == "true" or svg.get("aria-label")
    assert len(tree.findall(".//tbody/tr")) == len(results)
    assert tree.find(".//a[@class='skip']") is not None
    assert tree.get("lang") in LANGUAGES


def test_a_hostile_label_stays_text() -> None:
    bad = card("X", Broken, "classify", name=HOSTILE, claim=HOSTILE, best_when=HOSTILE, departs=HOSTILE)
    odd = card("Y", NearestMean, "copy", name=HOSTILE)
    found = [event for event in run([bad, odd], [0]) if isinstance(event, Result)]
    for speech in LANGUAGES:
        page = page_of(found, speech, built=["X", "Y"])
        assert not parse(page).findall(".//script")
        assert "<script" not in page
        assert "onload='" not in page


def test_a_card_without_spanish_is_marked_as_english(results: list[Result]) -> None:
    stranger = Result(card("NEW", NearestMean, "classify"))
    claim = parse(page_of([stranger], "es", built=["NEW"])).find(".//p[@class='claim']")
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


def test_a_picture_draws_each_pixel_once_at_its_level() -> None:
    tiles = np.random.default_rng(0).random((3, 4, 5))
    svg = parse(picture(Picture("x", tiles, columns=2), "label"))
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
    svg = parse(drawing(layers, links, "label"))  # type: ignore[arg-type]
    assert len(svg.findall("use")) == 10
    lines = svg.findall("path")[0].get("d", "").count("M")
    forward = 3 * 5 + 5 * 2
    assert (
        lines
        == {"forward": forward, "complete": 45, "self": forward + 4, "random": forward + 4, "direct": forward + 1}[
            links
        ]
    )


def test_the_chart_has_all_37_networks_and_every_cell_is_a_cell() -> None:
    assert len(CHART) == 37
    assert {kind for place in CHART.values() for kind, _ in place.layers} == set(Cell) - {Cell.NOISY_INPUT} | {
        Cell.NOISY_INPUT
    }
    assert CHART["LSTM"].spanish == "Larga memoria a corto plazo"


@pytest.mark.parametrize("table", [MESSAGES, TEXTS], ids=["messages", "page"])
def test_every_message_speaks_every_language_with_the_same_blanks(table: dict[str, dict[str, str]]) -> None:
    for key, sentences in table.items():
        assert set(sentences) == set(LANGUAGES), key
        assert all(sentence.strip() for sentence in sentences.values()), key
        blanks = [sorted(re.findall(r"\{(\w+)", sentence)) for sentence in sentences.values()]
        assert all(each == blanks[0] for each in blanks), key
        assert "memoria a corto plazo" not in sentences["es"].replace("arga memoria a corto plazo", "")


def test_every_message_that_the_code_asks_for_exists() -> None:
    source = Path(say.__code__.co_filename).parents[1]
    for file in [*source.joinpath("cli").rglob("*.py"), *source.joinpath("tour").rglob("*.py")]:
        for function, key in re.findall(r"\b(say|text)\(\s*\"([^\"]+)\"", file.read_text()):
            assert key in (MESSAGES if function == "say" else TEXTS), f"{file.name}: {key}"


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("width", [320, 360, 1600])
def test_nothing_sticks_out_at_any_width(width: int, page: str, tmp_path: Path) -> None:
    inner = re.sub(r"<meta http-equiv[^>]*>", "", page)  # the measuring script is the test's, not the page's
    (tmp_path / "inner.html").write_text(inner)
    frame = (
        f'<iframe width={width} height=900 src=inner.html onload="'
        'document.title = contentDocument.documentElement.scrollWidth"></iframe>'
    )
    (tmp_path / "outer.html").write_text(frame)
    words = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --allow-file-access-from-files --virtual-time-budget=3000"
    command = [str(CHROMIUM), *words.split(), *more.split(), f"--user-data-dir={tmp_path / 'user'}", "--dump-dom"]
    done = subprocess.run(
        [*command, f"file://{tmp_path}/outer.html"], capture_output=True, text=True, timeout=60, check=False
    )
    title = re.search(r"<title>(\d+)</title>", done.stdout)
    if title is None:
        pytest.skip("chromium does not run here")
    assert int(title.group(1)) <= width


def test_every_sentence_of_every_card_is_there_in_spanish_and_no_translation_is_left_over() -> None:
    cards = catalogue.cards().values()
    said = {sentence for card in cards for sentence in (card.claim, card.best_when, card.do_not_use_when, card.departs)}
    assert said - {""} == set(SPANISH)
