"""A chain of states as a network: states as cells on a ring, and how often each follows each."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.page.controls import Choice
from neurarium.page.marks import Bars, Cells, Formula, Links, Matrix, Plotted, Ref, Words
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views.numbers import picked

_MOST = 14
"""States that are drawn: those that occur most often."""


def drawn(seen: NDArray[Any]) -> NDArray[Any]:
    """Which states are drawn, by how often each was seen."""
    often = np.argsort(-seen, kind="stable")[:_MOST]
    return np.sort(often[seen[often] > 0])


def ring(n: int, flow: Ref, share: Ref, *, picks: str | None = None, highlight: Ref | None = None) -> list[Plotted]:
    """n states on a ring, with arrows between all of them and their names, the list "states".

    Args:
        n: How many.
        flow: (n * n,) how wide each arrow is, those from one state side by side.
        share: (n,) what fills the states.
        picks, highlight: Of the states.
    """
    angle = 2 * np.pi * np.arange(n) / n
    x, y = 4 * np.sin(angle), 4 * np.cos(angle)
    ends, starts = (axis.ravel() for axis in np.meshgrid(np.arange(n), np.arange(n)))
    x0, y0, x1, y1 = (axis[each].tolist() for each in (starts, ends) for axis in (x, y))
    return [
        Links(x0, y0, x1, y1, flow, arrows=True),
        Cells(
            x.tolist(), y.tolist(), "input/ring", share, radius=0.5, scale="magnitude", picks=picks, highlight=highlight
        ),
        Words((1.2 * x).tolist(), (1.2 * y).tolist(), "states"),
    ]


def chain_scene(fitted: Any, look: str) -> Scene:
    """States, and the counts of what followed what.

    Args:
        fitted: With `counts_`, `states_` and `order`.
        look: The name of the look.
    """
    counts = np.asarray(fitted.counts_)
    seen = counts.sum(0) + counts.sum(1)
    kept = drawn(seen)
    names = [visible(str(state)) for state in np.asarray(fitted.states_)[kept].tolist()]
    return Scene(
        look=look,
        title=Text("The network: a chain of {states} states", "La red: una cadena de {states} estados"),
        sentence=Text(
            "After {state|states} comes {follows|states} {count} times out of {total}: p = {p:.3f}.",
            "Tras {state|states} viene {follows|states} {count} veces de {total}: p = {p:.3f}.",
        ),
        panels=[
            Panel(
                Text("States and transitions", "Estados y transiciones"),
                ring(len(kept), Ref("flow"), Ref("share"), picks="state"),
                note=Text(
                    "Arrows lead away from the chosen state, as wide as they are likely. {left} rarer states are left "
                    "out.",
                    "Las flechas salen del estado elegido, más anchas cuanto más probables. Se omiten {left} estados "
                    "más raros.",
                ),
                square=True,
                size="wide",
            ),
            Panel(
                Text("What comes after {state|states}", "Lo que viene tras {state|states}"),
                [Bars(Ref("after"), "states", limits=(0, 1), picks="follows", highlight=Ref("follows"))],
            ),
            Panel(Text("In numbers", "En números"), [_formula()]),
            Panel(
                Text("All transitions", "Todas las transiciones"),
                [
                    Matrix(
                        Ref("law"),
                        "states",
                        "states",
                        "magnitude",
                        picks=("state", "follows"),
                        highlight=(Ref("state"), Ref("follows")),
                    )
                ],
                note=Text("Row: the last state; column: the next.", "Fila: el último estado; columna: el siguiente."),
            ),
        ],
        controls=[
            Choice("state", Text("last state", "último estado"), "states"),
            Choice("follows", Text("next state", "estado siguiente"), "states", value=min(1, len(kept) - 1)),
        ],
        lists={"states": names},
        constants={
            "states": np.array(int((seen > 0).sum())),
            "left": np.array(int((seen > 0).sum()) - len(kept)),
            "share": (counts.sum(1)[kept] / max(1, counts.sum())).astype(np.float32),
        },
        module=_Transitions(counts, kept).eval(),
    )


def _formula() -> Formula:
    ratio = ["mfrac", ["mrow", ["mi", "c"], ["mo", "("], ["mtext", "{state|states} {follows|states}"], ["mo", ")"]],
             ["mrow", ["mi", "c"], ["mo", "("], ["mtext", "{state|states}"], ["mo", ")"]]]  # fmt: skip
    tree = ["mrow", ["mi", "p"], ["mo", "="], ratio, ["mo", "="], ["mfrac", ["mn", "{count}"], ["mn", "{total}"]],
            ["mo", "="], ["mn", "{p:.3f}"]]  # fmt: skip
    plain = "p = c({state|states} {follows|states}) / c({state|states}) = {count} / {total} = {p:.3f}"
    return Formula(tree, Text(plain, plain))


class _Transitions(nn.Module):
    """What follows the chosen state.

    Args:
        counts: (states, states) how often each followed each.
        kept: Those that are drawn.
    """

    counts: Tensor
    total: Tensor

    def __init__(self, counts: Any, kept: Any) -> None:
        super().__init__()
        total = counts.sum(1)
        self.register_buffer("counts", torch.tensor(counts[kept][:, kept], dtype=torch.float32))
        self.register_buffer("total", torch.tensor(total[kept], dtype=torch.float32))

    def forward(self, state: Tensor, follows: Tensor) -> dict[str, Tensor]:
        """The law, the row of the state and the chosen transition."""
        law = self.counts / self.total.clamp(min=1)[:, None]
        chosen = torch.arange(len(law)) == state
        after, counts = picked(law, state), picked(self.counts, state)
        return {
            "law": law,
            "after": after,
            "flow": torch.where(chosen[:, None], law, 0.0).reshape(-1),
            "count": picked(counts, follows),
            "total": picked(self.total, state),
            "p": picked(after, follows),
        }


def visible(state: str) -> str:
    """A state with signs for blanks."""
    return state.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "∅"
