"""A program as C99 source: one .c and one .h, for one row at a time, static memory, constants in read-only arrays."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.program.building import identifier
from neurarium.program.c99_drivers import Driver, drivers
from neurarium.program.c99_loops import C_TYPES, Place, literal
from neurarium.program.c99_memory import Layout, lay_out
from neurarium.program.c99_text import CHECK_OUTPUT, CHECK_TAIL, HEADER, HELPERS
from neurarium.program.c99_turns import lines_of
from neurarium.program.operations import Value
from neurarium.program.sheet import TOLERANCE, Function, Sheet, row, rows_axis, scale

_OUTSIDE = {"float32": "float", "float64": "float", "int64": "int32_t", "bool": "unsigned char"}
_BYTES = {"float32": 4, "float64": 8, "int64": 4, "bool": 1}


def c99_source(sheet: Sheet, stem: str) -> tuple[str, str]:
    """The texts of the .c and the .h file.

    Args:
        sheet: What they hold.
        stem: What they are called, without ending.
    """
    prefix = identifier(stem)
    constants, names = sheet.constants({function.name for function in sheet.functions})
    printed = [_Printed(function, prefix, names) for function in sheet.functions]
    sizes = {dtype: max(each.sizes[dtype] for each in printed) for dtype in C_TYPES}
    bodies = "\n".join(each.text for each in printed)
    beside = drivers(sheet, prefix)
    helpers = [text.strip("\n") + "\n" for name, text in HELPERS.items() if f"{name}(" in bodies]
    arenas = [f"static {C_TYPES[dtype]} WORK_{dtype}[{size}];\n" for dtype, size in sizes.items() if size]
    arrays = [_array(f"K_{name}", array) for name, array in constants.items()]
    work = sum(_BYTES[dtype] * size for dtype, size in sizes.items()) + sum(driver.octets for driver in beside)
    header = _header(sheet, prefix, stem, _about(sheet, printed, constants, work), beside)
    more = dict.fromkeys(text.strip("\n") + "\n" for driver in beside for text in (*driver.helpers, driver.code))
    parts = [
        f"/* {sheet.title}, as neurarium printed it: C99. What it is, and what it takes, stands in the header. */\n\n"
        f'#include "{_included(stem)}.h"\n\n#include <math.h>\n'
        + "#include <string.h>\n"
        * any("strlen(" in driver.code for driver in beside),
        _table_of_texts(f"{prefix}_classes", sheet.classes),
        _table_of_texts(f"{prefix}_symbols", sheet.symbols.names if sheet.symbols else None),
        "".join(arrays),
        "".join(arenas),
        *helpers,
        bodies,
        *more,
        _check(sheet, prefix),
    ]
    return "\n".join(part for part in parts if part), header


def _included(stem: str) -> str:
    """The stem as it stands inside #include "..."."""
    if any(character in stem for character in '"\n\r\\?') or stem.endswith(("/", " ")):
        raise ValueError(f"a C file cannot be called {stem!r}: take letters, numbers, - and _.")
    return stem


