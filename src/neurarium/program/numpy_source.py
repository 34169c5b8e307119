"""A program as NumPy source: one file that needs numpy alone, one line an operation, its constants at the end."""

import base64
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.numpy_drivers import drivers
from neurarium.program.numpy_text import CHECK, HEAD, HELPERS
from neurarium.program.operations import Input, Program, Rows, Size, Step, Value
from neurarium.program.sheet import TOLERANCE, Function, Sheet, Symbols, rows_axis

_LITERAL = 16  # numbers up to which a constant is written out

_INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "pow": "**",
    "lt": "<",
    "le": "<=",
    "eq": "==",
    "and": "&",
    "or": "|",
}
_CALLS = {
    "neg": "-{0}",
    "not": "~{0}",
    "abs": "np.abs({0})",
    "sigmoid": "_sigmoid({0})",
    "erf": "_erf({0})",
    "cast": "{0}.astype(np.{dtype})",
    "sum": "{0}.sum({axes}{keep})",
    "prod": "{0}.prod({axes}{keep})",
    "sort": "np.sort({0}, {axis})",
    "max": "{0}.max({axes}{keep})",
    "min": "{0}.min({axes}{keep})",
    "argmax": "{0}.argmax({axis}{keep})",
    "cumsum": "{0}.cumsum({axis})",
    "softmax": "_softmax({0}, {axis})",
    "matmul": "{0} @ {1}",
    "solve": "_solve({0}, {1})",
    "conv2d": "_conv2d({all}, stride={stride}, padding={padding}, dilation={dilation}, groups={groups})",
    "conv_transpose2d": (
        "_conv_transpose2d({all}, shape={shape}, stride={stride}, padding={padding}, dilation={dilation}, "
        "groups={groups})"
    ),
    "max_pool2d": "_max_pool2d({0}, {kernel}, stride={stride}, padding={padding}, dilation={dilation})",
    "avg_pool2d": "_avg_pool2d({0}, {kernel}, stride={stride}, padding={padding}, divisor={divisor})",
    "reshape": "{0}.reshape({shape})",
    "transpose": "{0}.transpose{axes}",
    "expand": "np.broadcast_to({0}, {shape})",
    "flip": "np.flip({0}, {axes})",
    "cat": "np.concatenate([{all}], {axis})",
    "take": "np.take({0}, {1}, {axis})",
    "gather": "np.take_along_axis({0}, {1}, {axis})",
    "put": "_put({0}, {axis}, {1}, {2})",
    "full": "np.full({shape}, {value}, np.{dtype})",
}


def numpy_source(sheet: Sheet) -> str:
    """The text of the file.

    Args:
        sheet: What it holds.
    """
    own = {"classes", "symbols", "_numbers", "tolerance", "checks"} | {function.name for function in sheet.functions}
    constants, names = sheet.constants(own)
    functions = "\n\n".join(_function(function, names) for function in sheet.functions)
    beside = "\n\n".join(drivers(sheet))
    starts = {
        f"start_{function.name}_{value.name}": function.start[value.name]
        for function in sheet.functions
        for value in function.states()
    }
    classes = "" if sheet.classes is None else f"CLASSES = np.array({_labels(sheet.classes)})\n"
    arrays = "".join(f"{name.upper()} = {_array(array)}\n" for name, array in {**constants, **starts}.items())
    checks = "".join(_check(function) for function in sheet.functions)
    helpers = _helpers(functions)
    parts = [
        _head(sheet, "import math\n" * ("_erf(" in functions) + "import re\n" * ("re.findall(" in beside)),
        *helpers,
        functions,
        beside,
        _DECODE,
        classes + _symbols(sheet.symbols) + arrays,
        f"CHECKS = {{\n{checks}}}\n",
        CHECK.format(tolerance=TOLERANCE, rows=sheet.n_rows),
    ]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def _helpers(text: str) -> list[str]:
    """The functions that a text needs, and those that they need."""
    needed = [helper for name, helper in HELPERS.items() if f"{name}(" in text and helper not in text]
    return [*_helpers(text + "".join(needed)), *needed] if needed else []


_DECODE = '''
def _array(text, dtype, *shape):
    """Numbers from base64."""
    return np.frombuffer(base64.b64decode(text), dtype).astype(dtype[1:]).reshape(shape)
'''


def _head(sheet: Sheet, more: str) -> str:
    calls = "\n".join(f"    {_signature(function)}" for function in sheet.functions)
    return HEAD.format(
        more=more, title=sheet.title, calls=calls, rows=sheet.n_rows, tolerance=TOLERANCE, precision=sheet.precision
    )


