"""Scenes: what they are checked for, how controls are set, and what they are as JSON."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.page.controls import (
    Button,
    Choice,
    Noise,
    Number,
    Pad,
    Picture,
    PointSet,
    State,
    Toggle,
    Typed,
)
from neurarium.page.marks import Images, Links, Matrix, Named, Points, Ref, Series
from neurarium.page.scene import Axis, Entry, Panel, Scene, as_json
from neurarium.page.words import Text

HOSTILE = ["<img onerror=1>", "{x}", "_$y$"]


class Shift(nn.Module):
    """Takes a control, a constant and a state, and gives what marks show."""

    def forward(self, amount, base, at):
        return {"y": base + amount, "next": at + 1, "last": (at == 2).to(torch.int64)}


def T(text):  # noqa: N802
    return Text(text, text)


def scene(**changes):
    controls = [
        Number("amount", T("amount"), 1, -2, 2, 0.5),
        Number("turn", T("turn"), 0, 0, 1, whole=True),
        Choice("tab", T("tab"), ["curves", "table"], tabs=True),
        Choice("name", T("name"), "names", 1),
        Toggle("on", T("on")),
        Picture("drawn", T("drawn"), np.zeros((2, 2))),
        PointSet("points", T("points"), np.zeros((1, 2)), np.zeros(1), "names", 4),
        Pad("place", T("place"), (0, 0), (-1, -2), (1, 2)),
        Typed("text", T("text"), [1, 2], "names", 3),
        Noise("chance", T("chance"), (3,)),
        State("at", np.array(0)),
        Button("step", T("step"), {"at": "next"}, plays=True, until="last"),
    ]
    panels = [
        Panel(T("Curve"), [Series(Ref("y"))], x=Axis(Entry(Ref("name"), "names")), when=("tab", (0,))),
        Panel(T("Table"), [Matrix(Ref("frames", ("turn",)))], when=("tab", (1,))),
    ]
    given = {
        "look": "try",
        "title": T("Of {name|names}"),
        "sentence": Text("It is {amount:.1f} at {at}.", "Es {amount:.1f} en {at}."),
        "panels": panels,
        "controls": controls,
        "lists": {"names": HOSTILE},
        "constants": {"base": np.array([0.0, 1.0], np.float32), "frames": np.arange(8.0).reshape(2, 2, 2)},
        "module": Shift(),
    }
    return Scene(**{**given, **changes})


def test_the_module_is_given_controls_and_constants_by_name():
    one = scene()
    assert one.arguments == ["amount", "base", "at"]
    assert one.values["y"].tolist() == [1, 2]
    assert one.set(amount=-2).values["y"].tolist() == [-2, -1]
    assert one.values["y"].tolist() == [1, 2], "the scene itself stays as it is"


def test_an_entry_of_an_array_is_chosen_by_a_number_or_by_another_array():
    one = scene()
    assert one.number(Ref("frames", ("turn",))).tolist() == [[0, 1], [2, 3]]
    assert one.set(turn=1).number(Ref("frames", ("turn", 0))).tolist() == [4, 5]
    assert one.number(Ref("frames", (9, 9))).tolist() == [6, 7], "the last entry where there are fewer"
    assert one.number([1, 2]).tolist() == [1, 2]


def test_names_are_taken_letter_for_letter_and_texts_are_filled():
    one = scene()
    assert one.entries("names", "en") == HOSTILE
    assert one.entries(["{x}", T("{amount:.0f}")], "en") == ["{x}", "1"]
    assert one.set(text=[2, 7]).entries(Named(Ref("text"), "names"), "en") == [HOSTILE[2], "", HOSTILE[0]]
    assert one.fill(one.title, "en") == "Of {x}"
    assert (one.told(), one.told("es")) == ("It is 1.0 at 0.", "Es 1.0 en 0.")


def test_panels_are_shown_as_a_choice_stands():
    one = scene()
    assert [each.title.en for each in one.shown()] == ["Curve"]
    assert [each.title.en for each in one.set(tab="table").shown()] == ["Table"]


# What a scene is refused for.


@pytest.mark.parametrize(
    "panel",
    [
        Panel(T("p"), [Series(Ref("nothing"))]),
        Panel(T("p"), [Series(Ref("y", ("nothing",)))]),
        Panel(T("p"), [Series(Ref("y"))], x=Axis(low=Ref("nothing"))),
        Panel(T("{nothing}"), [Series(Ref("y"))]),
    ],
)
def test_an_array_that_there_is_not_is_named(panel):
    with pytest.raises(ValueError, match="the scene 'try' shows 'nothing', which nothing in it computes"):
        scene(panels=[panel])


def test_a_button_cannot_set_a_state_to_what_is_not_computed():
    with pytest.raises(ValueError, match="shows 'nothing'"):
        scene(controls=[*scene().controls[:-1], Button("b", T("b"), {"at": "nothing"})])


@pytest.mark.parametrize(
    "change",
    [
        {"panels": [Panel(T("p"), [Points([0], [0], labels=Named(Ref("at"), "no_list"))])]},
        {"panels": [Panel(T("p"), [Series([0])], x=Axis(Entry(0, "no_list")))]},
        {"sentence": T("{name|no_list}")},
    ],
)
def test_a_list_that_there_is_not_is_named(change):
    with pytest.raises(ValueError, match="names the list 'no_list', which it does not have"):
        scene(**change)


def test_two_arrays_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two arrays called 'base'"):
        scene(controls=[*scene().controls, State("base", np.zeros(2))])


def test_a_panel_holds_a_plot_or_one_mark_that_stands_alone():
    with pytest.raises(ValueError, match="'p' does not"):
        Panel(T("p"), [])
    with pytest.raises(ValueError, match="'p' does not"):
        Panel(T("p"), [Images(Ref("y")), Series([1])])
    assert Panel(T("p"), [Series([1]), Points([1], [1])]).plot
    assert not Panel(T("p"), [Images(Ref("y"))]).plot


# Setting controls.


def test_each_kind_of_control_can_be_set():
    one = scene().set(
        amount=0.5, turn=1, tab=1, name=HOSTILE[0], on=True, drawn=np.ones((2, 2)), points=([[1, 2], [3, 4]], [0, 1]),
        place=(1, -2), text=[1], chance=5, at=np.array(2),
    )  # fmt: skip
    values = one.values
    assert (values["amount"], values["turn"], values["tab"], values["name"], values["on"]) == (0.5, 1, 1, 0, True)
    assert values["drawn"].sum() == 4
    assert values["points_xy"].tolist() == [[1, 2], [3, 4], [0, 0], [0, 0]]
    assert values["points_used"].tolist() == [1, 1, 0, 0]
    assert values["place"].tolist() == [1, -2]
    assert values["text_length"] == 1
    assert not np.array_equal(values["chance"], scene().values["chance"])
    assert values["last"] == 1


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"amout": 1}, "has no option 'amout'; it has amount, turn"),
        ({"step": 1}, "has no option 'step'"),
        ({"amount": 3}, "amount must lie between -2 and 2; got 3"),
        ({"amount": float("nan")}, "amount must lie between"),
        ({"place": (0, 3)}, "place must lie between"),
        ({"tab": "tables"}, "tab is one of curves, table; got 'tables'"),
        ({"tab": 2}, "tab is a number from 0 to 1; got 2"),
        ({"tab": -1}, "tab is a number from 0 to 1; got -1"),
        ({"name": "none"}, "name is one of <img"),
        ({"drawn": np.zeros((3, 2))}, r"drawn is an array of the shape \(2, 2\); got \(3, 2\)"),
        ({"points": (np.zeros((9, 2)), np.zeros(9))}, "9 points do not go into 4 places"),
    ],
)
def test_what_a_control_does_not_take_is_refused_with_what_it_takes(option, told):
    with pytest.raises(ValueError, match=told):
        scene().set(**option)


# JSON.


def test_a_scene_as_json_has_its_form_and_all_of_its_numbers():
    read = json.loads(json.dumps(scene().to_json(), allow_nan=False))
    assert read["neurarium"] == 1
    assert read["look"] == "try"
    assert read["title"] == {"en": "Of {name|names}", "es": "Of {name|names}"}
    assert read["lists"] == {"names": HOSTILE}
    assert read["values"]["y"] == {"shape": [2], "dtype": "float32", "data": [1, 2]}
    assert set(read["values"]) == {*scene().inputs, *scene().constants, "y", "next", "last"}
    assert "values" not in scene().form()


def test_each_part_says_what_it_is_and_leaves_out_what_it_has_not():
    read = as_json(Panel(T("p"), [Series(Ref("y", ("turn", 1)))], x=Axis(T("x"))))
    assert read["is"] == "panel"
    assert read["x"] == {"is": "axis", "label": {"en": "x", "es": "x"}, "log": False}
    assert "y" not in read
    assert read["marks"] == [{"is": "series", "y": {"is": "ref", "name": "y", "at": ["turn", 1]}, "style": "line"}]


@pytest.mark.parametrize("control", scene().controls, ids=lambda each: type(each).__name__)
def test_every_control_is_json(control):
    read = json.loads(json.dumps(as_json(control)))
    assert read["is"] == type(control).__name__.lower()
    assert {field.name for field in dataclasses.fields(control) if getattr(control, field.name) is not None} == {
        *read
    } - {"is"}


def test_setting_a_control_and_json_are_equal_for_equal_settings():
    assert scene().set(amount=2).to_json() == scene().set(amount=2.0).to_json()
    assert scene().set(amount=2).to_json() != scene().to_json()


def test_links_may_show_plain_numbers_and_arrays_together():
    one = scene(panels=[Panel(T("p"), [Links([0], [0], [1], Ref("amount"), -1.0)])])
    assert as_json(one.panels[0])["marks"][0]["x0"] == [0]
