"""What all labs have: three levels, and fresh examples by seed."""

from neurarium.page.controls import Choice, Number
from neurarium.page.words import Text

SEE, DO, FORMULA = 0, 1, 2

LEVEL = Choice(
    "level",
    Text("level", "nivel"),
    [Text("See", "Ver"), Text("Do", "Hacer"), Text("Formula", "Fórmula")],
    tabs=True,
)
"""A picture to watch; everything that can be played with; the formula with its numbers."""


def seed(n: int) -> Number:
    """The control that picks one of a lab's examples.

    Args:
        n: How many there are; number 0 is the lecture's own.
    """
    return Number("seed", Text("example (0: the lecture's)", "ejemplo (0: el de la clase)"), 0, 0, n - 1, whole=True)
