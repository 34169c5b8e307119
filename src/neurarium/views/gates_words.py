"""What the look "gates" calls things: the letters of the lecture, and its formulas with the numbers of a cell."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.words import Text
from neurarium.views.gates_cells import parts_of

LETTERS = {
    "forget": "f",
    "input": "i",
    "candidate": "C~",
    "cell": "C",
    "output": "o",
    "reset": "r",
    "update": "z",
    "hidden": "h",
}

_CALLED = {
    "forget": Text("f: forget gate", "f: compuerta de olvido"),
    "input": Text("i: input gate", "i: compuerta de entrada"),
    "candidate": Text("C̃: candidate", "C̃: candidato"),
    "cell": Text("C: cell state", "C: estado de la celda"),
    "output": Text("o: output gate", "o: compuerta de salida"),
    "reset": Text("r: reset gate", "r: compuerta de reinicio"),
    "update": Text("z: update gate", "z: compuerta de actualización"),
    "hidden": Text("h: output", "h: salida"),
}
_CALLED_IN_A_GRU = {"candidate": Text("n: candidate", "n: candidato")}

DOES = {
    "LSTM": Text(
        "f says what share of the old cell state is kept, i what share of the candidate C̃ is written, and o what share "
        "of the new cell state is told: of {cell_before:.2f}, {forget:.0%} is kept; of {candidate:.2f}, {input:.0%} is "
        "written; {output:.0%} is told.",
        "f dice qué parte del estado anterior se conserva, i qué parte del candidato C̃ se escribe y o qué parte del "
        "nuevo estado se muestra: de {cell_before:.2f} se conserva el {forget:.0%}; de {candidate:.2f} se escribe el "
        "{input:.0%}; se muestra el {output:.0%}.",
    ),
    "LSTM of 1997": Text(
        "The old cell state is kept whole; i says what share of the candidate C̃ is written, and o what share is told: "
        "to {cell_before:.2f} come {input:.0%} of {candidate:.2f}; {output:.0%} is told.",
        "El estado anterior se conserva entero; i dice qué parte del candidato C̃ se escribe y o qué parte se muestra: "
        "a {cell_before:.2f} se suma el {input:.0%} de {candidate:.2f}; se muestra el {output:.0%}.",
    ),
    "GRU": Text(
        "r says what share of the old state the candidate n hears, and z what share of the old state stays: the "
        "candidate hears {reset:.0%} of it; {update:.0%} of {hidden_before:.2f} stays, the rest comes from "
        "{candidate:.2f}.",
        "r dice qué parte del estado anterior oye el candidato n y z qué parte permanece: el candidato oye el "
        "{reset:.0%}; de {hidden_before:.2f} permanece el {update:.0%}, y el resto viene de {candidate:.2f}.",
    ),
    "RNN": Text(
        "A single step: the input adds {hidden_x:.2f} and the last state of all cells {hidden_h:.2f}; what comes of "
        "it, {hidden:.2f}, is the new state.",
        "Un solo paso: la entrada suma {hidden_x:.2f} y el último estado de todas las celdas {hidden_h:.2f}; lo que "
        "resulta, {hidden:.2f}, es el nuevo estado.",
    ),
}
"""What the gates do, with the numbers of the chosen cell at the chosen step."""


_STEPS = {
    ("forget",): Text(
        "Forget: f looks at h(t−1) and x(t) and says what share of the old cell state stays, from 0, throw it away, to "
        "1, keep it.",
        "Olvidar: f mira h(t−1) y x(t) y dice qué parte del estado anterior se queda, de 0, tirarlo, a 1, conservarlo.",
    ),
    ("input",): Text(
        "Input: i says how much of what is new is let in.", "Entrada: i dice cuánto de lo nuevo se deja entrar."
    ),
    ("candidate",): Text(
        "Candidate: what could be written, from −1 to 1.", "Candidato: lo que podría escribirse, de −1 a 1."
    ),
    ("cell",): Text(
        "Update: the new cell state is what stays of the old one, and what is let in of the candidate.",
        "Actualizar: el nuevo estado es lo que se queda del anterior más lo que entra del candidato.",
    ),
    ("output", "hidden"): Text(
        "Output: o says how much of the cell state, squeezed by tanh, is told; h is what the next step and the layer "
        "above hear.",
        "Salida: o dice cuánto del estado, comprimido por tanh, se muestra; h es lo que oyen el paso siguiente y la "
        "capa de encima.",
    ),
    ("reset",): Text(
        "Reset: r says how much of the old state the candidate hears.",
        "Reinicio: r dice cuánto del estado anterior oye el candidato.",
    ),
    ("update",): Text(
        "Update gate: z says what share of the old state stays; the rest is written anew.",
        "Actualización: z dice qué parte del estado anterior se queda; el resto se escribe de nuevo.",
    ),
    ("hidden",): Text(
        "New state: what stays of the old one, and of the candidate the rest.",
        "Nuevo estado: lo que se queda del anterior, y el resto, del candidato.",
    ),
}


def steps(recurrent: Any) -> list[tuple[tuple[str, ...], Text]]:
    """The steps in which a cell is explained: which parts come, and why; none for a cell of one part."""
    names = parts_of(recurrent)
    told = [(parts, text) for parts, text in _STEPS.items() if set(parts) <= set(names)]
    if "cell" in names:
        return [each for each in told if each[0] != ("hidden",)]
    order = sorted(told, key=lambda each: names.index(each[0][0]))
    return order if len(names) > 1 else []


def step_parts(recurrent: Any) -> NDArray[np.float32]:
    """(steps + 1, parts) which parts a step of the explanation is about; steps count from 1."""
    names = parts_of(recurrent)
    rows = [[float(name in parts) for name in names] for parts, _ in steps(recurrent)]
    return np.array([[0.0] * len(names), *rows], np.float32)


def kind_of(recurrent: Any) -> str:
    """The name of the kind of cell: a key of `DOES`."""
    seen = recurrent.cell.seen
    if "cell" in seen:
        return "LSTM" if "forget" in seen else "LSTM of 1997"
    return "GRU" if "reset" in seen else "RNN"


def called(recurrent: Any) -> list[Text]:
    """What the parts of the cells are called."""
    special = _CALLED_IN_A_GRU if kind_of(recurrent) == "GRU" else {}
    return [special.get(name, _CALLED[name]) for name in parts_of(recurrent)]


def equations(recurrent: Any) -> dict[str, str]:
    """For each part of a cell its formula and its numbers, as `formulas` has them."""
    kind, peepholes = kind_of(recurrent), recurrent.cell.peepholes
    if kind == "RNN":
        f = "tanh" if getattr(recurrent.cell, "activation", "tanh") == "tanh" else "relu"
        return {"hidden": _gate("hidden", "h", f, "")}
    if kind == "GRU":
        return {**_gates(("reset", "update"), ()), **_gru(recurrent.cell.has_inner_bias)}
    kept = "f_t · C_t-1" if kind == "LSTM" else "C_t-1"
    kept_number = "{forget:.2f} · ({cell_before:.2f})" if kind == "LSTM" else "{cell_before:.2f}"
    return {
        **_gates(("forget",) if kind == "LSTM" else (), peepholes),
        **_gates(("input",), peepholes),
        "candidate": _gate("candidate", "C", "tanh", "", "C~"),
        "cell": f"C_t = {kept} + i_t · C~_t = {kept_number} + {{input:.2f}} · ({{candidate:.2f}}) = {{cell:.2f}}",
        **_gates(("output",), peepholes),
        "hidden": "h_t = o_t · tanh ( C_t ) = {output:.2f} · tanh ( {cell:.2f} ) = {hidden:.2f}",
    }


def _gates(names: tuple[str, ...], peepholes: tuple[str, ...]) -> dict[str, str]:
    cells = {"output": "C_t"}
    return {
        name: _gate(name, LETTERS[name], "σ", cells.get(name, "C_t-1") if name in peepholes else "") for name in names
    }


def _gate(name: str, letter: str, function: str, peephole: str, called: str = "") -> str:
    more = f"+ p_{letter} · {peephole} " if peephole else ""
    number = f"{{{name}_p:+.2f}} " if peephole else ""
    return (
        f"{called or letter}_t = {function} ( W_{letter} · [ h_t-1 , x_t ] {more}+ b_{letter} ) = {function} "
        f"( {{{name}_h:.2f}} {{{name}_x:+.2f}} {number}{{{name}_b:+.2f}} ) = {{{name}:.2f}}"
    )


def _gru(reset_after: bool) -> dict[str, str]:
    if reset_after:
        heard = "r_t · ( U_n · h_t-1 + d_n )"
        number = "{reset:.2f} · ( {candidate_h:.2f} {candidate_d:+.2f} )"
    else:
        heard, number = "U_n · ( r_t ⊙ h_t-1 )", "({candidate_h:.2f})"
    return {
        "candidate": f"n_t = tanh ( W_n · x_t + b_n + {heard} ) = tanh ( {{candidate_x:.2f}} {{candidate_b:+.2f}} + "
        f"{number} ) = {{candidate:.2f}}",
        "hidden": "h_t = z_t · h_t-1 + ( 1 - z_t ) · n_t = {update:.2f} · ({hidden_before:.2f}) + ( 1 - "
        "{update:.2f} ) · ({candidate:.2f}) = {hidden:.2f}",
    }


def held(name: str, recurrent: Any) -> str:
    """The formula of a part that is held fast."""
    letter = "n" if kind_of(recurrent) == "GRU" and name == "candidate" else LETTERS[name]
    return f"{letter}_t ← {{{name}:.2f}}"
