"""The results of a small tour, made once."""

import pytest

from neurarium.tour.figures import Result
from neurarium.tour.run import run
from tour.fakes import every_verb


@pytest.fixture(scope="session")
def results() -> list[Result]:
    """One network for each verb, on one split."""
    return [event for event in run(every_verb().values(), [0]) if isinstance(event, Result)]
