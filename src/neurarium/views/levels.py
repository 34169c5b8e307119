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


EXAMPLE = Text("example", "ejemplo")
OF_THE_LECTURE = Text("example (0: the lecture's)", "ejemplo (0: el de la clase)")
"""What it is called where the first one is the lecture's own; lectures do not give numbers for every lab."""


def seed(n: int, label: Text = EXAMPLE) -> Number:
    """The control that picks one of a lab's examples.

    Args:
        n: How many there are.
        label: What it is called.
    """
    return Number("seed", label, 0, 0, n - 1, whole=True)
