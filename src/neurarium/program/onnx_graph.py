"""A graph of ONNX that grows: its nodes, its numbers, and how many rows there are."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from neurarium.program.building import identifiers
from neurarium.program.operations import Dtype, Rows, Size, Step, Value
from neurarium.program.sheet import rows_axis

KINDS = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


class Graph:
    """The nodes of a graph, or of a graph inside one of its nodes: such a one sees all that stands outside.

    Args:
        inputs: What comes in, under its own names.
        outer: The graph around this one.
        reserved: Other names that nothing else may have.

    Attributes:
        rows: What the number of rows is called, a row of one whole number; empty where the inputs tell it.
    """

    def __init__(self, inputs: Sequence[Value], outer: "Graph | None" = None, reserved: Sequence[str] = ()) -> None:
        self.inputs, self.outer = inputs, outer
        self.nodes: list[onnx.NodeProto] = []
        self.numbers: list[onnx.TensorProto] = []
        self.forms: list[onnx.ValueInfoProto] = []
        self._taken: set[str] = outer._taken if outer else {*(value.name for value in inputs), *reserved}
        self._names: dict[str, str] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._shapes: dict[tuple[Size, ...], str] = {}
        self.rows = ""
        for value in inputs:
            self._names[value.name] = self.name(value.name) if outer else value.name

    # Names.

    def name(self, wanted: str) -> str:
        """A name like the wanted one that nothing else has."""
        (name,) = identifiers([wanted], self._taken)
        self._taken.add(name)
        return name

    def __getitem__(self, value: Value) -> str:
        """What a value is called here."""
        if value.name in self._names or self.outer is None:
            return self._names[value.name]
        return self.outer[value]

    def given(self, step: Step) -> list[str]:
        """What the inputs of a step are called; plain numbers become arrays of the type they are computed in."""
        values = step.values()
        dtype = step.results[0].dtype if step.operation == "where" or not values else values[0].dtype
        return [self[each] if isinstance(each, Value) else self.scalar(each, dtype) for each in step.inputs]

    # Nodes.

    def node(self, kind: str, *inputs: str, results: int = 1, **attributes: Any) -> str:
        """Add a node, and return the name of its first result."""
        names = [self.name(kind) for _ in range(results)]
        self.nodes.append(helper.make_node(kind, inputs, names, names[0], **attributes))
        return names[0]

    def alias(self, value: Value, name: str) -> None:
        """Let a value be what is called so already."""
        self._names[value.name] = name

    def keep(self, value: Value, name: str | None, number: int = 0) -> None:
        """Let a result of the last node be a value.

        Args:
            value: Of the program.
            name: What to call it; None for a name like its own.
            number: Which result.
        """
        self._taken.discard(self.nodes[-1].output[number])
        self._names[value.name] = name or self.name(value.name)
        self.rename(self._names[value.name], number)
        if name is None:
            self.forms.append(announced(value, self._names[value.name]))

    def rename(self, name: str, number: int = 0) -> None:
        """Call a result of the last node so."""
        self.nodes[-1].output[number] = name
        if number == 0:
            self.nodes[-1].name = name

    # Numbers.

    def constants(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Take in the constants of a program."""
        for name, array in arrays.items():
            self._names[name] = self.constant(array, name)

    def constant(self, array: ArrayLike, name: str = "number") -> str:
        """What an array is called that is part of the file; equal ones are one."""
        array = np.asarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = self.name(name)
            self.numbers.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def scalar(self, number: float, dtype: Dtype) -> str:
        """One number."""
        return self.constant(np.array(number, dtype))

    def whole(self, *numbers: int) -> str:
        """A row of whole numbers."""
        return self.constant(np.array(numbers, np.int64), "numbers")

    def shape(self, shape: Sequence[Size]) -> str:
        """A shape as a row of whole numbers, with as many rows as come in."""
        key = tuple(shape)
        if not any(isinstance(size, Rows) for size in key):
            return self.whole(*(size for size in key if isinstance(size, int)))
        if key not in self._shapes:
            self._shapes[key] = self.node("Concat", *map(self._size, key), axis=0)
        return self._shapes[key]

    def _size(self, size: Size) -> str:
        if isinstance(size, int):
            return self.whole(size)
        return self._rows() if size.times == 1 else self.node("Mul", self._rows(), self.whole(size.times))

    def _rows(self) -> str:
        """How many rows come in: a row of one whole number."""
        if self.outer is not None:
            return self.outer._rows()
        if self.rows:
            return self.rows
        key = (Rows(),)
        if key not in self._shapes:
            value, axis = next((each, axis) for each in self.inputs if (axis := rows_axis(each)) is not None)
            size = value.shape[axis]
            rows = self.node("Shape", self[value], start=axis, end=axis + 1)
            if size != Rows():
                rows = self.node("Div", rows, self.whole(size.times if isinstance(size, Rows) else 1))
            self._shapes[key] = rows
        return self._shapes[key]


def announced(value: Value, name: str, kind: int | None = None) -> onnx.ValueInfoProto:
    """A value as ONNX announces it, where the rows are "n", or something else of its shape."""
    return helper.make_tensor_value_info(name, kind or KINDS[value.dtype], [_axis(size) for size in value.shape])


def _axis(size: Size) -> int | str:
    if isinstance(size, Rows):
        return "n" if size.times == 1 else f"{size.times}*n"
    return size
