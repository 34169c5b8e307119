"""The paper printer: what it drew is read back from matplotlib."""

import itertools
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Ellipse, FancyArrowPatch, Polygon, Rectangle

from neurarium.page import paper_colours as palette
from neurarium.page.controls import Choice, Number
from neurarium.page.marks import (
    Bars,
    Cells,
    Formula,
    Hull,
    Images,
    Links,
    Matrix,
    Named,
    Points,
    Raster,
    Ref,
    Series,
    Tokens,
    Words,
)
from neurarium.page.paper import figure
from neurarium.page.paper_text import wrap
from neurarium.page.scene import Axis, Entry, Panel, Scene
from neurarium.page.words import Text

HOSTILE = ["<i x=1>", "$x_1$", "_hidden", "two\nlines"]
SIGNED = np.array([-2.0, 0.0, 1.0])


def scene(*marks, lists=None, controls=(), sentence="Seen.", more=(), constants=None, **panel):
    """A scene with one panel, and more panels."""
    panels = [Panel(Text("Panel", "Cuadro"), marks, **panel), *more]
    told = Text(sentence, sentence)
    return Scene(
        "try", Text("Title", "Título"), told, panels, controls=controls, lists=lists or {}, constants=constants or {}
    )


def drawn(*marks, **options):
    """The figure's axes of the first panel."""
    return figure(scene(*marks, **options)).axes[0]


def kinds_of(axes, kind):
    return [each for each in axes.get_children() if type(each) is kind]


def texts(made):
    return [each.get_text() for each in made.findobj(matplotlib.text.Text) if each.get_text()]


# Colours.


@pytest.mark.parametrize(
    ("value", "colour"), [(-1, "#903500"), (-2 / 3, "#c18154"), (0, "#f5f5f5"), (1 / 3, "#c1d5ee"), (1, "#0053a5")]
)
def test_signed_numbers_take_the_colours_of_the_visual_language(value, colour):
    got = palette.colours("signed", np.array([value]), (-1, 1))[0]
    assert np.abs(got - to_rgba(colour)).max() < 0.01


def test_what_is_no_number_has_no_colour():
    for scale in ("signed", "magnitude", "ink", "classes"):
        assert palette.colours(scale, np.array([np.nan]), (0, 1))[0, 3] == 0


def test_magnitudes_are_cividis_and_ink_runs_from_the_ground_to_the_text():
    assert palette.colours("magnitude", np.array([3.0]), (3, 9))[0] == pytest.approx(
        matplotlib.colormaps["cividis"](0.0)
    )
    assert [to_hex(each) for each in palette.colours("ink", np.array([0, 1]), (0, 1))] == ["#ffffff", palette.INK]


def test_a_signed_scale_reaches_equally_far_on_both_sides_and_a_magnitude_from_least_to_most():
    values = np.array([-3.0, 1.0, np.nan, np.inf])
    assert palette.limits("signed", values, None) == (-3, 3)
    assert palette.limits("magnitude", values, None) == (-3, 1)
    assert palette.limits("ink", values, None) == (0, 1)
    assert palette.limits("signed", values, np.array([-1, 5])) == (-1, 5)


@pytest.mark.parametrize("scale", ["signed", "magnitude"])
def test_a_scale_of_equal_or_no_numbers_still_has_two_ends(scale):
    for values in (np.zeros(3), np.array([np.nan])):
        low, high = palette.limits(scale, values, None)
        assert low < high


def test_64_classes_differ_in_colour_or_shape():
    assert len({(palette.class_colour(group), palette.class_shape(group)) for group in range(64)}) == 64


# Plots.


def test_cells_stand_where_they_should_in_the_hue_of_their_family():
    kinds = ["input", "hidden", "output", "recurrent", "kernel"]
    axes = drawn(Cells(range(5), [0] * 5, kinds, radius=0.3), square=True)
    circles = [each for each in kinds_of(axes, Ellipse) if each.get_fill()]
    assert [each.center for each in circles] == [(k, 0) for k in range(5)]
    assert [to_hex(each.get_facecolor()) for each in circles] == [palette.HUES[kind] for kind in kinds]
    assert all(each.width == pytest.approx(0.6) and each.height == pytest.approx(0.6, rel=0.02) for each in circles)


