"""classify: name the digit from all of its pixels at once."""

from typing import Any

from neurarium.tour.answers import show_classifier
from neurarium.tour.digits import Split
from neurarium.tour.figures import Figures
from neurarium.tour.making import make

VERB = "classify"


def show(kind: type[Any], rows: Split) -> Figures:
    """A classifier that sees 64 pixels."""
    return show_classifier(make(kind, rows), rows)
