"""The lab "convolution": the lecture's numbers, torch for every setting, and where the window lies."""

from itertools import product

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from neurarium.page.noise import uniform
from neurarium.views.convolution_arithmetic import KERNEL, LINE, SIDE, TRANSPOSED, Arithmetic, Way
from neurarium.views.laboratory import lab
from neurarium.views.labs import convolution
from neurarium.views.levels import DO, FORMULA
from views.running import program_of, run_program

MAP = [[429, 505, 686, 856], [261, 792, 412, 640], [633, 653, 851, 751], [608, 913, 713, 657]]


@pytest.fixture(scope="module")
def scene():
    return lab("convolution")


@pytest.fixture(scope="module")
def program(scene):
    return program_of(scene)


def table(array):
    """What is there of a table with room for more."""
    array = np.asarray(array)
    rows, columns = (np.flatnonzero(~np.isnan(array).all(axis)) for axis in (1, 0))
    there = array[: rows.max(initial=-1) + 1, : columns.max(initial=-1) + 1]
    assert not np.isnan(there).any()
    return there.tolist()


LECTURE = [
    ({}, "output", MAP),
    ({}, "pooled", [[792, 856], [913, 851]]),
    ({"stride": 2}, "output", [[429, 686], [633, 851]]),
    ({"stride": 3}, "output", [[429, 856], [608, 657]]),
]


@pytest.mark.parametrize(("settings", "name", "wanted"), LECTURE)
def test_the_lab_gives_the_lectures_numbers(scene, program, settings, name, wanted):
    shown = scene.set(**settings)
    assert table(shown.values[name]) == wanted
    assert table(run_program(shown, program)[name]) == wanted


def test_with_padding_the_corner_is_the_lectures_139(scene, program):
    shown = run_program(scene.set(padding=1), program)
    assert shown["output"][0, 0] == shown["answer"] == 139
    assert table(shown["framed"])[:2] == [[0] * 8, [0, *convolution.PICTURE[0], 0]]
    assert (shown["out_rows"], shown["out_columns"]) == (6, 6)


def test_the_lab_opens_on_429_and_writes_the_sum_out(scene):
    (formula,) = [panel.marks[0] for panel in scene.shown() if panel.title.en == "Multiply, and add up"]
    assert scene.fill(formula.plain, "en") == ("18·1 + 54·0 + 51·1\n+ 55·0 + 121·1 + 75·0\n+ 35·1 + 24·0 + 204·1 = 429")
    assert "Row 1, column 1: 429. The output is 4 × 4." in scene.told("en")


def test_the_formula_says_how_large_the_output_is(scene):
    shown = scene.set(level=FORMULA, padding=1, stride=2, rows=5)
    (formula,) = [panel.marks[0] for panel in shown.shown() if panel.title.en == "How large the output is"]
    lines = shown.fill(formula.plain, "en").split("\n")
    assert lines[1:] == ["⌊(5 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3", "⌊(6 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 3"]
    back = shown.set(operation=TRANSPOSED)
    (formula,) = [panel.marks[0] for panel in back.shown() if panel.title.en == "How large the output is"]
    assert back.fill(formula.plain, "en").split("\n")[1] == "(5 − 1)·2 − 2·1 + 1·(3 − 1) + 1 = 9"


IMAGE = torch.from_numpy(np.floor(uniform(1, (SIDE, SIDE)) * 512 - 256))
WEIGHTS = torch.from_numpy(np.floor(uniform(2, (KERNEL, KERNEL)) * 20 - 10))


def by_torch(rows, columns, kernel, stride, padding, dilation, *, transposed, flat):
    """What torch makes of it; None where it refuses."""
    x, w = IMAGE[:rows, :columns][None, None], WEIGHTS[:kernel, :kernel][None, None]
    work = F.conv_transpose2d if transposed else F.conv2d
    if flat:
        x, w = x[:, :, 0], w[:, :, 0]
        work = F.conv_transpose1d if transposed else F.conv1d
    try:
        y = work(x, w, stride=stride, padding=padding, dilation=dilation)[0, 0]
    except RuntimeError:
        return None
    return y.reshape(1, -1) if flat else y


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("flat", [False, True])
def test_every_setting_is_what_torch_makes_of_it(transposed, flat):
    module = Arithmetic(torch.zeros(1), torch.zeros(1))
    refused = 0
    settings = product(((6, 6), (8, 5), (1, 7)), range(1, KERNEL + 1), (1, 2, 3), (0, 1, 2, 3), (1, 2, 3))
    for (rows, columns), *rest in settings:
        size = (1 if flat else rows, columns)
        way = [torch.tensor(each) for each in rest]
        one = [torch.tensor(each) for each in (1, 1, 0, 1)]
        down = Way(torch.tensor(size[0]), *(one if flat else way), transposed=torch.tensor(transposed))
        across = Way(torch.tensor(size[1]), *way, transposed=torch.tensor(transposed))
        there = (int(down.size), int(across.size))
        wanted = by_torch(*size, *rest, transposed=transposed, flat=flat)
        if wanted is None:
            assert min(there) == 0
            refused += 1
            continue
        assert there == tuple(wanted.shape), (size, rest)
        y = module.convolved(IMAGE, WEIGHTS, down, across)
        assert torch.equal(y[: there[0], : there[1]], wanted), (size, rest)
        assert y.count_nonzero() == wanted.count_nonzero()
    assert refused > 0