def test_families_differ_without_colour():
    def channel(kind):
        axes = drawn(Cells([0], [0], kind), square=True)
        circle, *rings = kinds_of(axes, Ellipse)
        arcs = [(round(each.theta1), each.center[1] > 0) for each in kinds_of(axes, Arc)]
        return circle.get_linestyle() not in ("-", "solid"), len(rings), tuple(arcs)

    assert len({channel(kind) for kind in ("input", "hidden", "output", "recurrent", "kernel")}) == 5


def test_a_cell_carries_the_charts_inner_mark():
    ring = drawn(Cells([0], [0], "hidden/ring"), square=True)
    triangle = drawn(Cells([0], [0], "hidden/triangle"), square=True)
    assert len(kinds_of(ring, Ellipse)) == 2
    assert len(kinds_of(triangle, Polygon)) == 1


def test_cells_stay_round_where_the_axes_have_different_units():
    axes = drawn(Cells([0, 10], [0, 1], "hidden", radius=0.2))
    for cell in kinds_of(axes, Ellipse):
        (left, low), (right, high) = axes.transData.transform([(0, 0), (cell.width, cell.height)])
        assert right - left == pytest.approx(high - low, rel=1e-3)


def test_cells_with_numbers_take_the_colours_of_the_scale_and_the_chosen_one_a_wide_rim():
    axes = drawn(
        Cells([0, 1, 2], [0, 0, 0], "hidden", value=Ref("v"), highlight=Ref("at")),
        constants={"v": SIGNED, "at": np.array(2)},
    )
    cells = kinds_of(axes, Ellipse)
    assert (
        np.abs(np.array([each.get_facecolor() for each in cells]) - palette.colours("signed", SIGNED, (-2, 2))).max()
        == 0
    )
    widths = [each.get_linewidth() for each in cells]
    assert widths[2] > 2 * widths[0] == 2 * widths[1]


def test_names_beside_cells_stay_inside_the_figure():
    axes = drawn(Cells([0, 1], [0, 0], ["input", "output"], labels=["a very long name of a column", "another name"]))
    made = axes.figure
    made.canvas.draw()
    inside = made.bbox
    for text in axes.texts:
        box = text.get_window_extent()
        assert inside.x0 - 2 <= box.x0
        assert box.x1 <= inside.x1 + 2


def test_words_at_the_edge_stay_inside_the_figure():
    axes = drawn(Words([0, 1], [0, 0], ["a very long name of a layer", "another long name"]))
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert min(box.x0 for box in boxes) >= -2
    assert max(box.x1 for box in boxes) <= axes.figure.bbox.x1 + 2


def test_negative_links_are_dashed_in_the_other_colour_and_width_is_size():
    axes = drawn(Links([0, 0, 0], [0, 1, 2], [1, 1, 1], [0, 1, 2], Ref("w")), constants={"w": np.array([2, -1, 0.5])})
    found = {}
    for lines in kinds_of(axes, LineCollection):
        for segment, width in zip(lines.get_segments(), lines.get_linewidths(), strict=True):
            dashed = lines.get_linestyles()[0][1] is not None
            found[segment[0][1]] = (segment.tolist(), width, to_hex(lines.get_color()[0]), dashed)
    assert found[0.0][0] == [[0, 0], [1, 0]]
    assert [found[y][2:] for y in (0, 1, 2)] == [
        (palette.POSITIVE, False),
        (palette.NEGATIVE, True),
        (palette.POSITIVE, False),
    ]
    assert found[0][1] > found[1][1] > found[2][1] > 0


def test_links_of_no_weight_are_not_drawn():
    axes = drawn(Links([0, 0], [0, 1], [1, 1], [0, 1], [0.0, float("nan")]))
    assert not kinds_of(axes, LineCollection)


def test_arrows_have_heads_and_a_link_to_itself_is_a_loop():
    axes = drawn(Links([0, 0], [0, 0], [1, 0], [1, 0], [1, -1], arrows=True))
    (arrow,), (loop,) = kinds_of(axes, FancyArrowPatch), kinds_of(axes, Ellipse)
    assert arrow._posA_posB == [(0, 0), (1, 1)]
    assert loop.center[0] == 0
    assert loop.center[1] > 0
    assert to_hex(loop.get_edgecolor()) == palette.NEGATIVE


