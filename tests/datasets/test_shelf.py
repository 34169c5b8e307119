"""The shelf finds every data set by itself, and says in the user's words what is missing."""

import dataclasses
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import neurarium.datasets
from neurarium.datasets import shelf, tiny_shakespeare
from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile

TEXT = b"To be, or not to be"
SHA256 = "80ed7fc26bc0bbb12ef93ae6dbc4bdaae8262e83e65163626e57c24b8fc316a8"
HELPERS = {"object_arrays", "sketches", "archives", "card", "download", "pictures", "places", "shelf", "tables"}


@pytest.fixture
def short_play(monkeypatch: pytest.MonkeyPatch) -> RemoteFile:
    """The card of Tiny Shakespeare, with a file of 19 bytes."""
    file = RemoteFile("input.txt", SHA256, len(TEXT), "http://127.0.0.1:9/input.txt")
    monkeypatch.setattr(tiny_shakespeare, "CARD", dataclasses.replace(tiny_shakespeare.CARD, files=(file,)))
    return file


def put(folder: Path, content: bytes = TEXT) -> Path:
    """A shelf in `folder` with the file of the short play."""
    place = folder / "tiny_shakespeare" / "input.txt"
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return folder


def test_every_file_of_the_room_is_a_data_set_or_a_helper():
    files = {file.name for file in pkgutil.iter_modules(neurarium.datasets.__path__)}
    assert set(shelf.names()) == files - HELPERS
    assert shelf.names() == sorted(shelf.names())


def test_listing_the_shelf_loads_neither_torch_nor_scikit_learn_nor_scipy():
    code = (
        "import sys; from neurarium.datasets import shelf; [shelf.describe(n) for n in shelf.names()];"
        "print(*{'torch', 'sklearn', 'scipy', 'PIL', 'requests'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("\n", "", 0)


@pytest.mark.parametrize("name", shelf.names())
class TestEveryCard:
    def test_it_says_all_there_is_to_say(self, name):
        card = shelf.describe(name)
        assert card.name == name
        assert card.title
        assert card.task
        assert card.shape
        assert card.licence
        assert card.citation
        assert re.match(r"https?://\S+$", card.address)
        assert re.search(r"\b(19|20)\d\d\b", card.citation) or name in ("signs", "war_and_peace", "series_temperatures")

    def test_its_files_are_known_by_hash_size_and_a_plain_path(self, name):
        card = shelf.describe(name)
        for file in card.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size > 0
            assert not Path(file.path).is_absolute()
            assert ".." not in file.path
            assert "\\" not in file.path
            assert file.url is None or (file.url.startswith("http") and file.url.endswith(Path(file.path).name))
        assert len({file.sha256 for file in card.files}) == len(card.files)

    def test_a_set_that_cannot_be_downloaded_says_what_its_files_are(self, name):
        card = shelf.describe(name)
        assert card.kind != "real" or card.downloadable or card.note

    def test_its_folder_is_none_while_its_files_are_absent(self, name):
        assert shelf.where(name) is None

    def test_absent_and_offline_it_says_what_to_put_where(self, name, tmp_path):
        card = shelf.describe(name)
        if card.kind != "real":
            with pytest.raises(ValueError, match="needs no files"):
                shelf.fetch(name)
            return
        with pytest.raises(FileNotFoundError) as caught:
            shelf.load(name)
        message = str(caught.value)
        assert str(tmp_path / "cache" / card.folder) in message
        assert "NEURARIUM_DATA" in message
        assert card.address in message
        for file in card.files:
            assert file.path in message
            assert f"{file.size:,} bytes" in message
        assert ("NEURARIUM_OFFLINE" in message) == card.downloadable


def test_an_unknown_name_suggests_near_ones():
    with pytest.raises(ValueError, match=r"no data set 'mnits'. Did you mean 'mnist'"):
        shelf.load("mnits")
    with pytest.raises(ValueError, match="'fashion_mnist'"):
        shelf.where("Fashion-MNIST")


def test_an_unknown_name_like_no_other_lists_them_all():
    with pytest.raises(ValueError, match=r"There are: .*mnist"):
        shelf.describe("zzzzzz")


def test_an_unknown_option_suggests_near_ones():
    with pytest.raises(TypeError, match=r"'ring' has no option 'n_mode'. Did you mean 'n_modes'"):
        shelf.load("ring", n_mode=3)
    with pytest.raises(TypeError, match="has no option 'files'"):
        shelf.load("mnist", files=None)
    with pytest.raises(TypeError, match=r"'digits' has no option 'n'.$"):
        shelf.load("digits", n=3)


def test_the_users_folders_come_before_the_cache_and_in_their_order(short_play, tmp_path, monkeypatch):
    first, second, cache = (put(tmp_path / folder) for folder in ("first", "second", "cache"))
    assert shelf.where("tiny_shakespeare") == cache / "tiny_shakespeare"
    monkeypatch.setenv("NEURARIUM_DATA", os.pathsep.join(["", str(tmp_path / "none"), str(first), str(second)]))
    assert shelf.where("tiny_shakespeare") == first / "tiny_shakespeare"
    assert shelf.fetch("tiny_shakespeare") == first / "tiny_shakespeare"
    assert shelf.load("tiny_shakespeare").data == TEXT.decode()


def test_without_other_wishes_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("NEURARIUM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="neurarium"):
        shelf.load("mnist")


@pytest.mark.parametrize("content", [b"To be, or not to bE", b"To be", TEXT * 2])
def test_a_wrong_file_in_the_users_folder_is_refused_and_left_alone(short_play, tmp_path, monkeypatch, content):
    folder = put(tmp_path / "mine", content)
    monkeypatch.setenv("NEURARIUM_DATA", str(folder))
    monkeypatch.setenv("NEURARIUM_OFFLINE", "0")
    for act in (shelf.load, shelf.fetch):
        with pytest.raises(ValueError, match=r"damaged, or another version.*Delete it") as caught:
            act("tiny_shakespeare")
        assert str(folder) in str(caught.value)
    assert (folder / "tiny_shakespeare" / "input.txt").read_bytes() == content


def test_a_wrong_file_in_the_cache_is_refused_and_the_cure_named(short_play, tmp_path):
    put(tmp_path / "cache", b"x" * len(TEXT))
    with pytest.raises(ValueError, match="neurarium data get tiny_shakespeare"):
        shelf.load("tiny_shakespeare")


def test_half_of_the_files_is_as_good_as_none(tmp_path):
    folder = tmp_path / "cache" / "mnist"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(b"")
    assert shelf.where("mnist") is None


def test_a_card_must_have_files_if_and_only_if_it_is_real():
    about = {"name": "a", "title": "A", "task": ("t",), "shape": "s", "licence": "l", "citation": "c"}
    with pytest.raises(ValueError, match="real and lists 0 files"):
        DatasetCard(kind="real", **about)
    with pytest.raises(ValueError, match="generated and lists 1 files"):
        DatasetCard(kind="generated", files=(RemoteFile("f", "0" * 64, 1),), **about)
    assert DatasetCard(kind="generated", **about).limits == Limits(0, 0, 0)


def test_a_data_set_prints_its_sizes_and_not_its_data():
    dataset = Dataset("mine", [np.zeros(2)] * 1_000, test_data="text " * 1_000)
    assert repr(dataset) == "Dataset('mine', data=1,000 arrays, test_data=5,000 characters)"