@pytest.mark.parametrize(("pooling", "work"), [("the largest", F.max_pool2d), ("the mean", F.avg_pool2d)])
@pytest.mark.parametrize("size", [2, 3])
def test_pooling_is_torchs_after_relu(scene, pooling, work, size):
    for seed in range(scene.values["pictures"].shape[0]):
        shown = scene.set(seed=seed, rows=8, columns=7, pooling=pooling, pool_size=size, padding=1).values
        relu = torch.tensor(table(shown["output"])).relu()
        assert table(shown["relu"]) == relu.tolist()
        np.testing.assert_allclose(table(shown["pooled"]), work(relu[None], size)[0], rtol=1e-6)


def test_a_line_is_pooled_along_the_line(scene):
    shown = scene.set(dimension=LINE).values
    line = torch.tensor(table(shown["output"]))
    assert table(shown["pooled"]) == F.max_pool1d(line.relu(), 2).tolist()


def test_the_window_shows_what_is_added_up_at_every_place(scene, program):
    shown = scene.set(stride=2, dilation=2, padding=2, rows=7, columns=8)
    seen = set()
    for _ in range(int(shown.values["out_rows"] * shown.values["out_columns"])):
        values = run_program(shown, program)
        row, column = int(values["row_told"]) - 1, int(values["column_told"]) - 1
        assert np.argwhere(values["wrote"]).tolist() == [[row, column]]
        window = values["framed"][values["read"] > 0].reshape(3, 3)
        assert (window * values["weights"][:3, :3]).sum() == values["answer"] == values["output"][row, column]
        assert np.array_equal(window * values["weights"][:3, :3], table(values["products"]))
        seen.add((row, column))
        shown = shown.set(row=values["next_row"], column=values["next_column"])
    assert len(seen) == 16
    assert int(shown.values["row_told"]) == int(shown.values["column_told"]) == 1


def test_the_stamps_of_all_places_add_up_to_the_transposed_convolution(scene, program):
    shown = scene.set(operation=TRANSPOSED, stride=2, padding=1, rows=3, columns=4)
    total = np.zeros_like(shown.values["output"])
    for _ in range(12):
        values = run_program(shown, program)
        row, column = int(values["row_told"]) - 1, int(values["column_told"]) - 1
        stamp = np.zeros((40, 40))
        stamp[2 * row : 2 * row + 3, 2 * column : 2 * column + 3] = table(values["products"])
        stamp = stamp[1 : 1 + len(total), 1 : 1 + len(total)]
        total += stamp * values["wrote"]
        shown = shown.set(row=values["next_row"], column=values["next_column"])
    wanted = F.conv_transpose2d(
        torch.tensor(convolution.PICTURE, dtype=torch.float32)[None, None, :3, :4],
        torch.tensor(convolution.KERNELS[0][1], dtype=torch.float32)[None, None],
        stride=2,
        padding=1,
    )[0, 0]
    assert total[:5, :7].tolist() == wanted.tolist() == table(shown.values["output"])


def test_a_kernel_that_does_not_fit_gives_no_output_and_says_so(scene):
    shown = scene.set(rows=2, kernel_size=3)
    assert table(shown.values["output"]) == []
    assert "there is no output" in shown.told("en")
    assert not shown.values["read"].any()
    assert "there is no output" not in scene.told("en")


def test_own_numbers_count_at_example_0_and_an_example_can_be_taken_over(scene):
    own = np.arange(64).reshape(8, 8)
    assert table(lab("convolution", image=own, kernel=np.eye(5)).values["output"])[0][0] == 0 + 9 + 18
    assert (
        lab("convolution", image=own, seed=1).values["output"][0, 0]
        == lab("convolution", seed=1).values["output"][0, 0]
    )
    shown = scene.set(seed=2, level=DO)
    taken = shown.press("take")
    assert taken.values["seed"] == 0
    assert table(taken.values["output"]) == table(shown.values["output"])
    assert (shown.values["editable"], shown.values["preset"]) == (0, 1)
    assert (taken.values["editable"], taken.values["preset"]) == (1, 0)


def test_after_relu_is_shown_only_where_it_changes_something(scene):
    def titles(shown):
        return [panel.title.en for panel in shown.shown()]

    relu = "After ReLU: negative numbers become 0"
    assert relu not in titles(scene.set(level=DO))
    assert relu in titles(scene.set(level=DO, seed=1))