def test_curves_differ_in_colour_and_dashes_and_the_legend_names_them():
    curves = np.arange(6.0).reshape(2, 3)
    axes = drawn(Series(Ref("y"), [1, 2, 4], names=["a", "b"], cursor=2), constants={"y": curves}, x=Axis(), y=Axis())
    first, second, cursor = axes.lines
    assert first.get_xydata().tolist() == [[1, 0], [2, 1], [4, 2]]
    assert second.get_ydata().tolist() == [3, 4, 5]
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    assert cursor.get_xdata() == [2, 2]
    assert {"a", "b"} <= set(texts(axes.figure))


def test_a_curve_may_be_steps_or_dots_and_may_have_a_band():
    steps = drawn(Series([1, 2, 3], style="step", low=[0, 1, 2], high=[2, 3, 4]), y=Axis())
    assert steps.lines[0].get_drawstyle() == "steps-mid"
    (band,) = steps.collections
    assert band.get_paths()[0].get_extents().y0 == 0
    assert band.get_paths()[0].get_extents().y1 == 4
    dots = drawn(Series([1, 2, 3], style="dots")).lines[0]
    assert dots.get_linestyle() == "None"
    assert dots.get_marker() == "o"


def test_points_have_the_colour_and_shape_of_their_class_and_free_places_are_not_drawn():
    axes = drawn(
        Points([0, 1, 2, 3], [0, 1, 2, 3], group=[0, 1, 1, 2], groups=HOSTILE, used=[1, 1, 1, 0], ring=[0, 0, 1, 1])
    )
    circles, squares, rings = kinds_of(axes, PathCollection)
    assert circles.get_offsets().tolist() == [[0, 0]]
    assert squares.get_offsets().tolist() == [[1, 1], [2, 2]]
    assert to_hex(circles.get_facecolor()[0]) == palette.CLASSES[0]
    assert to_hex(squares.get_facecolor()[0]) == palette.CLASSES[1]
    assert len(circles.get_paths()[0].vertices) != len(squares.get_paths()[0].vertices)
    assert rings.get_offsets().tolist() == [[2, 2]]
    assert len(rings.get_facecolor()) == 0
    shown = texts(axes.figure)
    assert HOSTILE[0] in shown
    assert HOSTILE[2] not in shown, "only classes that are there"


def test_points_with_numbers_take_the_colours_of_the_scale():
    axes = drawn(Points([0, 1, 2], [0, 0, 0], value=Ref("v"), scale="signed"), constants={"v": SIGNED})
    (points,) = kinds_of(axes, PathCollection)
    assert np.array_equal(points.get_facecolor(), palette.colours("signed", SIGNED, (-2, 2)))


def test_the_size_of_points_is_their_radius_in_pixels():
    (points,) = kinds_of(drawn(Points([0], [0], size=8)), PathCollection)
    assert np.sqrt(points.get_sizes()[0]) / 72 * 96 == pytest.approx(16)


def test_a_field_has_its_first_row_below_and_lines_along_its_levels():
    field = np.array([[-1.0, -1.0], [1.0, 1.0]])
    axes = drawn(Raster(Ref("f"), (0, 4, 10, 20), levels=(0,)), constants={"f": field}, x=Axis(), y=Axis())
    (image,) = axes.images
    assert image.origin == "lower"
    assert list(image.get_extent()) == [0, 4, 10, 20]
    assert to_hex(image.get_array()[0, 0]) == palette.NEGATIVE
    (lines,) = (each for each in axes.collections if type(each).__name__ == "QuadContourSet")
    assert {y for path in lines.get_paths() for y in path.vertices[:, 1]} == {15.0}
    assert axes.get_xlim() == (0, 4)
    assert axes.get_ylim() == (10, 20)


