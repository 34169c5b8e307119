"""Spanish is a whole language: whatever neurarium says in English it says in Spanish too, and not in English."""

import ast
import re
from pathlib import Path

import pytest

import neurarium
from neurarium import catalogue
from neurarium.chart import CHART, place_of
from neurarium.core.messages import LANGUAGES, MESSAGES
from neurarium.tour.page.spanish import SPANISH
from neurarium.tour.page.texts import TEXTS
from spanish import MISTAKE, untranslated, words_of

SOURCE = Path(neurarium.__file__).parent


@pytest.mark.parametrize("table", [MESSAGES, TEXTS], ids=["messages", "page"])
def test_every_message_speaks_every_language_with_the_same_blanks(table: dict[str, dict[str, str]]) -> None:
    for key, sentences in table.items():
        assert set(sentences) == set(LANGUAGES), key
        assert all(sentence.strip() for sentence in sentences.values()), key
        blanks = [sorted(re.findall(r"\{(\w+)", sentence)) for sentence in sentences.values()]
        assert all(each == blanks[0] for each in blanks), key
        assert not MISTAKE.search(sentences["es"]), key


def test_every_message_that_the_code_asks_for_exists() -> None:
    for file in [*SOURCE.joinpath("cli").rglob("*.py"), *SOURCE.joinpath("tour").rglob("*.py")]:
        for function, key in re.findall(r"\b(say|said|text)\(\s*\"([^\"{]+)\"", file.read_text(encoding="utf-8")):
            assert key in (MESSAGES if function == "say" else TEXTS), f"{file.name}: {key}"
    assert all(f"verb.{place.verb}" in MESSAGES for place in CHART.values())
    assert all(f"family.{place.family}" in TEXTS for place in CHART.values())


def test_every_sentence_of_every_card_is_there_in_spanish_and_no_translation_is_left_over() -> None:
    cards = catalogue.cards().values()
    said = {sentence for card in cards for sentence in (card.claim, card.best_when, card.do_not_use_when, card.departs)}
    said |= {place.departs for place in CHART.values() if place.code not in catalogue.cards()}
    assert said - {""} == set(SPANISH)
    assert all(spanish.strip() and spanish != english for english, spanish in SPANISH.items())


def test_every_network_has_a_spanish_name() -> None:
    for code, place in CHART.items():
        assert place.spanish.strip()
        assert place.spanish != place.name or code == "SketchRNN"
    assert all(code in CHART for code in catalogue.cards())


def test_the_card_of_the_lstm_puts_its_spanish_name_right() -> None:
    assert CHART["LSTM"].spanish == "Larga memoria a corto plazo"
    english = place_of(catalogue.cards()["LSTM"]).departs
    assert "one memory of the short-term kind that lasts long" in english
    assert "llamarla «memoria a corto plazo», como se oye en clase, es un error" in SPANISH[english]
    others = [spanish for sentence, spanish in SPANISH.items() if sentence != english]
    assert not any(map(MISTAKE.search, others))


def texts() -> list[tuple[str, str, str]]:
    """Every `Text(english, spanish)` that is written out in the source, with its place."""
    found = []
    sources = {file: file.read_text(encoding="utf-8") for file in sorted(SOURCE.rglob("*.py"))}
    for file, source in sources.items():
        for node in ast.walk(ast.parse(source)) if "Text(" in source else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                words = [_written(each) for each in (*node.args, *(keyword.value for keyword in node.keywords))]
                if len(words) == 2 and None not in words:
                    found.append((f"{file.name}:{node.lineno}", str(words[0]), str(words[1])))
    return found


def _written(node: ast.expr) -> str | None:
    """A text as it stands in the source, a hole where something is put in; None for what is no text there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(each) or "…" for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [_written(node.left), _written(node.right)]
        return None if None in parts else "".join(map(str, parts))
    return None


def test_every_text_of_every_look_and_lab_is_there_in_spanish() -> None:
    written = texts()
    assert len(written) > 500
    assert [(place, english) for place, english, spanish in written if untranslated(english, spanish)] == []
    assert [place for place, _, spanish in written if MISTAKE.search(spanish)] == []


def test_an_untranslated_text_would_be_found() -> None:
    assert words_of("{n:.2f} rows left") == "rows left"
    assert words_of("x₁, σ(z) = {n|names}") == ""
    assert untranslated("{n} rows left", "{n} rows left")
    assert untranslated("rows", " ")
    assert not untranslated("PCA", "PCA")
    assert MISTAKE.search("la memoria a corto plazo")
    assert not MISTAKE.search("Larga memoria a corto plazo")
