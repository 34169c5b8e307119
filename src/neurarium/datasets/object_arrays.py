"""numpy arrays of arrays, read without unpickling: nothing a file says is ever called.

numpy writes an array of unequal arrays as a pickle, and a pickle is a program. Python's own `pickletools` lists the
words of that program without running it; the words that numpy uses to spell arrays build plain tuples here, any other
word refuses the file, and arrays are made from the tuples that say "an array of this shape, this kind, these bytes".
"""

import pickletools
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KINDS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
_CONSTANTS = {"NONE": None, "NEWFALSE": False, "NEWTRUE": True}
_LITERALS = ("BININT", "BININT1", "BININT2", "SHORT_BINSTRING", "BINSTRING", "BINUNICODE", "GLOBAL")
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_MARK = object()


def read_object_array(content: bytes) -> list[NDArray[Any]]:
    """The arrays in a .npy file that holds an array of arrays.

    Args:
        content: The file's bytes.

    Raises:
        ValueError: The file is damaged, or holds anything but arrays of numbers.
    """
    file = BytesIO(content)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("not version 1.0 of the .npy format")
        (count,), _, kind = np.lib.format.read_array_header_1_0(file)
        if kind.kind != "O":
            raise ValueError(f"an array of {kind}, not of arrays")
        outer = _spelled(content[file.tell() :])
        shape, arrays = outer[2][1], outer[2][4]
        if shape != (count,) or len(arrays) != count:
            raise ValueError("not as many arrays as announced")
        return [_array(each) for each in arrays]
    except Exception as error:  # whatever a damaged or hostile file provokes ends as one error
        raise ValueError(f"The array of arrays is damaged, or holds other things than numbers: {error}.") from error


def _spelled(pickle: bytes) -> Any:
    """What the words of a pickle spell, calls and all as plain tuples: (name, arguments, state)."""
    stack: list[Any] = []
    memory: dict[Any, Any] = {}
    for word, value, _ in pickletools.genops(pickle):
        name = word.name
        if name in _LITERALS:
            stack.append(value)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            size = _TUPLES[name]
            stack[-size:] = [tuple(stack[-size:])]
        elif name in ("MARK", "EMPTY_LIST"):
            stack.append(_MARK if name == "MARK" else [])
        elif name in ("TUPLE", "APPENDS"):
            place = len(stack) - 1 - stack[::-1].index(_MARK)
            parts = stack[place + 1 :]
            del stack[place:]
            if name == "TUPLE":
                stack.append(tuple(parts))
            else:
                stack[-1].extend(parts)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memory[value] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memory[value])
        elif name == "REDUCE":
            stack[-2:] = [[stack[-2], stack[-1], None]]
        elif name == "BUILD":
            state = stack.pop()
            stack[-1][2] = state
        elif name == "STOP":
            return stack.pop()
        elif name != "PROTO":
            raise ValueError(f"the word {name}, which arrays do not need")
    raise ValueError("cut short")


def _array(spelled: Any) -> NDArray[Any]:
    """An array of numbers from its shape, its kind and its bytes."""
    _, shape, (kind_name, (code, *_), kind_state), by_columns, numbers = spelled[2]
    if kind_name != "numpy dtype" or code not in _KINDS or by_columns:
        raise ValueError(f"an array of kind {code!r}")
    order = kind_state[1] if kind_state[1] in ("<", ">") else ""
    if isinstance(numbers, list):  # Python 3 spells bytes as a text to be encoded
        numbers = numbers[1][0]
    return np.frombuffer(numbers.encode("latin-1"), np.dtype(order + code)).reshape(shape)