def test_a_field_of_classes_leaves_points_before_it_visible():
    axes = drawn(Raster(Ref("f"), (0, 1, 0, 1), scale="classes"), constants={"f": np.array([[0, 1]])})
    got = axes.images[0].get_array()[0, :, :3]
    wanted = [[0.5 + part / 2 for part in to_rgba(colour)[:3]] for colour in palette.CLASSES[:2]]
    assert np.allclose(got, wanted)


def test_hulls_are_filled_by_number_or_class_and_paths_stay_open():
    x, y = [[0, 1, 1], [2, 3, np.nan]], [[0, 0, 1], [0, 1, np.nan]]
    places = {"x": np.array(x, float), "y": np.array(y, float), "v": np.array([0.0, 1.0]), "at": np.array(0)}
    closed = drawn(Hull(Ref("x"), Ref("y"), value=Ref("v"), labels=["a", "b"], highlight=Ref("at")), constants=places)
    (shapes,) = kinds_of(closed, PolyCollection)
    assert np.allclose(shapes.get_facecolor(), palette.colours("magnitude", [1.0, 0.0], (0, 1))), "the chosen in front"
    assert shapes.get_linewidth()[1] > shapes.get_linewidth()[0]
    assert {"a", "b"} <= set(texts(closed))
    (paths,) = kinds_of(drawn(Hull(Ref("x"), Ref("y"), group=[0, 1], closed=False), constants=places), LineCollection)
    assert [len(each) for each in paths.get_segments()] == [3, 2]
    assert [to_hex(each) for each in paths.get_color()] == list(palette.CLASSES[:2])


def test_words_stand_at_their_places_letter_for_letter():
    axes = drawn(
        Words([0, 1], [2, 3], Named(Ref("codes"), "names")),
        lists={"names": HOSTILE},
        constants={"codes": np.array([1, 0])},
    )
    assert [(each.get_position(), each.get_text()) for each in axes.texts] == [
        ((0, 2), HOSTILE[1]),
        ((1, 3), HOSTILE[0]),
    ]
    assert not any(each.get_parse_math() for each in axes.texts)


# Marks that stand alone.


def test_a_matrix_has_its_names_the_minus_of_what_is_negative_and_a_frame():
    data = np.array([[1.0, -2.0], [0.0, np.nan]])
    axes = drawn(
        Matrix(Ref("m"), rows=["r0", "r1"], columns=HOSTILE[:2], highlight=(Ref("at"), -1)),
        constants={"m": data, "at": np.array(1)},
    )
    assert np.allclose(axes.images[0].get_array(), palette.colours("signed", data, (-2, 2)))
    assert [each.get_text() for each in axes.get_yticklabels()] == ["r0", "r1"]
    assert [each.get_text() for each in axes.get_xticklabels()] == HOSTILE[:2]
    assert [(each.get_position(), each.get_text()) for each in axes.texts] == [((1, 0), "−")]
    frame = next(each for each in kinds_of(axes, Rectangle) if each.get_linewidth() > 1.5)
    assert frame.get_bbox().bounds == (-0.5, 0.5, 2, 1)


def test_a_table_ends_where_its_numbers_do_and_marked_cells_are_framed():
    data = np.full((4, 5), np.nan)
    data[:2, :3] = [[1, 2, 3], [4, np.nan, 6]]
    marked = np.zeros((4, 5))
    marked[[0, 1], [2, 0]] = 1
    axes = drawn(Matrix(Ref("m"), numbers=True, marked=Ref("k")), constants={"m": data, "k": marked})
    assert axes.images[0].get_array().shape == (2, 3, 4)
    assert {each.get_text() for each in axes.texts} == {"1", "2", "3", "4", "6"}
    frames = [each.get_xy() for each in kinds_of(axes, Rectangle) if each.get_linewidth() == 1.8]
    assert sorted(frames) == [(-0.5, 0.5), (1.5, -0.5)]


def test_a_space_that_does_not_break_stays():
    assert wrap("a  b\nc", 50, 7) == ["a b c"]
    assert wrap("\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}a b", 50, 7) == ["\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}a b"]


def test_a_matrix_may_show_its_numbers_in_ink_that_can_be_read():
    axes = drawn(Matrix(Ref("m"), numbers=True), constants={"m": np.array([[1.0, -0.25], [0.0, 0.126]])})
    assert [each.get_text() for each in axes.texts] == ["1", "−0.25", "0", "0.13"]
    assert [each.get_color() for each in axes.texts] == [palette.GROUND, *[palette.INK] * 3]


