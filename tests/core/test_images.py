"""Images come as people have them, and reach the network as (n, channels, height, width)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from neurarium.core.images import ImageEstimator


@dataclass(eq=False, repr=False, kw_only=True)
class Looker(ImageEstimator):
    """Reads images, and does nothing with them."""

    def _build(self, shape_in, shape_out):
        return nn.Linear(1, 1)

    def _rule(self, module):
        raise NotImplementedError


def read(X, **parameters):
    return Looker(**parameters)._read(X, reset=True).inputs


def fitted_on(X, **parameters):
    """A reader that knows the images it was fitted on."""
    looker = Looker(**parameters)
    looker.shape_in_ = tuple(looker._read(X, reset=True).inputs.shape[1:])
    looker.module_ = nn.Linear(1, 1)
    return looker


GREY = np.arange(2 * 3 * 5, dtype=np.float32).reshape(2, 3, 5)
COLOUR = np.arange(2 * 3 * 5 * 4, dtype=np.float32).reshape(2, 3, 5, 4)


def test_grey_images_have_one_channel_and_channels_go_first():
    assert read(GREY).shape == (2, 1, 3, 5)
    assert np.array_equal(read(GREY)[:, 0], GREY)
    seen = read(COLOUR)
    assert seen.shape == (2, 4, 3, 5)
    assert seen.is_contiguous()
    for channel in range(4):
        assert np.array_equal(seen[:, channel], COLOUR[..., channel])


@pytest.mark.parametrize(
    ("columns", "view", "shape"),
    [
        (64, None, (1, 8, 8)),
        (1, None, (1, 1, 1)),
        (5, None, (1, 1, 5)),
        (12, (3, 4), (1, 3, 4)),
        (12, (2, 3, 2), (2, 3, 2)),
        (16, (2, 8), (1, 2, 8)),
    ],
)
def test_a_table_is_what_view_says_or_a_square_or_a_line(columns, view, shape):
    table = np.arange(3.0 * columns).reshape(3, columns)
    seen = read(table, view=view)
    assert seen.shape == (3, *shape)
    assert np.array_equal(seen.flatten(1), table)


def test_view_is_for_tables_and_images_are_what_they_are():
    assert read(GREY, view=(5, 3)).shape == (2, 1, 3, 5)


@pytest.mark.parametrize("view", [(3, 3), (2, 2, 4)])
def test_a_view_that_does_not_multiply_to_the_columns_says_so(view):
    product = " x ".join(map(str, view))
    with pytest.raises(ValueError, match=f"needs {product} columns; the table has 15"):
        read(np.zeros((2, 15)), view=view)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("uint8", torch.float32),
        ("bool", torch.float32),
        ("float32", torch.float32),
        ("float64", torch.float64),
        ("int64", torch.float64),
    ],
)
def test_pixels_keep_their_precision_and_bytes_are_computed_in_float32(kind, wanted):
    images = (np.arange(2 * 3 * 5 * 3) % 256).reshape(2, 3, 5, 3).astype(kind)
    seen = read(images)
    assert seen.dtype is wanted
    assert np.array_equal(seen.movedim(1, -1), images)


@pytest.mark.parametrize("images", [GREY, COLOUR])
@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        lambda X: X.tolist(),
        torch.from_numpy,
        lambda X: [torch.from_numpy(each) for each in X],
        np.asfortranarray,
        lambda X: np.flip(np.flip(X).copy()),
        lambda X: np.flip(X, 2).copy()[:, :, ::-1],
    ],
    ids=["list", "tuple", "nested", "tensor", "tensors", "Fortran", "flipped", "mirrored"],
)
def test_lists_tensors_and_arrays_of_any_layout_are_the_same_images(form, images):
    assert torch.equal(read(form(images)).double(), read(images).double())


def test_pillows_images_are_images():
    pillow = pytest.importorskip("PIL.Image")
    pixels = (np.arange(2 * 3 * 5 * 3) % 256).astype(np.uint8).reshape(2, 3, 5, 3)
    colour = [pillow.fromarray(each) for each in pixels]
    assert torch.equal(read(colour), read(pixels))
    assert read([each.convert("L") for each in colour]).shape == (2, 1, 3, 5)
    with pytest.raises(ValueError, match="images of one size; these are 3 x 5, 3 x 5 x 3"):
        read([colour[0], colour[1].convert("L")])


def test_what_may_not_be_written_to_is_read_and_nothing_is_written():
    images = COLOUR.copy()
    images.setflags(write=False)
    read(images).zero_()
    assert np.array_equal(images, COLOUR)


def test_a_data_frame_is_a_table_whose_columns_are_remembered():
    frame = pd.DataFrame(np.arange(18.0).reshape(2, 9), columns=[f"pixel {i}" for i in range(9)])
    looker = fitted_on(frame)
    assert looker.shape_in_ == (1, 3, 3)
    assert list(looker.feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        looker._read(frame[frame.columns[::-1]], reset=False)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros(5), "Expected 2D array, got 1D"),
        (np.zeros((2, 3, 4, 3, 2)), r"reads images \(n, height, width\) or .*; got \(2, 3, 4, 3, 2\)"),
        (np.zeros((2, 0, 4)), r"of a pixel or more; got \(2, 0, 4\)"),
        (np.zeros((2, 4, 4, 0)), r"of a pixel or more; got \(2, 4, 4, 0\)"),
        (np.zeros((0, 4, 4)), "0 sample"),
        (np.zeros((2, 1, 28, 28)), r"\(2, 1, 28, 28\) looks like channels first: pass np.moveaxis\(X, 1, -1\)"),
        (torch.zeros(2, 3, 32, 32), "looks like channels first"),
        (np.full((2, 3, 3), np.nan), "NaN"),
        (np.full((2, 3, 3, 2), np.inf), "infinity"),
        (np.full((2, 3, 3), "ink"), "could not convert|numeric"),
        ([np.zeros((2, 3)), np.zeros((3, 2)), np.zeros((2, 3))], "images of one size; these are 2 x 3, 3 x 2: resize"),
        ([[[1, 2], [3, 4]], [[1, 2], [3]]], "inhomogeneous"),
    ],
)
def test_what_is_no_image_is_refused_in_words(X, words):
    with pytest.raises(ValueError, match=words):
        read(X)


def test_channels_may_be_many_and_images_few():
    assert read(np.zeros((1, 2, 2, 100))).shape == (1, 100, 2, 2)
    assert read(np.zeros((2, 3, 3, 3))).shape == (2, 3, 3, 3)
    assert read(np.moveaxis(np.zeros((2, 3, 32, 32)), 1, -1)).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("form", [lambda X: X, list, torch.from_numpy])
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((2, 4, 5), "4 x 5 pixels and 1 channel"),
        ((2, 3, 6), "3 x 6 pixels and 1 channel"),
        ((2, 3, 5, 3), "3 x 5 pixels and 3 channels"),
    ],
)
def test_images_of_another_size_than_those_fitted_on_are_refused_in_words(shape, words, form):
    message = f"Looker was fitted on images of 3 x 5 pixels and 1 channel; these are {words}"
    with pytest.raises(ValueError, match=message):
        fitted_on(GREY)._read(form(np.zeros(shape)), reset=False)


def test_a_table_of_another_width_is_refused_as_scikit_learn_does():
    with pytest.raises(ValueError, match="X has 8 features, but Looker is expecting 9"):
        fitted_on(np.zeros((2, 9)))._read(np.zeros((2, 8)), reset=False)


def test_later_images_take_the_precision_of_the_fitted_network():
    assert fitted_on(GREY)._read(GREY.astype(np.float64), reset=False).inputs.dtype is torch.float32


@pytest.mark.parametrize("view", [(0, 4), (4,), (2, 2, 2, 2), "8x8", (2.0, 2.0), [2, 2]])
def test_a_view_that_is_none_is_refused_before_anything_is_read(view):
    with pytest.raises(ValueError, match="Looker: view must be a tuple of a whole number"):
        Looker(view=view).fit(GREY)
