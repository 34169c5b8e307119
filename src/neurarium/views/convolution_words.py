"""The lab "convolution" in formulas: the sum under the window written out, and how large the output is."""

from neurarium.page.marks import Formula
from neurarium.page.scene import Panel
from neurarium.page.words import Text
from neurarium.views.convolution_arithmetic import KERNEL

SUM = Text("Multiply, and add up", "Multiplicar y sumar")
SIZE = Text("How large the output is", "De qué tamaño es la salida")


def sums() -> list[Panel]:
    """The sum under the window written out, a row of the kernel on each line, for each size of kernel."""
    shapes = {**{k: (k, k) for k in range(1, KERNEL + 1)}, **{10 + k: (1, k) for k in range(1, KERNEL + 1)}}
    return [Panel(SUM, [_sum(*shape)], when=("written", (code,))) for code, shape in shapes.items()]


def _sum(rows: int, columns: int) -> Formula:
    lines, told = [], []
    for a in range(rows):
        line: list[object] = [["mo", "+"]] if a else []
        for b in range(columns):
            line += [*([["mo", "+"]] if b else []), ["mn", f"{{v_{a}_{b}}}"], ["mo", "·"], ["mn", f"{{w_{a}_{b}}}"]]
        lines.append(line)
        told.append(" + ".join(f"{{v_{a}_{b}}}·{{w_{a}_{b}}}" for b in range(columns)))
    lines[-1] += [["mo", "="], ["mn", "{answer}"]]
    plain = "\n+ ".join(told) + " = {answer}"
    return Formula(["mtable", *(["mtr", ["mtd", ["mrow", *line]]] for line in lines)], Text(plain, plain))


def sizes() -> list[Panel]:
    """The formulas of the size, with their numbers, for each operation and dimension."""
    down = ("{in_rows}", "{kernel_size}", "{stride}", "{padding}", "{dilation}", "{out_rows}")
    across = ("{columns}", *down[1:5], "{out_columns}")
    panels = []
    for code, of in enumerate((_there, _there, _back, _back)):
        kinds = [of(*across)] if code % 2 else [of(*down), of(*across)]
        lines = [of("n", "k", "s", "p", "d", ""), *kinds]
        plain = "\n".join(line for _, line in lines)
        tree = ["mtable", *(["mtr", ["mtd", ["mrow", *line]]] for line, _ in lines)]
        panels.append(Panel(SIZE, [Formula(tree, Text(plain, plain))], when=("size_shown", (code,))))
    return panels


def _there(n: str, k: str, s: str, p: str, d: str, size: str) -> tuple[list[object], str]:
    above = [_number(n), ["mo", "+"], ["mn", "2"], ["mo", "·"], _number(p), ["mo", "−"], *_reach(k, d), ["mo", "−"],
             ["mn", "1"]]  # fmt: skip
    floor = [["mo", "⌊"], ["mfrac", ["mrow", *above], _number(s)], ["mo", "⌋"], ["mo", "+"], ["mn", "1"]]
    return [*floor, *_is(size)], f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1" + (f" = {size}" if size else "")


def _back(n: str, k: str, s: str, p: str, d: str, size: str) -> tuple[list[object], str]:
    line = [["mtext", "("], _number(n), ["mo", "−"], ["mn", "1"], ["mtext", ")"], ["mo", "·"], _number(s), ["mo", "−"],
            ["mn", "2"], ["mo", "·"], _number(p), ["mo", "+"], *_reach(k, d), ["mo", "+"], ["mn", "1"]]  # fmt: skip
    return [*line, *_is(size)], f"({n} − 1)·{s} − 2·{p} + {d}·({k} − 1) + 1" + (f" = {size}" if size else "")


def _reach(k: str, d: str) -> list[object]:
    return [_number(d), ["mo", "·"], ["mtext", "("], _number(k), ["mo", "−"], ["mn", "1"], ["mtext", ")"]]


def _is(size: str) -> list[object]:
    return [["mo", "="], ["mn", size]] if size else []


def _number(piece: str) -> list[object]:
    return ["mi" if piece.isalpha() else "mn", piece]
