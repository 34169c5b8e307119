"""Formulas, written once as pieces between blanks: as MathML for a page, as letters for paper and for reading aloud.

"f_t-1" is f with t - 1 below ("f_t+1" likewise), "C~" a C with a tilde, "{name:.2f}" a place for a number.
"""

import re


def tree(lines: list[str]) -> list[object]:
    """Formulas as MathML, one below the other.

    Example:
        >>> tree(["h_t = 2"])
        ['mrow', ['msub', ['mi', 'h'], ['mi', 't']], ['mo', '='], ['mn', '2']]
    """
    rows: list[list[object]] = [["mrow", *map(_leaf, line.split())] for line in lines]
    return ["mtable", *(["mtr", ["mtd", row]] for row in rows)] if len(rows) > 1 else rows[0]


def plain(lines: list[str]) -> str:
    """The same in letters.

    Example:
        >>> plain(["C~_t = tanh ( W_C · [ h_t-1 , x_t ] )"])
        'C̃(t) = tanh(W_C · [h(t−1), x(t)])'
    """
    return "\n".join(_spaced(" ".join(map(_flat, line.split()))) for line in lines)


def _leaf(piece: str) -> list[object]:
    if piece.startswith("({"):
        return ["mrow", ["mtext", "("], ["mn", piece[1:-1]], ["mtext", ")"]]
    if "{" in piece:
        number: list[object] = ["mn", piece]
        return ["mrow", ["mtext", "\N{NO-BREAK SPACE}"], number] if ":+" in piece else number
    if piece in "()[]":
        return ["mtext", piece]  # an operator would stretch, to twice the height of the line
    if "_" in piece:
        letter, below = piece.split("_")
        sign = {"t-1": "−", "t+1": "+"}.get(below)
        return ["msub", _leaf(letter), ["mrow", ["mi", "t"], ["mo", sign], ["mn", "1"]] if sign else ["mi", below]]
    if piece == "C~":
        return ["mover", ["mi", "C"], ["mo", "~"]]
    if piece.isalpha():
        return ["mi", piece]
    return ["mn", piece] if piece.isdigit() else ["mo", "−" if piece == "-" else piece]


def _flat(piece: str) -> str:
    if "{" in piece or "_" not in piece:
        return "C̃" if piece == "C~" else "−" if piece == "-" else piece
    letter, below = piece.replace("C~", "C̃").split("_")
    return f"{letter}({below.replace('-', '−')})" if below[0] == "t" else f"{letter}_{below}"


def _spaced(line: str) -> str:
    """Brackets and commas as they are set."""
    for wide, narrow in ((r"([(\[]) ", r"\1"), (r" ([)\],])", r"\1"), (r"(σ|tanh|relu) \(", r"\1(")):
        line = re.sub(wide, narrow, line)
    return line