def _signature(function: Function) -> str:
    inputs = ", ".join(value.name for value in function.program.inputs)
    return f"{function.name}({inputs}) -> {', '.join(function.program.outputs)}"


def _function(function: Function, constants: Mapping[tuple[str, str], str]) -> str:
    """A program as a Python function."""
    program = function.program
    names = {name: name for name in program.names()}
    names |= {name: constants[function.name, name].upper() for each in program.programs() for name in each.constants}
    body = _lines(program, names)
    outputs = ", ".join(names[value.name] for value in program.outputs.values())
    about = ["", *(f"    {value.name}: {_shape_words(value)}" for value in program.inputs), "", "Returns:"]
    about += [f"    {name}: {_shape_words(value)}" for name, value in program.outputs.items()]
    doc = "\n".join(["Args:", *about[1:]])
    ready = [f"{value.name} = {_asked(value)}" for value in program.inputs]
    if any(re.search(r"\bn\b", line.split("  # ")[0]) for line in body):
        ready.append(f"n = {program.inputs[0].name}.shape[{rows_axis(program.inputs[0])}]")
    lines = [f'"""{_title(function)}\n\n{doc}\n"""', *ready, *body, f"return {outputs}"]
    head = f"@np.errstate(all='ignore')\ndef {function.name}({', '.join(value.name for value in program.inputs)}):\n"
    return head.replace("'", '"') + textwrap.indent("\n".join(lines), "    ") + "\n"


def _title(function: Function) -> str:
    count = len(function.program.steps)
    return f"{function.name}: {count} operation{'s' * (count != 1)}."


def _shape_words(value: Value) -> str:
    return f"{_shape(value.shape)} {value.dtype}"


def _asked(value: Value) -> str:
    """An input as an array of its dtype and, where rows come first, of its shape."""
    array = f"np.asarray({value.name}, np.{value.dtype})"
    if rows_axis(value) == 0 and len(value.shape) > 1:
        rest = ", ".join(map(str, value.shape[1:]))
        return f"{array}.reshape(len({value.name}), {rest})"
    return array


def _lines(program: Program, names: Mapping[str, str]) -> list[str]:
    return [
        line
        for step in program.steps
        for line in (_turns(step, names) if step.operation == "loop" else [_line(step, names)])
    ]


def _turns(step: Step, names: Mapping[str, str]) -> list[str]:
    """A loop: its states and entries under the names that its program has for them, its answers in lists."""
    body, first = step.body(), step.number("states")
    given, results = [names[value.name] for value in step.values()], [each.name for each in step.results]
    inner, outputs = [value.name for value in body.inputs], [names[value.name] for value in body.outputs.values()]
    after = first + step.number("sequences")
    lines = [f"{', '.join(inner[:first])} = {', '.join(given[:first])}"] if first else []
    lines += [f"{name} = {source}" for name, source in zip(inner[after:], given[after:], strict=True)]
    lines += [f"{name} = []" for name in results[first:]]
    lines.append(_turn_head(inner[first:after], given[first:after], step.number("turns")))
    inside = _lines(body, names)
    inside += [f"{name}.append({output})" for name, output in zip(results[first:], outputs[first:], strict=True)]
    inside += [f"{', '.join(inner[:first])} = {', '.join(outputs[:first])}"] if first else []
    lines += [f"    {line}" for line in inside]
    lines += [f"{each.name} = np.stack({each.name})  # {_shape(each.shape)}" for each in step.results[first:]]
    return lines + [f"{result} = {state}" for result, state in zip(results[:first], inner[:first], strict=True)]


def _turn_head(entries: list[str], sequences: list[str], turns: int) -> str:
    if not entries:
        return f"for _ in range({turns}):"
    if len(entries) == 1:
        return f"for {entries[0]} in {sequences[0]}:  # {turns} turns"
    return f"for {', '.join(entries)} in zip({', '.join(sequences)}):  # {turns} turns"


def _line(step: Step, names: Mapping[str, str]) -> str:
    return f"{names[step.result.name]} = {_expression(step, names)}  # {_shape(step.result.shape)}"


