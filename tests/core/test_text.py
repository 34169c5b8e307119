"""Text as numbers and back, and what is no text."""

from pathlib import Path

import pytest

from neurarium.core.text import UNKNOWN, Vocabulary, join_text, read_texts, split_text

VERSE = "Shall I compare thee (or not) to a summer's day?\nThou art more lovely, and more temperate:\n"


@pytest.mark.parametrize("unit", ["character", "word"])
def test_what_was_split_is_joined_to_what_it_was(unit):
    assert join_text(split_text(VERSE, unit), unit) == VERSE


@pytest.mark.parametrize("unit", ["character", "word"])
def test_a_vocabulary_encodes_and_decodes_what_it_was_made_of(unit):
    vocabulary = Vocabulary.of([VERSE], unit)
    codes = vocabulary.encode(VERSE)
    assert vocabulary.decode(codes.tolist()) == VERSE
    assert codes.min() > 0
    assert len(vocabulary) == len(set(split_text(VERSE, unit))) + 1
    assert vocabulary.symbols[0] == UNKNOWN
    assert list(vocabulary.symbols[1:]) == sorted(vocabulary.symbols[1:])


def test_what_is_rare_or_new_is_unknown():
    vocabulary = Vocabulary.of(["a rose is a rose", "is it"], "word", least=2)
    assert vocabulary.symbols == (UNKNOWN, "a", "is", "rose")
    assert vocabulary.encode("it is a lily").tolist() == [0, 2, 1, 0]
    assert vocabulary.decode([0, 2]) == f"{UNKNOWN} is"
    assert Vocabulary.of([UNKNOWN + "a"], "character").symbols == (UNKNOWN, "a")


def test_letters_of_all_languages_are_letters_of_words():
    assert split_text("¿Qué año, señor?", "word") == ["¿", "Qué", "año", ",", "señor", "?"]
    assert split_text("a\u0301 🙂", "character") == ["a", "\u0301", " ", "🙂"]


def test_texts_come_one_by_one_from_a_text_a_list_or_a_file(tmp_path):
    assert list(read_texts("It", "one")) == ["one"]
    assert list(read_texts("It", ("one", "", "two"))) == ["one", "", "two"]
    file = tmp_path / "verse.txt"
    file.write_text(VERSE)
    with file.open() as lines:
        assert "".join(read_texts("It", lines)) == VERSE


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (None, "NoneType"),
        (3.5, "float"),
        (b"bytes", "bytes"),
        ({"a": 1}, "dict"),
        ("", "empty"),
        ([], "empty"),
        (["", ""], "empty"),
        (["a", 1], "entry 1 is int: 1"),
        ([None], "entry 0 is NoneType"),
        (Path("verse.txt"), "not the file that holds it"),
    ],
    ids=repr,
)
def test_what_is_no_text_is_refused_in_words(bad, words):
    with pytest.raises(ValueError, match=words):
        list(read_texts("It", bad))


def test_the_name_of_a_file_is_not_taken_for_its_text(tmp_path):
    file = tmp_path / "verse.txt"
    assert list(read_texts("It", str(file))) == [str(file)]
    file.write_text(VERSE)
    with pytest.raises(ValueError, match="is the name of a file: pass open"):
        list(read_texts("It", str(file)))