def test_a_large_matrix_names_only_rows_that_have_room():
    axes = drawn(Matrix(Ref("m"), rows=[f"row {n}" for n in range(200)]), constants={"m": np.zeros((200, 3))})
    axes.figure.canvas.draw()
    boxes = sorted(each.get_window_extent().bounds[1::2] for each in axes.get_yticklabels())
    assert 10 < len(boxes) < 100
    assert all(low + high <= after + 1 for (low, high), (after, _) in itertools.pairwise(boxes))


def test_pictures_stand_in_rows_with_what_lies_over_them():
    pictures, over = np.arange(12.0).reshape(3, 2, 2) / 11, np.zeros((3, 2, 2))
    over[0, 0, 0] = -1
    axes = drawn(
        Images(Ref("p"), columns=2, over=Ref("o"), labels=["a", "b", "c"], highlight=Ref("at")),
        constants={"p": pictures, "o": over, "at": np.array([0, 1, 0])},
    )
    below, above = axes.images[0::2], axes.images[1::2]
    assert np.allclose([each.get_array() for each in below], palette.colours("ink", pictures, (0, 1)))
    assert above[0].get_array()[0, 0, 3] == 1
    assert above[0].get_array()[1, 1, 3] == 0
    (left, _, _, top), (second, _, _, same), (_, _, _, lower) = (each.get_extent() for each in below)
    assert second > left
    assert same == top
    assert lower > top
    frames = [each.get_linewidth() for each in kinds_of(axes, Rectangle) if not each.get_fill()]
    assert frames[1] > frames[0] == frames[2]
    assert [each.get_text() for each in axes.texts] == ["a", "b", "c"]


def test_pictures_may_be_in_colour_or_a_single_one():
    colour = np.zeros((1, 2, 2, 3))
    colour[..., 0] = 1
    assert np.array_equal(drawn(Images(Ref("p")), constants={"p": colour}).images[0].get_array(), colour[0])
    single = drawn(Images(Ref("p")), constants={"p": np.eye(3)})
    assert len(single.images) == 1
    assert single.images[0].get_array().shape == (3, 3, 4)


def test_bars_are_as_long_as_their_numbers_and_say_them():
    axes = drawn(
        Bars(Ref("v"), labels=HOSTILE[:3], highlight=Ref("at"), threshold=0.7),
        constants={"v": np.array([0.5, -0.25, 1.0]), "at": np.array(2)},
    )
    assert [bar.get_width() for bar in axes.patches] == [0.5, -0.25, 1.0]
    assert [to_hex(bar.get_facecolor()) for bar in axes.patches] == [
        palette.POSITIVE,
        palette.NEGATIVE,
        palette.POSITIVE,
    ]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [False, True, False]
    assert axes.patches[2].get_alpha() > axes.patches[0].get_alpha()
    assert [each.get_text().strip() for each in axes.texts] == ["0.50", "−0.25", "1"]
    assert axes.lines[0].get_xdata() == [0.7, 0.7]
    low, high = axes.get_ylim()
    assert low > high, "the first bar is above"


def test_many_bars_name_only_those_that_have_room_and_say_no_numbers():
    axes = drawn(Bars(Ref("v"), labels=[f"bar {n}" for n in range(200)]), constants={"v": np.ones(200)})
    assert len(axes.patches) == 200
    assert not axes.texts
    assert 10 < len(axes.get_yticklabels()) < 100


def test_a_running_text_is_wrapped_and_each_piece_lies_on_its_colour():
    values = np.tile([1.0, -1.0], 40)
    axes = drawn(
        Tokens(["word", "$y$"] * 40, Ref("v"), highlight=Ref("at")), constants={"v": values, "at": np.array(3)}
    )
    boxes = [each for each in kinds_of(axes, Rectangle) if each.get_width() < 60 and each is not axes.patch]
    assert len(boxes) == 80
    assert len({round(each.get_y(), 3) for each in boxes}) > 1
    assert to_hex(boxes[0].get_facecolor()) == palette.POSITIVE
    assert to_hex(boxes[1].get_facecolor()) == palette.NEGATIVE
    assert boxes[3].get_linewidth() > 0 == boxes[2].get_linewidth()
    assert [each.get_text() for each in axes.texts] == ["word", "$y$"] * 40
    assert max(each.get_x() + each.get_width() for each in boxes) <= axes.get_xlim()[1]


