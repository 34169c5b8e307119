"""Scenes: a picture of a network as data, with what a person can change in it.

A scene is written once, in Python, and printed twice: by matplotlib on paper (`plot`, `save("x.svg")`), and as one
HTML file that keeps computing (`save("x.html")`). What changes when a control is moved is computed by the scene's
module: here torch runs it, in the page the runtime runs it as a Program.
"""

import copy
import dataclasses
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from neurarium.page.controls import Arrays, Button, Choice, Control, Grid, PointSet, State
from neurarium.page.marks import Alone, Mark, Named, Plotted, Ref
from neurarium.page.words import Language, Text
from neurarium.program.operations import Program
from neurarium.program.trace import trace

VERSION = 1
_PROGRAMS: WeakKeyDictionary[nn.Module, Program] = WeakKeyDictionary()
"""Of the modules of scenes: a scene whose controls are set otherwise has the same program."""


@dataclass(frozen=True)
class Axis:
    """An axis of a plot.

    Args:
        label: What it counts, with its unit; a name of the user's own as an `Entry`.
        low, high: Its range; None for that of the marks.
        log: Whether it is logarithmic.
        ticks: Names of the whole numbers from 0 on, where it counts things.
    """

    label: "Text | Entry | None" = None
    low: float | Ref | None = None
    high: float | Ref | None = None
    log: bool = False
    ticks: str | Sequence[str | Text] | None = None


@dataclass(frozen=True)
class Entry:
    """A name of the user's own: the entry of a list of the scene that a number counts."""

    number: int | Ref
    of: str


@dataclass(frozen=True)
class Panel:
    """One picture of a scene: a plot of marks that share two axes, or a single mark that stands alone.

    Args:
        title: What it shows.
        marks: What is drawn, from the back to the front.
        note: A sentence below it, with numbers.
        x, y: Axes; None where places mean nothing.
        square: Whether a unit is as long along both axes.
        size: How much room it wants beside others.
        when: The name of a `Choice` and the numbers for which the panel is there; None for always.
    """

    title: Text
    marks: Sequence[Mark]
    note: Text | None = None
    x: Axis | None = None
    y: Axis | None = None
    square: bool = False
    size: Literal["small", "medium", "wide"] = "medium"
    when: tuple[str, tuple[int, ...]] | None = None

    def __post_init__(self) -> None:
        alone = [mark for mark in self.marks if isinstance(mark, Alone)]
        if not self.marks or (alone and len(self.marks) > 1):
            raise ValueError(f"a panel holds marks of a plot, or one that stands alone; {self.title.en!r} does not.")

    @property
    def plot(self) -> bool:
        """Whether it has axes."""
        return isinstance(self.marks[0], Plotted)


