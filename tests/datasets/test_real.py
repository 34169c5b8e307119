"""Real data sets, read from ../shared/data: each is what its card says. Skipped where that folder is not there."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neurarium.datasets import fashion_mnist, shelf
from neurarium.datasets.card import Dataset

CHECKS: dict[str, Callable[[Dataset], None]] = {}


def check(function: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    CHECKS[function.__name__] = function
    return function


def is_pictures(data: np.ndarray, *shape: int) -> bool:
    return data.shape == shape and data.dtype == np.float32 and data.min() >= 0 and 0.9 < data.max() <= 1


@pytest.mark.parametrize("name", [name for name in shelf.names() if shelf.describe(name).kind == "real"])
def test_a_real_data_set_is_what_it_should_be(name, shared):
    if shelf.where(name) is None:
        pytest.skip(f"{name} is not in {shared}")
    dataset = shelf.load(name)
    assert dataset.name == name
    for data, target in (
        (dataset.data, dataset.target),
        (dataset.valid_data, dataset.valid_target),
        (dataset.test_data, dataset.test_target),
    ):
        assert target is None or len(data) == len(target)
    if isinstance(dataset.target, np.ndarray) and dataset.target.dtype == np.int64 and dataset.target_names:
        assert set(dataset.target) == set(range(len(dataset.target_names)))
    CHECKS[name](dataset)


@check
def mnist(dataset):
    assert is_pictures(dataset.data, 60_000, 28, 28)
    assert is_pictures(dataset.test_data, 10_000, 28, 28)
    assert np.bincount(dataset.target).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert dataset.data.mean(dtype=np.float64) == pytest.approx(0.1307, abs=1e-4)  # as everybody normalises it


@check
def cifar10(dataset):
    assert is_pictures(dataset.data, 10_000, 32, 32, 3)
    assert is_pictures(dataset.test_data, 1_000, 32, 32, 3)
    assert np.bincount(dataset.target).tolist() == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]
    assert np.bincount(dataset.test_target).tolist() == [103, 89, 100, 103, 90, 86, 112, 102, 106, 109]
    red, _, blue = dataset.data[dataset.target == dataset.target_names.index("ship")].mean((0, 1, 2))
    assert blue > red  # the sea


@check
def orl_faces(dataset):
    assert is_pictures(dataset.data, 390, 112, 92)
    assert np.bincount(dataset.target).tolist() == [10] * 39
    own = np.linalg.norm(dataset.data[0] - dataset.data[1:10], axis=(1, 2)).mean()
    assert own < np.linalg.norm(dataset.data[0] - dataset.data[10:], axis=(1, 2)).mean()


@check
def isomap_faces(dataset):
    assert is_pictures(dataset.data, 698, 32, 32)
    assert dataset.target.mean(0) == pytest.approx(0, abs=1e-5)
    assert dataset.target.std(0) == pytest.approx(1, abs=1e-2)
    light_from_one_side = dataset.data[:, :, :16].mean((1, 2)) - dataset.data[:, :, 16:].mean((1, 2))
    relation = [abs(np.corrcoef(light_from_one_side, factor)[0, 1]) for factor in dataset.target.T]
    assert relation[0] > 0.7 > 0.4 > max(relation[1:])


@check
def signs(dataset):
    assert is_pictures(dataset.data, 864, 64, 64, 3)
    assert is_pictures(dataset.valid_data, 216, 64, 64, 3)
    assert is_pictures(dataset.test_data, 120, 64, 64, 3)
    assert np.bincount(dataset.test_target).tolist() == [20] * 6


@check
def sign_language_digits(dataset):
    assert is_pictures(dataset.data, 400, 100, 100, 3)
    assert np.bincount(dataset.target).tolist() == [40] * 10


@check
def gtsrb32(dataset):
    assert is_pictures(dataset.data, 3_920, 32, 32, 3)
    assert is_pictures(dataset.test_data, 2_105, 32, 32, 3)
    assert set(dataset.target) == set(dataset.test_target) == set(range(43))
    red, _, blue = dataset.data[dataset.target == 38].mean((0, 1, 2))
    assert blue > red  # 38: keep right, a white arrow on blue


@check
def uci_banknote(dataset):
    assert dataset.data.shape == (1_372, 4)
    assert np.bincount(dataset.target).tolist() == [762, 610]
    assert dataset.data[0].tolist() == [3.6216, 8.6661, -2.8073, -0.44699]


@check
def uci_abalone(dataset):
    assert dataset.data.shape == (4_177, 10)
    assert len(dataset.feature_names) == 10
    assert dataset.data[:, :3].sum(0).tolist() == [1_528, 1_307, 1_342]
    assert dataset.target.min() == 1
    assert dataset.target.max() == 29


@check
def uci_letter(dataset):
    assert dataset.data.shape == (20_000, 16)
    assert dataset.data.max() == 15
    assert dataset.target_names[dataset.target[0]] == "T"
    assert dataset.data[0, :3].tolist() == [2, 8, 3]


@check
def uci_adult(dataset):
    assert dataset.data.shape == (32_561, 14)
    assert dataset.test_data.shape == (16_281, 14)
    assert (dataset.target.sum(), dataset.test_target.sum()) == (7_841, 3_846)
    assert dataset.data[0, :4].tolist() == [39.0, "State-gov", 77_516.0, "Bachelors"]
    assert (dataset.data == "?").any(1).sum() == 32_561 - 30_162  # as adult.names counts


@check
def tiny_shakespeare(dataset):
    assert len(dataset.data) == 1_115_394
    assert len(set(dataset.data)) == 65
    assert dataset.data.startswith("First Citizen:")


@check
def war_and_peace(dataset):
    assert len(dataset.data) == 3_227_579
    assert "Well, Prince, so Genoa and Lucca" in dataset.data


@check
def wikitext2(dataset):
    texts = (dataset.data, dataset.valid_data, dataset.test_data)
    assert [len(text.split()) + text.count("\n") for text in texts] == [2_088_628, 217_646, 245_569]


@check
def sst2(dataset):
    assert [len(part) for part in (dataset.data, dataset.valid_data, dataset.test_data)] == [6_920, 872, 1_821]
    assert dataset.target[0] == 1
    assert dataset.data[0].startswith("a stirring , funny")
    assert not any("\t" in sentence for sentence in dataset.data)


@check
def multi30k(dataset):
    assert [len(part) for part in (dataset.data, dataset.valid_data, dataset.test_data)] == [29_000, 1_014, 1_000]
    assert dataset.data[0].startswith("Zwei junge weiße Männer")
    assert dataset.target[0].startswith("Two young, White males")
    assert shelf.load("multi30k", source="en", target="fr").test_data[0] == dataset.test_target[0]
    with pytest.raises(ValueError, match="language among en, de, fr; got 'no'"):
        shelf.load("multi30k", target="no")


@check
def fsdd(dataset):
    assert len(dataset.data) == 2_700
    assert np.bincount(dataset.test_target).tolist() == [30] * 10
    assert all(wave.ndim == 1 and wave.dtype == np.float32 and np.abs(wave).max() <= 1 for wave in dataset.data)
    assert np.mean([len(wave) for wave in dataset.data + dataset.test_data]) / 8_000 == pytest.approx(0.44, abs=0.01)
    speakers = shelf.load("fsdd", tag="speaker")
    assert len(speakers.target_names) == 6
    assert np.bincount(speakers.target).tolist() == [450] * 6
    with pytest.raises(ValueError, match="tag 'digit' or 'speaker'"):
        shelf.load("fsdd", tag="mood")


@check
def jsb_chorales(dataset):
    assert [len(part) for part in (dataset.data, dataset.valid_data, dataset.test_data)] == [229, 76, 77]
    notes = np.flatnonzero(dataset.test_data[0][0])
    assert [int(dataset.feature_names[note]) for note in notes] == [72, 76, 79, 84]
    longer = shelf.load("jsb_chorales", step="16th")
    assert [len(part) for part in (longer.data, longer.valid_data, longer.test_data)] == [229, 76, 77]
    assert max(roll.sum(1).max() for roll in longer.data) == 4  # voices
    ratio = sum(map(len, longer.data)) / sum(map(len, dataset.data))
    assert ratio == pytest.approx(4, rel=0.02)
    with pytest.raises(ValueError, match="step 'quarter' or '16th'"):
        shelf.load("jsb_chorales", step="8th")


@check
def series_airline(dataset):
    assert dataset.data.shape == (144, 1)
    assert dataset.data[[0, -1], 0].tolist() == [112, 432]


@check
def series_sunspots(dataset):
    assert dataset.data.shape == (2_820, 1)
    assert dataset.data[[0, -1], 0].tolist() == [58.0, 33.4]


@check
def series_temperatures(dataset):
    assert dataset.data.shape == (3_650, 1)
    assert dataset.data[[0, 1], 0].tolist() == [20.7, 17.9]


@check
def series_laser(dataset):
    assert dataset.data.shape == (10_093, 1)
    assert dataset.data[:5, 0].tolist() == [86, 141, 95, 41, 22]


@check
def ett(dataset):
    assert dataset.data.shape == (17_420, 7)
    assert dataset.feature_names == ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
    assert dataset.data[0, -1] == pytest.approx(30.531, abs=1e-6)


@check
def ecg5000(dataset):
    assert dataset.data.shape == (500, 140)
    assert np.bincount(dataset.target).tolist() == [292, 177, 10, 19, 2]
    assert dataset.data.mean(1) == pytest.approx(0, abs=1e-6)


@check
def jester(dataset):
    assert dataset.data.shape == (24_983, 100)
    assert np.isfinite(dataset.data).sum() == 1_810_455
    assert -10 <= np.nanmin(dataset.data) < -9.9
    assert 9 < np.nanmax(dataset.data) <= 10


def test_every_real_data_set_has_a_check():
    real = {name for name in shelf.names() if shelf.describe(name).kind == "real"}
    assert real - set(CHECKS) == {"fashion_mnist"}  # not in ../shared/data; see below


def test_the_cards_agree_with_the_hashes_that_lie_beside_the_files(shared):
    for name in set(CHECKS):
        card = shelf.describe(name)
        if (sums := Path(shared, card.folder, "SHA256SUMS")).is_file():
            known = dict(reversed(line.split("  ", 1)) for line in sums.read_text().splitlines())
            assert all(known[file.path] == file.sha256 for file in card.files)


def test_fashion_mnist_is_read_like_mnist(shared, tmp_path, monkeypatch):
    """Its files are not here, so the loader is tried on those of MNIST, which have the same format."""
    monkeypatch.setenv("NEURARIUM_DATA", str(tmp_path))
    (tmp_path / "fashion_mnist").symlink_to(shared / "mnist")
    card = dataclasses.replace(fashion_mnist.CARD, files=shelf.describe("mnist").files)
    monkeypatch.setattr(fashion_mnist, "CARD", card)
    dataset = shelf.load("fashion_mnist")
    assert is_pictures(dataset.data, 60_000, 28, 28)
    assert dataset.target_names[9] == "Ankle boot"


def is_drawings(data, most):
    lengths = [len(each) for each in data]
    return (
        max(lengths) <= most
        and min(lengths) >= 1
        and all(each.shape[1] == 3 and each.dtype == np.float32 for each in data)
        and all(set(np.unique(each[:, 2])) <= {0, 1} for each in data)
    )


@check
def sketch_sheep(dataset):
    assert [len(part) for part in (dataset.data, dataset.valid_data, dataset.test_data)] == [7_400, 300, 300]
    assert is_drawings(dataset.data, 250)


@check
def sketch_kanji(dataset):
    assert [len(part) for part in (dataset.data, dataset.valid_data, dataset.test_data)] == [10_000, 600, 500]
    assert is_drawings(dataset.data, 88)