def test_a_formula_is_its_plain_text_with_numbers():
    axes = drawn(Formula(["mrow"], Text("h = {h:.2f}", "h = {h:.2f}")), constants={"h": np.array(0.5)})
    assert [each.get_text() for each in axes.texts] == ["h = 0.50"]


# The figure.


def test_the_figure_carries_title_sentence_panels_and_notes_in_the_language_asked_for():
    made = figure(scene(Series([1, 2]), note=Text("A note", "Una nota"), sentence="Told."), language="es")
    assert {"Título", "Told.", "Cuadro", "Una nota"} <= set(texts(made))


def test_no_name_is_read_as_mathematics_and_each_shows_letter_for_letter():
    lists = {"names": HOSTILE}
    made = figure(
        scene(
            Series(np.zeros((4, 3)), names="names"), lists=lists, x=Axis(Entry(1, "names"), ticks="names"), y=Axis(),
            more=[
                Panel(Text("b", "b"), [Bars(Ref("v"), labels="names")]),
                Panel(Text("i", "i"), [Images(Ref("p"), labels="names")]),
            ],
            constants={"v": np.ones(4), "p": np.zeros((4, 2, 2))},
        )
    )  # fmt: skip
    made.canvas.draw()
    shown = texts(made)
    for name in HOSTILE[:3]:
        assert shown.count(name) >= 3
    assert "two lines" in shown, "a name stays on its line"
    names = [each for each in made.findobj(matplotlib.text.Text) if each.get_text() in HOSTILE and each.get_visible()]
    assert not any(each.get_parse_math() for each in names)


def test_a_figure_is_as_wide_as_a_page_and_its_letters_can_be_read():
    made = figure(scene(Matrix(Ref("m"), rows=["a", "b"], columns=["c", "d"]), constants={"m": np.eye(2)}))
    assert made.get_size_inches()[0] * 25.4 == pytest.approx(180)
    assert all(each.get_fontsize() >= 7 for each in made.findobj(matplotlib.text.Text) if each.get_text())


def test_panels_stand_in_rows_by_their_size_without_touching():
    sizes = ["small", "small", "small", "medium", "medium", "wide"]
    more = [
        Panel(Text(f"{n}", f"{n}"), [Series([1, 2])], size=size, x=Axis(), y=Axis()) for n, size in enumerate(sizes)
    ]
    made = figure(scene(Series([1, 2]), size="wide", more=more, x=Axis(), y=Axis()))
    made.canvas.draw()
    boxes = [each.get_tightbbox() for each in made.axes]
    rows = [[0], [1, 2, 3], [4, 5], [6]]
    for above, below in itertools.pairwise(rows):
        assert min(boxes[n].y0 for n in above) > max(boxes[n].y1 for n in below)
    for row in rows:
        assert all(boxes[a].x1 < boxes[b].x0 for a, b in itertools.pairwise(row))


def test_all_that_is_drawn_stays_on_the_page():
    names = [f"a rather long name, number {n}" for n in range(12)]
    made = figure(
        scene(
            Matrix(Ref("m"), rows=names, columns=names), constants={"m": np.ones((12, 12)), "v": np.ones(12)},
            more=[
                Panel(Text("b", "b"), [Bars(Ref("v"), labels=names)], size="small"),
                Panel(Text("c", "c"), [Series(Ref("m"), names=names)], size="small", x=Axis(), y=Axis(ticks=names)),
            ],
        )
    )  # fmt: skip
    made.canvas.draw()
    for axes in made.axes:
        box = axes.get_tightbbox()
        assert box.x0 >= -2
        assert box.y0 >= -2
        assert box.x1 <= made.bbox.x1 + 2
        assert box.y1 <= made.bbox.y1 + 2