class _Printed:
    """A function as C, and what it takes.

    Args:
        function: What to print.
        prefix: Before the names that the linker sees.
        names: Of the constants in the file.
    """

    def __init__(self, function: Function, prefix: str, names: Mapping[tuple[str, str], str]) -> None:
        self.function = function
        program = function.program
        self.places: dict[str, Place] = {}
        for value in program.inputs:
            self.places[value.name] = Place(value.name, _OUTSIDE[value.dtype])
        for each in program.programs():
            for name, array in each.constants.items():
                self.places[name] = Place(f"K_{names[function.name, name]}", C_TYPES[array.dtype.name])
        layout = lay_out(program)
        self.sizes = layout.sizes
        places = self._declared(layout)
        lines = lines_of(program, self.places, layout)
        for name, value in program.outputs.items():
            lines += _copied_out(name, value, self.places[value.name])
        self.signature = signature(function, prefix)
        used = "".join(lines)
        declared = [line for name, line in places if _mentions(used, name)]
        unused = [f"(void){value.name};" for value in program.inputs if not _mentions(used, value.name)]
        text = "\n".join(f"    {line}" for line in [*declared, *unused, *lines])
        self.text = f"{self.signature}\n{{\n{text}\n}}\n"

    def _declared(self, layout: Layout) -> list[tuple[str, str]]:
        """The pointers into the working memory, by name; every value has its place then, but what a turn is given."""
        declared = []
        outside = {each.name for each in self.function.program.inputs} | set(self.function.program.outputs)
        for value_name, slot in layout.slots.items():
            name = value_name
            while name in outside:
                name += "_"
            kind = C_TYPES[slot.value.dtype]
            self.places[value_name] = Place(name, kind)
            shape = " x ".join(map(str, slot.value.shape_of(1))) or "1"
            declared.append((name, f"{kind} *const {name} = WORK_{slot.value.dtype} + {slot.start}; /* {shape} */"))
        for name in layout.same:
            if layout.root(name) in self.places:
                self.places[name] = self.places[layout.root(name)]
        return declared


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def signature(function: Function, prefix: str) -> str:
    """The declaration of a function, without the semicolon."""
    given = [
        f"const {_OUTSIDE[value.dtype]} {value.name}[{max(1, value.count())}]" for value in function.program.inputs
    ]
    got = [
        f"{_OUTSIDE[value.dtype]} {name}[{max(1, value.count())}]" for name, value in function.program.outputs.items()
    ]
    return f"void {prefix}_{function.name}({', '.join([*given, *got])})"


def _copied_out(name: str, value: Value, place: Place) -> list[str]:
    kind = _OUTSIDE[value.dtype]
    cast = "" if kind == place.kind else f"({kind})"
    return [
        f"for (int i = 0; i < {value.count()}; i++)",
        f"    {name}[i] = {cast}{place.name}[i];",
    ]


def _array(name: str, array: NDArray[Any]) -> str:
    kind = C_TYPES[array.dtype.name]
    return f"static const {kind} {name}[{max(1, array.size)}] = {{\n{_numbers(array, kind)}\n}};\n"


def _numbers(array: NDArray[Any], kind: str) -> str:
    texts = [literal(value, kind) for value in array.ravel().tolist()] or ["0"]
    lines: list[str] = []
    line = "   "
    for text in texts:
        if len(line) + len(text) > 116:
            lines, line = [*lines, line], "   "
        line += f" {text},"
    return "\n".join([*lines, line])


def _text(label: Any) -> str:
    """A label as a C string literal of plain ASCII: whatever is no letter, number or blank becomes an octal escape."""
    plain = label.item() if isinstance(label, np.generic) else label
    octets = str(plain).encode("utf-8", "surrogatepass")
    safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:+"
    return '"' + "".join(chr(each) if each in safe else f"\\{each:03o}" for each in octets) + '"'


def _table_of_texts(name: str, labels: tuple[Any, ...] | None) -> str:
    if labels is None:
        return ""
    texts = ",\n    ".join(_text(label) for label in labels)
    return f"const char *const {name}[{len(labels)}] = {{\n    {texts},\n}};\n"


def _about(sheet: Sheet, printed: list[_Printed], constants: Mapping[str, NDArray[Any]], work: int) -> str:
    numbers = sum(_BYTES[array.dtype.name] * array.size for array in constants.values())
    lines = [f"constants: {numbers:,} bytes", f"working memory: {work:,} bytes, static"]
    lines += [
        f"{each.function.name}: {each.function.program.operations():,} operations (multiply-adds) a call"
        for each in printed
    ]
    if sheet.precision == "float64":
        lines.append("computed in double: float would lose more than a hundred-thousandth of the answers")
    return "\n".join(f" *   {line}" for line in lines)


