"""A fit's own stream of random numbers: a seed decides it, and the caller's streams are left where they were."""

import secrets
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch

RandomState = int | np.random.RandomState | None


def seed_from(random_state: RandomState) -> int:
    """The whole number that decides a fit.

    Args:
        random_state: A whole number for the same result at each call, a numpy RandomState to draw the seed from,
            or None for a fresh one from the operating system.

    Example:
        >>> seed_from(7)
        7
    """
    if random_state is None:
        return secrets.randbits(31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    return int(random_state)


class Randomness:
    """torch's global stream, borrowed: inside `with randomness:` it is ours, outside it is the caller's, untouched.

    Initialisers, dropout and anything else that draws from the global stream thus obey the fit's seed without
    being told, and a fit can rest between two steps while the caller draws numbers of their own.

    Args:
        seed: Decides every number drawn.
    """

    def __init__(self, seed: int) -> None:
        self._ours = torch.Generator().manual_seed(seed).get_state()
        self._ours_on_gpu: torch.Tensor | None = None
        self._seed = seed

    def __enter__(self) -> Self:
        self._callers = torch.get_rng_state()
        torch.set_rng_state(self._ours)
        if torch.cuda.is_available():
            self._callers_on_gpu = torch.cuda.get_rng_state()
            if self._ours_on_gpu is None:
                torch.cuda.manual_seed(self._seed)
            else:
                torch.cuda.set_rng_state(self._ours_on_gpu)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours = torch.get_rng_state()
        torch.set_rng_state(self._callers)
        if torch.cuda.is_available():
            self._ours_on_gpu = torch.cuda.get_rng_state()
            torch.cuda.set_rng_state(self._callers_on_gpu)

    def state_dict(self) -> dict[str, Any]:
        """Where the stream stands."""
        return {"seed": self._seed, "cpu": self._ours, "gpu": self._ours_on_gpu}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where another stream stood."""
        self._seed, self._ours, self._ours_on_gpu = state["seed"], state["cpu"], state["gpu"]


def draw_seed() -> int:
    """A seed for a helper of another library, drawn from torch's current stream."""
    return int(torch.randint(2**31 - 1, ()))