def test_only_panels_that_are_shown_are_drawn():
    choice = Choice("tab", Text("view", "vista"), ["a", "b"], 1, tabs=True)
    more = [Panel(Text("Other", "Otro"), [Series([1])], when=("tab", (0,)))]
    shown = scene(Series([1]), controls=[choice], when=("tab", (1,)), more=more)
    assert "Panel" in texts(figure(shown))
    assert "Other" not in texts(figure(shown))
    assert "Other" in texts(figure(shown.set(tab="a")))


def test_axes_of_ones_own_hold_one_panel_and_stay_where_they_are():
    made = Figure()
    left, right = made.subplots(1, 2)
    before = right.get_position().bounds
    assert figure(scene(Series([1, 2, 5])), right) is made
    assert right.get_position().bounds == before
    assert not left.lines
    assert right.lines[0].get_ydata().tolist() == [1, 2, 5]
    assert right.get_title(loc="left") == "Panel"
    both = scene(Series([1]), more=[Panel(Text("Other", "Otro"), [Series([1])])])
    with pytest.raises(ValueError, match="shows 2: 'Panel', 'Other'"):
        figure(both, left)


def test_axes_take_their_label_their_ends_and_their_names():
    axes = drawn(
        Series([1, 2]), x=Axis(Text("time", "tiempo"), low=Ref("low"), high=9), y=Axis(log=True),
        constants={"low": np.array(-4.0)},
    )  # fmt: skip
    assert axes.get_xlabel() == "time"
    assert axes.get_xlim() == (-4, 9)
    assert axes.get_yscale() == "log"


def test_places_that_mean_nothing_have_no_axes():
    axes = drawn(Points([0, 1], [0, 1]))
    assert not axes.axison


def test_a_unit_is_as_long_along_both_axes_of_a_square_plot():
    axes = drawn(Points([0, 10], [0, 2]), square=True, x=Axis(), y=Axis())
    (x0, y0), (x1, y1) = axes.transData.transform([(0, 0), (1, 1)])
    assert x1 - x0 == pytest.approx(y1 - y0)


def test_numbers_by_colour_have_a_colour_bar_with_the_ends_of_the_scale():
    made = figure(scene(Matrix(Ref("m")), constants={"m": np.array([[-3.0, 1.0]])}))
    assert {"−3", "0", "3"} <= set(texts(made))
    assert not {"−3", "3"} & set(
        texts(figure(scene(Matrix(Ref("m"), scale="ink"), constants={"m": np.array([[-3.0, 1.0]])})))
    )


def test_the_picture_follows_the_controls():
    slide = Number("t", Text("t", "t"), 0, 0, 1, whole=True)
    frames = scene(Series(Ref("y", ("t",))), controls=[slide], constants={"y": np.array([[1.0, 2.0], [3.0, 4.0]])})
    assert figure(frames).axes[0].lines[0].get_ydata().tolist() == [1, 2]
    assert figure(frames.set(t=1)).axes[0].lines[0].get_ydata().tolist() == [3, 4]


def test_nothing_of_matplotlibs_own_state_changes_and_it_does_not_matter():
    one = scene(Series([1, 2]), x=Axis(), y=Axis())
    plain = np.asarray(_pixels(one))
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.grid": True, "font.size": 20}):
        before = dict(matplotlib.rcParams)
        assert np.array_equal(_pixels(one), plain)
        assert dict(matplotlib.rcParams) == before


def _pixels(one):
    made = figure(one)
    made.canvas.draw()
    return np.asarray(made.canvas.buffer_rgba())


def test_drawing_loads_no_pyplot():
    told = "from neurarium.page import paper; import sys; print('matplotlib.pyplot' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    for name in [each for each in sys.modules if each.startswith("neurarium.page.paper")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'neurarium\[plot\]'"):
        scene(Series([1])).plot()


def test_text_is_cut_to_lines_and_a_word_that_is_too_long_is_broken():
    lines = wrap("a few words and averyveryverylongword", 12, 7)
    assert "".join(lines).replace(" ", "") == "afewwordsandaveryveryverylongword"
    assert len(lines) > 3
    assert wrap("", 12, 7) == []
