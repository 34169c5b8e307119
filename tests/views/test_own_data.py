"""One's own table, folder of images and text, through the command line: the looks show one's own names, as text."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from torch import nn

from neurarium import catalogue
from neurarium.cli.main import main
from neurarium.page.html import document
from neurarium.views.looking import look

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        done = CliRunner().invoke(main, [str(each) for each in arguments])
        assert done.exit_code == 0, done.output
        return done

    return call


@pytest.fixture
def table(tmp_path):
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(60, 3)).round(3)
    kinds = np.where(rows[:, 0] > rows[:, 1], "sweet", HOSTILE)
    lines = ["sugar,acid,weight,kind"]
    lines += [",".join([*map(str, row), kind]) for row, kind in zip(rows, kinds, strict=True)]
    path = tmp_path / "apples.csv"
    path.write_text("\n".join(lines))
    return path


def seen_in(path):
    """Everything that a scene calls something."""
    return json.dumps(json.loads(path.read_text(encoding="utf-8"))["lists"], ensure_ascii=False)


def test_a_table_brings_its_columns_and_its_classes(run, table, tmp_path):
    run("fit", "FF", table, "--target", "kind", "--set", "epochs=3", "--set", "random_state=0", "--out", "net")
    for view in ("network", "margin", "heatmap"):
        run("look", "net", view, "--data", table, "--target", "kind", "-o", "x.json")
        names = seen_in(tmp_path / "x.json")
        for name in ("sugar", "sweet", HOSTILE):
            assert name in names, f"{view} does not name {name}"
    run("look", "net", "margin", "--data", table, "--target", "kind", "--set", "features=acid,weight", "-o", "x.json")
    assert "weight" in seen_in(tmp_path / "x.json")
    run("look", "net", "network", "--data", table, "--target", "kind", "-o", "x.html")
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "\\u003cimg src=x" in page


def test_a_folder_of_images_brings_its_classes_and_its_size(run, tmp_path):
    chance = np.random.default_rng(0)
    for kind, bright in (("dark", 60), ("light", 180)):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for number in range(12):
            pixels = chance.integers(0, 60, (10, 12)) + bright
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / kind / f"{number}.png")
    run("fit", "DCN", "photos", "--set", "epochs=2", "--set", "random_state=0", "--out", "net")
    for view in ("features", "heatmap", "network"):
        run("look", "net", view, "--data", "photos", "-o", "x.json")
        assert '"dark"' in seen_in(tmp_path / "x.json"), view
        scene = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
        drawn = [each for each in scene["controls"] if each["is"] == "picture"]
        assert drawn[0]["value"]["shape"][-2:] == [10, 12], view


@pytest.mark.parametrize(
    ("code", "view", "answered"), [("KN", "map", False), ("FF", "margin", True), ("HN", "energy", False)]
)
def test_a_network_of_vectors_is_looked_into_with_the_pictures_it_was_fitted_on(code, view, answered):
    pictures = np.random.default_rng(0).integers(0, 2, (12, 6, 5)).astype(float)
    y = np.arange(12) % 2 if answered else None
    kind = catalogue.cards()[code].estimators[0]
    fits = {"epochs": 1} if hasattr(kind, "epochs") else {}
    scenes = []
    for X in (pictures, pictures.reshape(12, -1)):
        network = kind(random_state=0, **fits)
        scenes.append(look(network.fit(X) if y is None else network.fit(X, y), view, X, y))
    as_pictures, as_vectors = scenes
    assert as_pictures.lists == as_vectors.lists
    for name, array in as_vectors.values.items():
        np.testing.assert_array_equal(as_pictures.values[name].ravel(), array.ravel(), err_msg=name)


def test_a_text_file_brings_its_symbols(run, tmp_path):
    (tmp_path / "song.txt").write_text("the zebra sees the sea, the sea sees the zebra. " * 30)
    run("fit", "GRULanguageModel", "song.txt", "--set", "epochs=1", "--set", "random_state=0", "--out", "net")
    run("look", "net", "gates", "--data", "song.txt", "-o", "x.json")
    assert '"z"' in seen_in(tmp_path / "x.json")


def test_a_module_of_ones_own_gets_network_features_and_heatmap():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))
    X = np.random.default_rng(0).random((6, 1, 6, 6), np.float32)
    for view in ("network", "features", "heatmap"):
        assert "</html>" in document([look(network, view, X)])


def test_a_lab_is_made_by_one_command(run, tmp_path):
    run("look", "lab", "convolution", "--set", "stride=2", "-o", "x.json")
    scene = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert (scene["look"], scene["values"]["stride"]["data"]) == ("convolution", [2])
    assert scene["python"] == "neurarium.lab('convolution')"


def test_what_cannot_be_looked_at_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments, said in (
        (["look", "FF", "gates", "-o", "x.html"], "is not for a FeedForwardClassifier"),
        (["look", "FF", "gaits", "-o", "x.html"], "did you mean 'gates'"),
        (["look", "FF", "margin", "-o", "x.jpg"], ".html"),
        (["look", "QQ", "-o", "x.html"], "QQ"),
        (["look", "FF", "--data", "digits", "-o", "x.html"], "--data"),
        (["look", "FF", "-o", "nowhere/x.html"], "nowhere"),
        (["look", "lab", "convolutions", "-o", "x.html"], "did you mean 'convolution'"),
        (["look", "lab", "convolution", "--data", "digits", "-o", "x.html"], "--data"),
    ):
        monkeypatch.setattr("neurarium.networks.feed_forward.FeedForwardClassifier.epochs", 1)
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code != 0
        assert said in done.output
        assert len(done.output.strip().splitlines()) <= 2
        assert not list(tmp_path.iterdir())
