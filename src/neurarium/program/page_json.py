"""A program as JSON that a page runs: steps as they are, all constants in one compressed block."""

import base64
import math
import zlib
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.operations import Input, Program, Rows, Step, Value

_STORED = {"float32": "f4", "float64": "f8", "int64": "i4", "bool": "b1"}
_ALIGNED = 8  # bytes: what the largest number of a page's arrays needs


def page_json(program: Program, half: Collection[str] = (), block: "Block | None" = None) -> dict[str, Any]:
    """What a page needs to run a program, as plain data for `json.dumps`.

    Args:
        program: What to run; what neither its outputs nor its stages need is left out.
        half: Constants to store in 16 bits, of which their numbers keep three digits; the page computes in 32.
        block: Where the constants' bytes go, if several programs share them; None for a block of its own, the "blob".

    Raises:
        ValueError: `half` names no constant of real numbers, or a number is too large for what it is stored in.

    Example:
        >>> import torch
        >>> from neurarium.program.trace import trace
        >>> page = page_json(trace(torch.nn.Linear(2, 1).eval(), (torch.zeros(1, 2),), fixed=True))
        >>> page["steps"][0]["op"], page["steps"][0]["in"], page["outputs"]
        ('linear', ['input', 'weight', 'bias'], {'answer': 'answer'})
    """
    program = program.pruned(stages=True)
    real = {name for each in program.programs() for name, array in each.constants.items() if array.dtype.kind == "f"}
    strangers = sorted(set(half) - real)
    if strangers:
        raise ValueError(f"half names {', '.join(strangers)}: no constants of real numbers of this program.")
    own = block or Block(half)
    page = _program(program, own)
    return page if block else {**page, "blob": own.text()}


def packed(arrays: Mapping[str, NDArray[Any]], block: "Block | None" = None) -> dict[str, Any]:
    """Arrays alone, in the form of a program's constants.

    Args:
        arrays: Of float32, float64, int64 or bool.
        block: As in `page_json`.

    Example:
        >>> packed({"w": np.zeros((2, 3), np.float32)})["constants"]
        {'w': {'shape': [2, 3], 'dtype': 'float32', 'stored': 'f4', 'at': 0}}
    """
    own = block or Block()
    constants = {name: own.entry(name, array) for name, array in arrays.items()}
    return {"constants": constants} if block else {"constants": constants, "blob": own.text()}


class Block:
    """The bytes of all constants, equal ones once.

    Args:
        half: Names of those to store in 16 bits.
    """

    def __init__(self, half: Collection[str] = ()) -> None:
        self.half, self.octets = half, bytearray()
        self.places: dict[bytes, int] = {}

    def entry(self, name: str, array: NDArray[Any]) -> dict[str, Any]:
        """A constant's description, its bytes put to the others."""
        dtype = array.dtype.name
        stored = "f2" if name in self.half else _STORED[dtype]
        if dtype == "int64" and np.abs(array).max(initial=0) >= 2**31:
            stored = "f8"
        with np.errstate(over="ignore"):
            kept = array.astype(f"<{stored}" if stored != "b1" else np.bool_)
        changed = dtype == "int64" and np.any(kept.astype(np.int64) != array)
        if changed or not np.array_equal(np.isfinite(kept), np.isfinite(array)):
            raise ValueError(f"the constant {name} holds numbers that are too large to be stored as {stored}.")
        octets = kept.tobytes()
        if octets not in self.places:
            self.octets.extend(bytes(-len(self.octets) % _ALIGNED))
            self.places[octets] = len(self.octets)
            self.octets.extend(octets)
        return {"shape": list(array.shape), "dtype": dtype, "stored": stored, "at": self.places[octets]}

    def text(self) -> str:
        """All bytes, compressed."""
        return base64.b64encode(zlib.compress(bytes(self.octets), 9)).decode()


def _program(program: Program, block: Block) -> dict[str, Any]:
    return {
        "inputs": [_value(value) for value in program.inputs],
        "constants": {name: block.entry(name, array) for name, array in program.constants.items()},
        "steps": [_step(step, block) for step in program.steps],
        "outputs": {name: value.name for name, value in program.outputs.items()},
        "stages": {place: value.name for place, value in program.stages.items()},
    }


def _value(value: Value) -> dict[str, Any]:
    shape = [{"rows": size.times} if isinstance(size, Rows) else size for size in value.shape]
    return {"name": value.name, "shape": shape, "dtype": value.dtype}


def _step(step: Step, block: Block) -> dict[str, Any]:
    loop = step.operation == "loop"
    results: Mapping[str, Any] = (
        {"results": [_value(each) for each in step.results]} if loop else {"result": _value(step.result)}
    )
    attributes = {
        name: _program(each, block) if isinstance(each, Program) else _plain(each)
        for name, each in step.attributes.items()
    }
    return {**results, "op": step.operation, "in": [_given(each) for each in step.inputs], "attributes": attributes}


def _given(given: Input) -> Any:
    return given.name if isinstance(given, Value) else _plain(given)


def _plain(value: Any) -> Any:
    """An attribute or a number as JSON, which has no infinity."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
    return value