def _expression(step: Step, names: Mapping[str, str]) -> str:
    given = [_input(each, step, names) for each in step.inputs]
    operation = step.operation
    if operation in _INFIX:
        return f"{given[0]} {_INFIX[operation]} {given[1]}"
    if operation == "linear":
        bias = f" + {given[2]}" if len(given) == 3 else ""
        return f"{given[0]} @ {given[1]}.T{bias}"
    if operation == "where":
        pairs = zip(given[1:], step.inputs[1:], strict=True)
        return f"np.where({given[0]}, {', '.join(_typed(text, step, each) for text, each in pairs)})"
    if operation == "slice":
        return f"{given[0]}[{_slice(step)}]"
    if operation == "reshape" and not step.result.shape:
        return f"{given[0]}.reshape(())"
    if operation == "pad":
        sides = tuple(zip(step.numbers("before"), step.numbers("after"), strict=True))
        return f"np.pad({given[0]}, {sides}, constant_values={_number(step.attributes['value'], step.result.dtype)})"
    pattern = _CALLS.get(operation, f"np.{operation}({{all}})")
    attributes = {
        key: _number(value, step.result.dtype) if key == "value" else value for key, value in step.attributes.items()
    }
    if "axes" in attributes and operation in ("sum", "prod", "max", "min"):
        axes = step.numbers("axes")
        attributes["axes"] = axes[0] if len(axes) == 1 else axes
    if "keep" in attributes:
        attributes["keep"] = ", keepdims=True" if attributes["keep"] else ""
    return pattern.format(
        *given,
        all=", ".join(given),
        shape=_shape(step.result.shape),
        dtype=_numpy_dtype(step.result.dtype),
        **attributes,
    )


def _numpy_dtype(dtype: str) -> str:
    return "bool_" if dtype == "bool" else dtype


def _slice(step: Step) -> str:
    axis, start, stop, every = (step.number(key) for key in ("axis", "start", "stop", "step"))
    whole = ":, " * axis
    return f"{whole}{start}:{stop}" + (f":{every}" if every != 1 else "")


def _typed(text: str, step: Step, given: Input) -> str:
    return text if isinstance(given, Value) else f"np.{_numpy_dtype(step.result.dtype)}({text})"


def _input(given: Input, step: Step, names: Mapping[str, str]) -> str:
    if isinstance(given, Value):
        return names[given.name]
    of_result = step.operation == "where" or not step.values()
    text = _number(given, step.result.dtype if of_result else step.values()[0].dtype)
    return f"({text})" if text.startswith("-") else text


def _number(value: Any, dtype: str) -> str:
    """The shortest text that is read back as the same number."""
    if dtype == "bool":
        return str(bool(value))
    if dtype == "int64":
        return str(int(value))
    text = str(np.float32(value)) if dtype == "float32" else repr(float(value))
    return text.replace("inf", "np.inf").replace("nan", "np.nan")


def _size(size: Size) -> str:
    if isinstance(size, Rows):
        return "n" if size.times == 1 else f"n * {size.times}"
    return str(size)


def _shape(shape: tuple[Size, ...]) -> str:
    return f"({', '.join(map(_size, shape))}{',' * (len(shape) == 1)})"


def _array(array: NDArray[Any]) -> str:
    """An array as an expression: written out where it is small, else in base64."""
    dtype = _numpy_dtype(array.dtype.name)
    if array.size <= _LITERAL:
        numbers = _nested(array, lambda value: _number(value, array.dtype.name))
        return f"np.array({numbers}, np.{dtype})" + ("" if array.size else f".reshape({array.shape})")
    text = base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
    kind = array.dtype.newbyteorder("<").str if array.dtype.itemsize > 1 else "|b1"
    lines = "\n".join(textwrap.wrap(text, 116))
    return f'_array("""\n{lines}""", "{kind}", {", ".join(map(str, array.shape))})'


def _nested(array: NDArray[Any], number: Callable[[Any], str]) -> str:
    if array.ndim == 0:
        return number(array[()])
    return f"[{', '.join(_nested(each, number) for each in array)}]"


def _labels(classes: tuple[Any, ...]) -> str:
    """Labels as a list of literals: texts escaped to plain ASCII, so that no label can be anything but a label."""
    plain = [each.item() if isinstance(each, np.generic) else each for each in classes]
    return "[" + ", ".join(ascii(each) for each in plain) + "]"


def _symbols(symbols: Symbols | None) -> str:
    if symbols is None:
        return ""
    numbers = "_NUMBERS = {symbol: number for number, symbol in enumerate(SYMBOLS)}\n"
    return f"SYMBOLS = {_labels(symbols.names)}\n{numbers}"


def _check(function: Function) -> str:
    def table(arrays: Mapping[str, NDArray[Any]]) -> str:
        return "".join(f'            "{name}": {_array(array)},\n' for name, array in arrays.items())

    given = {value.name: function.given[value.name] for value in function.program.inputs}
    return (
        f'    "{function.name}": (\n        {function.name},\n        {{\n{table(given)}        }},\n'
        f"        {{\n{table(function.wanted)}        }},\n    ),\n"
    )
