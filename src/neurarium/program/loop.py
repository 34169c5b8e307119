"""Loops: a step that is taken turn after turn, which a program keeps as one operation."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

STEPS: WeakValueDictionary[int, nn.Module] = WeakValueDictionary()
"""The step modules of the loops that are being traced, by what the traced operation calls them."""


class Loop(nn.Module):
    """A step, turn after turn: h[t + 1], y[t] = step(h[t], x[t], w).

    torch runs it as a Python loop; a program holds it as one operation, however many turns it has.

    Args:
        step: Takes states, an entry of each sequence, and what all turns share; gives a tuple of the new states, each
            of its state's shape and dtype, and answers. One that takes gradients comes through `make_fx`.
        states: How many states there are.
        sequences: How many sequences there are; their first axis is the turns.
        turns: At least 1.

    Example:
        >>> class Sum(nn.Module):
        ...     def forward(self, total: Tensor, number: Tensor) -> tuple[Tensor, Tensor]:
        ...         return total + number, total + number
        >>> last, all_of_them = Loop(Sum(), states=1, sequences=1, turns=3)(torch.zeros(()), torch.tensor([1, 2, 4.0]))
        >>> last.item(), all_of_them.tolist()
        (7.0, [1.0, 3.0, 7.0])
    """

    def __init__(self, step: nn.Module, *, states: int, sequences: int, turns: int) -> None:
        super().__init__()
        if min(states, sequences) < 0 or turns < 1:
            raise ValueError(
                f"a loop has no negative number of states or sequences, and at least 1 turn; got states={states}, "
                f"sequences={sequences}, turns={turns}."
            )
        self.step, self.states, self.sequences, self.turns = step, states, sequences, turns
        self._held = (step,)  # torch.export hands out passing stand-ins for a module's modules, but not for these

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The last states, then the answers of all turns along a new first axis.

        Args:
            inputs: States, sequences, and what every turn is given as it is.

        Raises:
            ValueError: There are too few inputs, or a sequence is not as long as there are turns.
        """
        self._check(inputs)
        if torch.compiler.is_exporting():
            (step,) = self._held
            STEPS[id(step)] = step
            return tuple(_operation(list(inputs), id(step), self.states, self.sequences, self.turns))
        return tuple(_run(self.step, inputs, self.states, self.sequences, self.turns))

    def _check(self, inputs: tuple[Tensor, ...]) -> None:
        if len(inputs) < self.states + self.sequences:
            raise ValueError(
                f"this loop needs {self.states} states and {self.sequences} sequences; got {len(inputs)} inputs."
            )
        for number in range(self.sequences):
            shape = tuple(inputs[self.states + number].shape)
            if shape[:1] != (self.turns,):
                raise ValueError(
                    f"sequence {number + 1} of this loop needs an entry for each of its {self.turns} turns along its "
                    f"first axis; got shape {shape}."
                )


def turn(inputs: Sequence[Tensor], states: int, sequences: int, number: int) -> list[Tensor]:
    """What the step takes in a turn, the states being those that the loop starts from."""
    entries = [each[number] for each in inputs[states : states + sequences]]
    return [*inputs[:states], *entries, *inputs[states + sequences :]]


def _run(step: nn.Module, inputs: Sequence[Tensor], states: int, sequences: int, turns: int) -> list[Tensor]:
    now, answers = list(inputs), []
    for number in range(turns):
        given = step(*turn(now, states, sequences, number))
        now[:states] = given[:states]
        answers.append(given[states:])
    return [*now[:states], *(torch.stack(each) for each in zip(*answers, strict=True))]


@torch.library.custom_op("neurarium::loop", mutates_args=())
def _operation(inputs: list[Tensor], key: int, states: int, sequences: int, turns: int) -> list[Tensor]:
    return [each.clone() for each in _run(STEPS[key], inputs, states, sequences, turns)]


@_operation.register_fake
def _forms(inputs: list[Tensor], key: int, states: int, sequences: int, turns: int) -> list[Tensor]:
    """Results without numbers, from one turn without numbers."""
    step = STEPS[key]
    given = turn([_like(each) for each in inputs], states, sequences, 0)
    with _without_numbers(step):
        new = step(*given)
    for number, (before, after) in enumerate(zip(given[:states], new[:states], strict=True), 1):
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            raise ValueError(
                f"state {number} of a loop of {type(step).__name__} must come back as it goes in, "
                f"{tuple(before.shape)} of {before.dtype}; it comes back as {tuple(after.shape)} of {after.dtype}."
            )
    return [*map(_like, new[:states]), *(_like(each, turns) for each in new[states:])]


def _like(tensor: Tensor, *more: int) -> Tensor:
    return torch.empty((*more, *tensor.shape), dtype=tensor.dtype)


@contextmanager
def _without_numbers(module: nn.Module) -> Iterator[None]:
    """A module whose tensors have no numbers, and whom nobody listens to.

    `torch.func.functional_call` would do, but for parts that a module holds under two names: it leaves such tensors in.
    """
    kept = [(part, part._parameters, part._buffers, part._forward_hooks) for part in module.modules()]
    try:
        for part, parameters, buffers, hooks in kept:
            part._parameters, part._buffers = _emptied(parameters), _emptied(buffers)
            part._forward_hooks = type(hooks)()
        yield
    finally:
        for part, parameters, buffers, hooks in kept:
            part._parameters, part._buffers, part._forward_hooks = parameters, buffers, hooks


def _emptied(tensors: Mapping[str, Tensor | None]) -> dict[str, Any]:
    return {name: None if tensor is None else _like(tensor) for name, tensor in tensors.items()}


OPERATION = torch.ops.neurarium.loop.default
"""What a loop is in an exported graph: inputs, a key of `STEPS`, and the numbers of states, sequences and turns."""
