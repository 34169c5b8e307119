"""Scenes as files: each ending, the same bytes each time, whole or not at all."""

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from neurarium.page.marks import Bars, Points, Ref, Series
from neurarium.page.saving import check_ending, save
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text


@pytest.fixture
def scene():
    marks = [Series(Ref("y"), names=["<i>", "$b$"]), Points([0, 1], [0, 1], group=[0, 1], groups="names")]
    return Scene(
        "try",
        Text("A <title> & more", "Un <título> y más"),
        Text("Told.", "Dicho."),
        [Panel(Text("Curves", "Curvas"), marks, x=Axis(), y=Axis())],
        lists={"names": ["one", "two"]},
        constants={"y": np.array([[1.0, np.nan, 2.0], [0.0, 1.0, np.inf]])},
    )


BEGINNINGS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".json": b"{"}


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_ending_decides_what_is_written_and_twice_is_the_same(scene, ending, tmp_path):
    first, second = tmp_path / f"a{ending}", tmp_path / f"b{ending.upper()}"
    scene.save(first)
    save([scene], str(second))
    assert first.read_bytes().startswith(BEGINNINGS[ending])
    assert first.read_bytes() == second.read_bytes()
    assert {each.name for each in tmp_path.iterdir()} == {first.name, second.name}, "nothing else is left"


def test_a_vector_picture_says_what_it_is_and_names_no_date(scene, tmp_path):
    scene.save(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert root.find("{http://www.w3.org/2000/svg}title").text == "A <title> & more"
    assert not [each for each in root.iter() if each.tag.endswith("}date")]
    assert float(root.get("width").removesuffix("pt")) / 72 * 25.4 == pytest.approx(180, abs=0.1)


def test_json_is_the_scene_and_numbers_that_are_none_are_said_as_in_programs(scene, tmp_path):
    scene.save(tmp_path / "a.json")
    read = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert read["values"]["y"]["data"] == [1, {"number": "nan"}, 2, 0, 1, {"number": "inf"}]
    assert {name: part for name, part in read.items() if name != "values"} == json.loads(json.dumps(scene.form()))


def test_several_scenes_are_pages_of_a_pdf_or_a_list_but_no_single_picture(scene, tmp_path):
    save([scene, scene], tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().count(b"/Type /Page ") == 2
    save([scene, scene], tmp_path / "a.json")
    assert len(json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))) == 2
    with pytest.raises(ValueError, match=r"a.svg holds one scene; got 2 \(try, try\)"):
        save([scene, scene], tmp_path / "a.svg")
    with pytest.raises(ValueError, match="got 0"):
        save([], tmp_path / "a.pdf")


@pytest.mark.parametrize("name", ["a.jpg", "a", ".svg", "a.svg.gz"])
def test_another_ending_is_refused_with_those_there_are(scene, name, tmp_path):
    with pytest.raises(ValueError, match=r"written as .html, .svg, .png, .pdf or .json; got"):
        scene.save(tmp_path / name)
    with pytest.raises(ValueError, match=name):
        check_ending(name)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_leaves_the_older_one(scene, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="the folder .* does not exist"):
        scene.save(tmp_path / "none" / "a.json")
    kept = tmp_path / "a.json"
    kept.write_text("before")
    monkeypatch.setattr("pathlib.Path.replace", _full)
    with pytest.raises(OSError, match="disk"):
        scene.save(kept)
    assert kept.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def _full(self, target):
    raise OSError(28, "disk full")


def test_spanish_pictures_differ_from_english_ones(scene, tmp_path):
    save([scene], tmp_path / "en.svg")
    save([scene], tmp_path / "es.svg", language="es")
    assert "Un &lt;título&gt; y más" in (tmp_path / "es.svg").read_text(encoding="utf-8")
    assert (tmp_path / "en.svg").read_bytes() != (tmp_path / "es.svg").read_bytes()


def test_the_whole_page_takes_several_scenes(scene, tmp_path, monkeypatch):
    monkeypatch.setattr("neurarium.page.html.static", lambda name: "")
    save([scene, scene], tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_bars_without_names_can_be_written(tmp_path):
    made = Scene(
        "b", Text("B", "B"), Text("B.", "B."), [Panel(Text("p", "p"), [Bars(Ref("v"))])], constants={"v": np.ones(3)}
    )
    made.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