def _header(sheet: Sheet, prefix: str, stem: str, about: str, beside: list[Driver]) -> str:
    guard = f"NEURARIUM_{prefix.upper()}_H"
    declarations = []
    if sheet.classes is not None:
        declarations.append(f"#define {prefix.upper()}_N_CLASSES {len(sheet.classes)}\n")
        declarations.append(
            f"/* The name of each class, in UTF-8, by its label. */\n"
            f"extern const char *const {prefix}_classes[{len(sheet.classes)}];\n"
        )
    if sheet.symbols is not None:
        count = len(sheet.symbols.names)
        declarations.append(f"#define {prefix.upper()}_N_SYMBOLS {count}\n")
        declarations.append(
            f"/* What each number stands for, in UTF-8. */\nextern const char *const {prefix}_symbols[{count}];\n"
        )
    for function in sheet.functions:
        shapes = [f"{value.name}: {_shape(value)}" for value in function.program.inputs]
        shapes += [f"{name}: {_shape(value)}" for name, value in function.program.outputs.items()]
        declarations.append(f"/* {'; '.join(shapes)} */\n{signature(function, prefix)};\n")
    declarations += [f"/* {driver.about} */\n{driver.signature};\n" for driver in beside]
    return (
        HEADER.strip("\n").format(
            title=sheet.title, about=about, guard=guard, declarations="\n".join(declarations), rows=sheet.n_rows
        )
        + "\n"
    )


def _shape(value: Value) -> str:
    return " x ".join(map(str, value.shape_of(1))) or "1"


def _check(sheet: Sheet, prefix: str) -> str:
    """main, under NET_CHECK: every function on rows whose answers are known."""
    tables, calls = [], []
    for number, function in enumerate(sheet.functions):
        stem = f"CHECK_{number}"
        declared, arguments, compared = [], [], []
        for value in function.program.inputs:
            array, shared = function.given[value.name], rows_axis(value) is None
            tables.append(_table(f"{stem}_{value.name}", value, array, sheet.n_rows))
            arguments.append(f"{stem}_{value.name}[{0 if shared else 'row'}]")
        for name, value in function.program.outputs.items():
            array, output = function.wanted[name], name
            tables.append(_table(f"{stem}_{output}", value, array, sheet.n_rows))
            kind = _OUTSIDE[value.dtype]
            declared.append(f"{kind} {output}[{max(1, value.count())}];")
            arguments.append(output)
            shared = rows_axis(value) is None
            compared.append(
                CHECK_OUTPUT.strip("\n").format(
                    function=function.name,
                    output=output,
                    count=value.count(),
                    wanted=f"{stem}_{output}[{0 if shared else 'row'}]",
                    allowed=repr(TOLERANCE * scale(array)) if kind == "float" else "0.5",
                    largest=repr(scale(array)),
                )
            )
        body = "\n".join([*declared, f"{prefix}_{function.name}({', '.join(arguments)});", *compared])
        indented = "\n".join(f"        {line}" if line else "" for line in body.split("\n"))
        calls.append(f"    for (int row = 0; row < {sheet.n_rows}; row++) {{\n{indented}\n    }}")
    tail = CHECK_TAIL.strip("\n").format(calls="\n".join(calls), rows=sheet.n_rows, tolerance=TOLERANCE)
    return "#ifdef NET_CHECK\n\n#include <stdio.h>\n\n" + "".join(tables) + "\n" + tail + "\n\n#endif\n"


def _table(name: str, value: Value, array: NDArray[Any], n_rows: int) -> str:
    kind = _OUTSIDE[value.dtype]
    rows = [row(value, array, 0)] if rows_axis(value) is None else [row(value, array, each) for each in range(n_rows)]
    inner = ",\n".join(
        f"    {{\n{_numbers(each.astype(np.float32) if kind == 'float' else each, kind)}\n    }}" for each in rows
    )
    return f"static const {kind} {name}[{len(rows)}][{max(1, value.count())}] = {{\n{inner}\n}};\n"
