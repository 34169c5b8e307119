"""What the look "chain" works out once: the long run of a chain from every start, and how fast it comes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.networks import _markov_law as laws
from neurarium.page.words import Text

_MOST_CONTEXTS = 800
_STEPS = 31
_SMALLEST = 1e-14


@dataclass(frozen=True, eq=False)
class LongRun:
    """The long run of a chain whose matrix is written out.

    Attributes:
        law: (starts, states) the share of time in each state, from nothing and from each state in turn; one row where
            the start does not matter.
        distance: (starts, 2, steps) total variation between the law of the t-th state and the long run, from the start
            and from the worst one.
        eigenvalue: The second largest modulus of an eigenvalue.
        power: (steps,) its powers.
        kind: What to say of the chain.
    """

    law: NDArray[np.float64]
    distance: NDArray[np.float64]
    eigenvalue: float
    power: NDArray[np.float64]
    kind: Text


def long_run(fitted: Any) -> LongRun | None:
    """The long run; None where the matrix of contexts is too large to write out.

    Args:
        fitted: A Markov chain.
    """
    n_states, width = len(fitted.states_), max(1, int(fitted.order))
    if n_states**width > _MOST_CONTEXTS:
        return None
    P = fitted._matrix()
    found = laws.classes(P)
    n = len(P)
    begins = np.full((1, n), 1 / n) if width > 1 else np.vstack([fitted.next_probabilities(), np.eye(n)])
    once = len([each for each in found if each.closed]) == 1
    rows = [laws.long_run(P, begin) for begin in (begins[:1] if once else begins)]
    long = np.vstack(rows)
    target = np.broadcast_to(long, (len(begins), n))
    worst_target = long if once else np.vstack([laws.long_run(P, begin) for begin in np.eye(n)])
    distance, now, every = [], begins, np.eye(n)
    for _ in range(_STEPS):
        from_here = np.abs(now - target).sum(1) / 2
        worst = (np.abs(every - worst_target).sum(1) / 2).max()
        distance.append(np.stack([from_here, np.full(len(begins), worst)], 1))
        now, every = now @ P, every @ P
    eigenvalue = fitted.second_eigenvalue()
    return LongRun(
        law=long.reshape(len(long), -1, n_states).sum(1),
        distance=np.maximum(np.stack(distance, 2), _SMALLEST),
        eigenvalue=eigenvalue,
        power=np.maximum(eigenvalue ** np.arange(_STEPS), _SMALLEST),
        kind=_kind([each for each in found if each.closed], len(found)),
    )


def _kind(closed: list[laws.Class], n_classes: int) -> Text:
    """What the classes of a chain mean for its long run."""
    if len(closed) > 1:
        return Text(
            f"There are {len(closed)} sets of states that the chain never leaves: its long run depends on the start.",
            f"Hay {len(closed)} conjuntos de estados de los que la cadena nunca sale: a la larga depende del inicio.",
        )
    period = closed[0].period
    if period > 1:
        return Text(
            f"The chain comes back only every {period} steps: the law of the t-th state never settles, the share of "
            "time does.",
            f"La cadena solo vuelve cada {period} pasos: la ley del estado t nunca se asienta, la parte del tiempo sí.",
        )
    if n_classes > 1:
        return Text(
            "Some states are left for ever; the others have one long run, wherever the chain starts.",
            "Algunos estados se abandonan para siempre; los demás tienen un solo reparto a la larga, sea cual sea el "
            "inicio.",
        )
    return Text(
        "Wherever it starts, the chain settles to one long run.",
        "Empiece donde empiece, la cadena se asienta en un solo reparto.",
    )
