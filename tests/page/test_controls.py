"""Controls: the arrays that each stands for, and the chance that a page and Python share."""

import numpy as np
import pytest

from neurarium.page.controls import Button, Choice, Grid, Noise, Number, Pad, Picture, PointSet, State, Toggle, Typed
from neurarium.page.noise import uniform
from neurarium.page.words import Text

LABEL = Text("label", "rótulo")


@pytest.mark.parametrize(
    ("control", "arrays"),
    [
        (Number("a", LABEL, 1.5, 0, 2, 0.5), {"a": ((), "float32")}),
        (Number("a", LABEL, 1, 0, 2, whole=True), {"a": ((), "int64")}),
        (Choice("a", LABEL, ["x", "y"], 1), {"a": ((), "int64")}),
        (Toggle("a", LABEL), {"a": ((), "bool")}),
        (Picture("a", LABEL, np.zeros((3, 4))), {"a": ((3, 4), "float32")}),
        (Picture("a", LABEL, np.zeros((2, 3, 4), int)), {"a": ((2, 3, 4), "float32")}),
        (Grid("a", LABEL, np.eye(3, 4), 0, 9), {"a": ((3, 4), "float32")}),
        (
            PointSet("a", LABEL, np.ones((2, 2)), np.array([0, 1]), "names", 5),
            {"a_xy": ((5, 2), "float32"), "a_group": ((5,), "int64"), "a_used": ((5,), "float32")},
        ),
        (Pad("a", LABEL, (0, 1), (0, 0), (1, 1)), {"a": ((2,), "float32")}),
        (Typed("a", LABEL, [1, 2], "names", 4), {"a": ((4,), "int64"), "a_length": ((), "int64")}),
        (Noise("a", LABEL, (2, 3)), {"a": ((2, 3), "float32")}),
        (State("a", np.zeros(3)), {"a": ((3,), "float64")}),
        (Button("a", LABEL, {"b": "c"}), {}),
    ],
)
def test_each_control_stands_for_arrays_of_one_shape_and_kind(control, arrays):
    assert {name: (each.shape, str(each.dtype)) for name, each in control.inputs().items()} == arrays


def test_free_places_of_points_are_marked_and_too_many_are_refused():
    given = PointSet("p", LABEL, np.array([[1, 2]]), np.array([1]), "names", 3).inputs()
    assert given["p_xy"].tolist() == [[1, 2], [0, 0], [0, 0]]
    assert given["p_group"].tolist() == [1, 0, 0]
    assert given["p_used"].tolist() == [1, 0, 0]
    with pytest.raises(ValueError, match="2 points do not go into 1 places"):
        PointSet("p", LABEL, np.zeros((2, 2)), np.zeros(2), "names", 1).inputs()


def test_of_a_text_that_is_too_long_the_last_pieces_are_taken():
    given = Typed("t", LABEL, [1, 2, 3], "names", 2).inputs()
    assert given["t"].tolist() == [2, 3]
    assert given["t_length"] == 2
    assert Typed("t", LABEL, [], "names", 2).inputs()["t"].tolist() == [0, 0]


def test_noise_depends_on_seed_and_place_alone():
    assert np.array_equal(uniform(3, (2, 5)).ravel(), uniform(3, (10,)))
    assert np.array_equal(uniform(3, (4,)), uniform(3, (10,))[:4])
    assert not np.array_equal(uniform(3, (10,)), uniform(4, (10,)))


def test_noise_is_the_hash_of_the_contract():
    def mix(a):
        a = ((a ^ a >> 16) * 0x21F0AAAD) % 2**32
        a = ((a ^ a >> 15) * 0xD35A2D97) % 2**32
        return a ^ a >> 15

    for seed in (0, 1, 2**32 - 1):
        wanted = [(mix((mix(seed) + i * 0x9E3779B9) % 2**32) >> 8) / 2**24 for i in range(50)]
        assert uniform(seed, (50,)).tolist() == wanted


def test_noise_is_even_in_0_to_1():
    drawn = uniform(7, (200_000,))
    counts = np.histogram(drawn, 20, (0, 1))[0]
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 45  # chi squared with 19 degrees of freedom, p = 0.0007
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.01