@dataclass(frozen=True)
class Scene:
    """A picture of a fitted network.

    Args:
        look: The name of the look.
        title: What is seen, and of whom.
        sentence: What the picture says, with the numbers of the data in it.
        panels: The pictures, in reading order.
        controls: What can be changed.
        lists: Names by number: classes, columns, symbols. They are shown letter for letter.
        constants: Arrays that marks show and nothing changes.
        module: Computes the other arrays: `forward` takes controls' arrays and constants by their names, any of them,
            and returns a dict of tensors. None where nothing is computed.
        python: The call that makes this scene, without its options.
        tries: What to try, step by step.
        only: By the name of a control, the `Choice` (or another single number of the scene) and its numbers for which
            the control is there.

    Raises:
        ValueError: Two things have one name, or a mark shows an array that there is not.

    Example:
        >>> from neurarium.page.controls import Number
        >>> from neurarium.page.marks import Series
        >>> class Powers(nn.Module):
        ...     def forward(self, exponent):
        ...         return {"y": torch.linspace(0, 1, 5) ** exponent}
        >>> scene = Scene(
        ...     look="powers",
        ...     title=Text("A power", "Una potencia"),
        ...     sentence=Text("The exponent is {exponent:.1f}.", "El exponente es {exponent:.1f}."),
        ...     panels=[Panel(Text("Curve", "Curva"), [Series(Ref("y"))])],
        ...     controls=[Number("exponent", Text("exponent", "exponente"), 2, 1, 4, 0.5)],
        ...     module=Powers(),
        ... )
        >>> scene.told("es"), scene.set(exponent=1).values["y"].tolist()
        ('El exponente es 2.0.', [0.0, 0.25, 0.5, 0.75, 1.0])
    """

    look: str
    title: Text
    sentence: Text
    panels: Sequence[Panel]
    controls: Sequence[Control] = ()
    lists: Mapping[str, Sequence[str | Text]] = field(default_factory=dict)
    constants: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    module: nn.Module | None = None
    python: str = ""
    tries: Sequence[Text] = ()
    only: Mapping[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in _refs(self):
            if name not in self.values:
                raise ValueError(f"the scene {self.look!r} shows {name!r}, which nothing in it computes.")
        for name in _lists(self):
            if name not in self.lists:
                raise ValueError(f"the scene {self.look!r} names the list {name!r}, which it does not have.")
        for name in self.only:
            if all(control.name != name for control in self.controls):
                raise ValueError(f"the scene {self.look!r} shows a control {name!r}, which it does not have.")

    # Numbers.

    @cached_property
    def inputs(self) -> Arrays:
        """The arrays that the controls stand for."""
        arrays: Arrays = {}
        for control in self.controls:
            for name, array in control.inputs().items():
                if name in arrays or name in self.constants:
                    raise ValueError(f"the scene {self.look!r} has two arrays called {name!r}.")
                arrays[name] = array
        return arrays

    @property
    def arguments(self) -> list[str]:
        """The arrays that the module takes, in the order of its `forward`."""
        return [] if self.module is None else list(inspect.signature(self.module.forward).parameters)

    @cached_property
    def values(self) -> Arrays:
        """All arrays by name: the controls', the constants, and what the module computes from them."""
        return {**self._given, **self.computed}

    @cached_property
    def _given(self) -> Arrays:
        return {name: _plain(array) for name, array in {**self.constants, **self.inputs}.items()}

    @cached_property
    def computed(self) -> Arrays:
        """What the module computes."""
        if self.module is None:
            return {}
        with torch.no_grad():
            answer = self.module(*self._examples())
        return {name: _plain(tensor.numpy(force=True)) for name, tensor in answer.items()}

    def _examples(self) -> tuple[torch.Tensor, ...]:
        """What the module is given."""
        return tuple(torch.from_numpy(np.array(self._given[name])) for name in self.arguments)

    def program(self) -> Program | None:
        """What the module computes, as a page runs it.

        Its outputs have the names that marks call them by, its inputs are in the order of `arguments`.

        Raises:
            UnsupportedOperation: The module does what programs cannot.
        """
        if self.module is None:
            return None
        if self.module not in _PROGRAMS:
            program = trace(_Values(self.module), self._examples(), self.arguments, fixed=True)
            outputs = dict(zip(self.computed, program.outputs.values(), strict=True))
            _PROGRAMS[self.module] = dataclasses.replace(program, outputs=outputs)
        return _PROGRAMS[self.module]

    def number(self, value: Any) -> NDArray[Any]:
        """The array that a mark means: a `Ref`, or plain numbers."""
        if not isinstance(value, Ref):
            return np.asarray(value)
        array = self.values[value.name]
        for each in value.at:
            place = each if isinstance(each, int) else int(self.values[each].item())
            array = array[min(max(place, 0), len(array) - 1)]
        return array

    def entries(self, labels: Any, language: Language) -> list[str]:
        """The texts that a mark means."""
        chosen: Sequence[str | Text]
        if isinstance(labels, Named):
            of = self.lists[labels.of]
            codes = np.asarray(self.number(labels.codes)).ravel().astype(int)
            chosen = [of[code] if 0 <= code < len(of) else "" for code in codes]
        else:
            chosen = self.lists[labels] if isinstance(labels, str) else labels
        return [each if isinstance(each, str) else self.fill(each, language) for each in chosen]

    def fill(self, text: Text, language: Language) -> str:
        """A text of this scene with its numbers."""
        return text.filled(language, self.values, self.lists)

    def told(self, language: Language = "en") -> str:
        """The sentence, with its numbers."""
        return self.fill(self.sentence, language)

    def shown(self) -> list[Panel]:
        """The panels that are there as the controls stand."""
        return [each for each in self.panels if each.when is None or int(self.values[each.when[0]]) in each.when[1]]

    def set(self, **options: Any) -> "Scene":
        """The same scene with controls set: a number, a place, an array, the text of a choice or its number.

        Raises:
            ValueError: There is no such control, or it does not take this.
        """
        if not options:
            return self
        known = {control.name: control for control in self.controls if not isinstance(control, Button)}
        strangers = sorted(set(options) - set(known))
        if strangers:
            raise ValueError(f"the look {self.look!r} has no option {strangers[0]!r}; it has {', '.join(known)}.")
        changed = [
            self._changed(control, options[control.name]) if control.name in options else control
            for control in self.controls
        ]
        return dataclasses.replace(self, controls=changed)

    def called(self, python: str) -> "Scene":
        """The same scene, which says that this call makes it; nothing is computed again."""
        same = copy.copy(self)
        object.__setattr__(same, "python", python)  # a scene is frozen for others
        return same

    def press(self, button: str) -> "Scene":
        """The same scene after one press of a button.

        Raises:
            ValueError: There is no such button.
        """
        found = [control for control in self.controls if isinstance(control, Button) and control.name == button]
        if not found:
            raise ValueError(f"the look {self.look!r} has no button {button!r}.")
        return self.set(**{name: self.values[output] for name, output in found[0].sets.items()})

    def _changed(self, control: Control, value: Any) -> Control:
        if isinstance(control, Choice):
            value = self._option(control, value)
        if isinstance(control, Grid):
            value = np.asarray(value, np.float32)
        if isinstance(control, PointSet):
            xy, group = value
            return dataclasses.replace(control, xy=np.asarray(xy, np.float32), group=np.asarray(group, np.int64))
        if isinstance(control, Button):
            return control
        field_name = "seed" if hasattr(control, "seed") else "value"
        changed = dataclasses.replace(control, **{field_name: value})
        before, after = control.inputs(), changed.inputs()
        for name, array in after.items():
            if array.shape != before[name].shape:
                raise ValueError(
                    f"{self.look}: {control.name} is an array of the shape {before[name].shape}; got {array.shape}."
                )
        if hasattr(control, "low") and not isinstance(control, State):
            self._check_range(control, after[control.name])
        return changed

    def _option(self, control: Choice, value: Any) -> int:
        options = self.lists[control.options] if isinstance(control.options, str) else control.options
        texts = [each if isinstance(each, str) else each.en for each in options]
        if isinstance(value, str):
            if value not in texts:
                raise ValueError(f"{self.look}: {control.name} is one of {', '.join(texts)}; got {value!r}.")
            return texts.index(value)
        if not 0 <= int(value) < len(texts):
            raise ValueError(f"{self.look}: {control.name} is a number from 0 to {len(texts) - 1}; got {value!r}.")
        return int(value)

    def _check_range(self, control: Any, array: NDArray[Any]) -> None:
        low, high = np.asarray(control.low, np.float32), np.asarray(control.high, np.float32)
        if not ((array >= low) & (array <= high)).all():
            raise ValueError(
                f"{self.look}: {control.name} must lie between {control.low} and {control.high}; got {array}."
            )

    # Printing.

    def to_json(self) -> dict[str, Any]:
        """The scene with all of its numbers, as JSON: what a page shows, and what scenes are compared by."""
        return {
            **self.form(),
            "values": {
                name: {"shape": list(array.shape), "dtype": str(array.dtype), "data": array.ravel().tolist()}
                for name, array in self.values.items()
            },
        }

    def form(self) -> dict[str, Any]:
        """The scene without its numbers, as JSON."""
        return {
            "neurarium": VERSION,
            "look": self.look,
            "title": as_json(self.title),
            "sentence": as_json(self.sentence),
            "panels": as_json(self.panels),
            "controls": as_json(self.controls),
            "lists": as_json(self.lists),
            "python": self.python,
            "tries": as_json(self.tries),
            "only": as_json(self.only),
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw the panels with matplotlib.

        Args:
            ax: Axes for a scene of one panel; None for a figure of its own.

        Returns:
            The figure.
        """
        from neurarium.page.paper import figure

        return figure(self, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the scene to a file: .html keeps computing, .svg, .png and .pdf are pictures, .json is the scene."""
        from neurarium.page.saving import save

        save([self], path)

    def _repr_html_(self) -> str:
        from neurarium.page.html import frame

        return frame([self])


class _Values(nn.Module):
    """What a module computes, without the names, which `trace` would read as those of stages."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The values alone."""
        return tuple(self.module(*given).values())


def _plain(array: Any) -> NDArray[Any]:
    """An array of one of the four dtypes that pages know: float32, float64, int64, bool."""
    array = np.asarray(array)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def as_json(value: Any) -> Any:
    """A part of a scene as JSON: a dataclass as its fields under "is", its name in lower case."""
    if isinstance(value, Text):
        return {"en": value.en, "es": value.es}
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "data": value.ravel().tolist()}
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value):
        fields = {each.name: as_json(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {"is": type(value).__name__.lower(), **{name: each for name, each in fields.items() if each is not None}}
    if isinstance(value, Mapping):
        return {str(name): as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    return value


def _walk(value: Any, visit: Callable[[Any], None]) -> None:
    visit(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for each in dataclasses.fields(value):
            _walk(getattr(value, each.name), visit)
    elif isinstance(value, Mapping):
        for each in value.values():
            _walk(each, visit)
    elif isinstance(value, list | tuple):
        for each in value:
            _walk(each, visit)


def _refs(scene: Scene) -> list[str]:
    """The arrays that a scene shows."""
    names: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, Ref):
            names.extend([value.name, *(each for each in value.at if isinstance(each, str))])
        elif isinstance(value, Text):
            names.extend(name for name, _ in value.names())
        elif isinstance(value, Button):
            names.extend(value.sets.values())

    _walk([scene.title, scene.sentence, scene.panels, scene.controls, scene.tries], visit)
    return [*names, *(each for each, _ in scene.only.values())]


def _lists(scene: Scene) -> list[str]:
    """The lists that a scene names."""
    names: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, Named | Entry):
            names.append(value.of)
        elif isinstance(value, Text):
            names.extend(of for _, of in value.names() if of is not None)

    _walk([scene.title, scene.sentence, scene.panels, scene.controls, scene.tries], visit)
    return names
