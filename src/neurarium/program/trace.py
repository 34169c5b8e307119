"""From a torch module to a Program: `torch.export`, decomposed, lowered to our operations.

What depends on no input is computed here, by torch, and becomes a constant. A module may answer with a tensor, a tuple,
or a dict that names its outputs; where such a dict has the entry "answer" that one is the answer, and the others are
stages: places to look at.
"""

import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count, product
from typing import Any, cast

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode
from torch.utils import _pytree

from neurarium.program.aten import Exported, exported
from neurarium.program.building import (
    Builder,
    Constant,
    Form,
    Operand,
    UnsupportedOperation,
    identifier,
    identifiers,
    known_dtype,
)
from neurarium.program.loop import OPERATION, STEPS, Loop, turn
from neurarium.program.lowering.common import FOUND_AGAIN, NOT_KNOWN
from neurarium.program.lowering.sums import Factor
from neurarium.program.lowering.table import LOWERINGS
from neurarium.program.operations import Program, Rows, Size, Value
from neurarium.program.origins import line_of, line_of_error

_CHECKS = ("_assert_tensor_metadata", "_assert_scalar", "sym_constrain_range_for_size", "sym_constrain_range")


def trace(
    module: nn.Module, inputs: tuple[Tensor, ...], names: Sequence[str] | None = None, *, fixed: bool = False
) -> Program:
    """A module as a program.

    Args:
        module: In eval mode; anything that `torch.export` can trace and that uses the operations of `operations.py`.
        inputs: Examples. The first axis of the first is the rows, at least 2 of them; so is an axis of that size in
            any other, if it has to be. Without inputs all that comes out is constant.
        names: What to call the inputs; None for the names that the module has for them.
        fixed: Whether no axis is rows, and every shape stays as it is in the examples.

    Raises:
        UnsupportedOperation: It does something else; the message names the operation and the line it comes from.
        ValueError: The module works for one number of rows alone, or the first input has no axis for them.

    Example:
        >>> program = trace(nn.Sequential(nn.Linear(4, 3), nn.Tanh()).eval(), (torch.zeros(2, 4),))
        >>> [step.operation for step in program.steps]
        ['linear', 'tanh']
    """
    names = names or input_names(module, len(inputs))
    if fixed or not inputs:
        return _Walk(_exported(module, inputs), None, _wrapping(module)).program(names)
    if not inputs[0].dim():
        raise ValueError("the first input is one number, so none of its axes can be the rows: trace with fixed=True.")
    rows = _telling_number(module, inputs)
    for axes in product(*_candidates(inputs)):
        many = tuple(
            each if axis is None else _repeated(each, axis, rows) for each, axis in zip(inputs, axes, strict=True)
        )
        try:
            found = _exported(module, many)
            break
        except (RuntimeError, ValueError) as error:  # the rows lie along another axis that has as many entries
            failed = error
    else:
        raise failed
    return _Walk(found, rows, _wrapping(module)).program(names)


def _exported(module: nn.Module, inputs: tuple[Tensor, ...]) -> Exported:
    try:
        return exported(module, inputs)
    except GuardOnDataDependentSymNode as error:
        why = "a program computes the same steps whatever the numbers are: use torch.where in place of `if`, a loop"
        raise UnsupportedOperation(f"{why} or .item(). It comes from\n{line_of_error(error)}") from error
    except RuntimeError as error:
        why = f"torch cannot trace it: {str(error).splitlines()[0].rstrip('.')}"
        raise UnsupportedOperation(f"{why}. It comes from\n{line_of_error(error)}") from error


def _telling_number(module: nn.Module, inputs: tuple[Tensor, ...]) -> int:
    """A number of rows that tells rows from everything else: a prime that divides no size of the network.

    torch can also leave a size open, but a module that asks for `len(x)`, as most do, fixes it.
    """
    sizes = {size for tensor in (*module.state_dict().values(), *inputs) for size in tensor.shape}
    sizes |= {part.turns for part in module.modules() if isinstance(part, Loop)}
    primes = (number for number in count(211, 2) if all(number % factor for factor in range(3, number, 2)))
    return next(prime for prime in primes if all(size % prime for size in sizes if size))


def _candidates(inputs: tuple[Tensor, ...]) -> list[list[int | None]]:
    """For each input the axes along which the rows may lie: of the first, the first; None for an input without rows."""
    found: list[list[int | None]] = [[0]]
    for each in inputs[1:]:
        found.append([*(axis for axis, size in enumerate(each.shape) if size == len(inputs[0])), None])
    return found


def _repeated(tensor: Tensor, axis: int, times: int) -> Tensor:
    return tensor.narrow(axis, 0, 1).repeat_interleave(times, axis)


def input_names(module: nn.Module, number: int) -> list[str]:
    """What a module calls its inputs: those that it takes as a tuple are numbered where there are several."""
    parameters = inspect.signature(module.forward).parameters.values()
    names = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD][:number]
    more = number - len(names)
    star = next((each.name for each in parameters if each.kind is each.VAR_POSITIONAL), "")
    return names + ([star] if more == 1 else [f"{star}_{each}" for each in range(1, more + 1)])


def _wrapping(module: nn.Module) -> str:
    """The path through modules that do nothing but hold another one, which no name needs."""
    path = ""
    while not [*module.parameters(False), *module.buffers(False)] and len(children := [*module.named_children()]) == 1:
        path, module = f"{path}{children[0][0]}.", children[0][1]
    return path


class _Walk:
    """One walk through an exported graph.

    Args:
        exported: The module's operations.
        rows: How many it was made with; None where no axis is rows.
        prefix: What the names of constants and stages go without.
        taken: Names that other programs around this one have, and will have.
    """

    def __init__(self, exported: Exported, rows: int | None, prefix: str, taken: set[str] | None = None) -> None:
        self.exported, self.rows, self.prefix = exported, rows, prefix
        self.builder = Builder(taken)
        self.known: dict[fx.Node, Any] = {}
        self.turns: dict[tuple[Any, ...], Exported] = {}

    def program(self, names: Sequence[str]) -> Program:
        """What the graph computes, its inputs called like that."""
        inputs, answer = self._walked(names, {})
        stages: Mapping[str, Value] = {}
        if isinstance(answer, dict) and "answer" in answer:
            inside = self.prefix.removeprefix("module.")  # the stages' names do not count the module that reads them
            stages = {name.removeprefix(inside): value for name, value in answer.items() if name != "answer"}
            answer = answer["answer"]
        named = answer if isinstance(answer, dict) else _named(inputs, _pytree.tree_leaves(answer))
        called = identifiers(named, [value.name for value in inputs])
        outputs = dict(zip(called, named.values(), strict=True))
        program = Program(inputs, self.builder.constants, tuple(self.builder.steps), outputs, stages)
        return _called_as_stages(program)

    def body(self, names: Sequence[str], given: Mapping[int, Constant], states: int) -> Program:
        """What the graph computes as the step of a loop, where some inputs are constants."""
        inputs, answer = self._walked(names, given)
        outputs = _pytree.tree_leaves(answer)
        others = len(outputs) - states
        called = [f"new_{name}" for name in names[:states]]
        called += ["answer"] if others == 1 else [f"answer_{number}" for number in range(1, others + 1)]
        named = dict(zip(identifiers(called), outputs, strict=True))
        return Program(inputs, self.builder.constants, tuple(self.builder.steps), named, {})

    def _walked(self, names: Sequence[str], given: Mapping[int, Constant]) -> tuple[tuple[Value, ...], Any]:
        """The inputs that are not given, and the answer, as the module gives it."""
        inputs: list[Value] = []
        for number, (node, name) in enumerate(zip(self.exported.inputs, names, strict=True)):
            self.known[node] = given.get(number) or self._input(node, name)
            inputs += [] if number in given else [self.known[node]]
        for node, (target, tensor) in self.exported.constants.items():
            self.known[node] = Constant(tensor, target.removeprefix(self.prefix))
        for node in self.exported.calls:
            self.known[node] = self._call(node)
        values = [self._output(node) for node in self.exported.outputs]
        return tuple(inputs), _pytree.tree_unflatten(values, self.exported.structure)

    def _output(self, node: fx.Node) -> Value:
        if self.known[node] is NOT_KNOWN:
            raise UnsupportedOperation(f"{node}: programs do not compute this result. It comes from\n{line_of(node)}")
        return self.builder.value(self.known[node])

    def _input(self, node: fx.Node, name: str) -> Value:
        form = self._form(node.meta["val"])
        return Value(self.builder.name(name), form.shape, form.dtype)

    def _call(self, node: fx.Node) -> Any:
        meta = node.meta.get("val")
        arguments: Any = fx.node.map_arg(node.args, self.known.__getitem__)
        options: Any = fx.node.map_arg(node.kwargs, self.known.__getitem__)
        if node.target is operator.getitem:
            return arguments[0][arguments[1]]
        name = str(node.target).removeprefix("aten.")
        short = name.split(".")[0]
        if short in _CHECKS or meta is None or not isinstance(meta, Tensor | tuple | list):
            return None
        leaves = _pytree.tree_leaves((arguments, options))
        try:
            if "rand" not in short and self._is_constant(meta, leaves):
                return _folded(node, arguments, options, leaves)
            form = self._form(meta) if isinstance(meta, Tensor) else [self._form(each) for each in _tensors(meta)]
            if node.target is OPERATION:
                return self._loop(node, cast(list[Form], form), *arguments)
            lower = LOWERINGS.get(name) or LOWERINGS.get(short)
            if lower is None:
                raise UnsupportedOperation("programs have no operation for it.")
            if any(each is NOT_KNOWN for each in leaves) and short not in FOUND_AGAIN:
                raise UnsupportedOperation("it uses a second result that programs do not compute.")
            if any(isinstance(each, Factor) for each in leaves) and short != "cholesky_solve":
                raise UnsupportedOperation("a Cholesky factor is known only to torch.cholesky_solve.")
            return lower(self.builder, form, *arguments, **options)
        except UnsupportedOperation as error:
            raise UnsupportedOperation(f"{name}: {error} It comes from\n{line_of(node)}") from error

    def _is_constant(self, meta: Any, leaves: list[Any]) -> bool:
        """Whether a result of that look depends on no input, and not on how many rows there are."""
        of_rows = any(isinstance(self._size(size), Rows) for each in _tensors(meta) for size in each.shape)
        return not of_rows and not any(isinstance(each, Value | Factor) or each is NOT_KNOWN for each in leaves)

    def _loop(
        self, node: fx.Node, forms: list[Form], inputs: list[Operand], key: int, states: int, sequences: int, turns: int
    ) -> list[Value]:
        """A loop, its step traced as a program of its own; what all turns share and is constant goes into it."""
        step = STEPS[key]
        examples = turn(
            [torch.zeros(each.meta["val"].shape, dtype=each.meta["val"].dtype) for each in cast(Any, node.args[0])],
            states,
            sequences,
            0,
        )
        names = input_names(step, len(inputs))
        first = states + sequences
        given = {number: each for number, each in enumerate(inputs) if number >= first and isinstance(each, Constant)}
        form = key, *((each.shape, each.dtype) for each in examples)
        if form not in self.turns:  # several loops may take the same step
            self.turns[form] = _exported(step, tuple(examples))
        walk = _Walk(self.turns[form], self.rows, _wrapping(step), self.builder.names)
        body = walk.body(names, given, states)
        called = [name.replace("new_", "last_", 1) for name in body.outputs]
        return self.builder.emit_loop(
            [each for number, each in enumerate(inputs) if number not in given],
            forms,
            called,
            step=body,
            states=states,
            sequences=sequences,
            turns=turns,
        )

    def _form(self, tensor: Tensor) -> Form:
        return Form(tuple(map(self._size, tensor.shape)), known_dtype(tensor.dtype))

    def _size(self, size: int) -> Size:
        if not isinstance(size, int):
            raise UnsupportedOperation("how many numbers come out depends on the numbers; use torch.where.")
        return Rows(size // self.rows) if self.rows and size and size % self.rows == 0 else size


def _tensors(meta: Any) -> list[Tensor]:
    return [meta] if isinstance(meta, Tensor) else [each for each in meta if each is not None]


def _folded(node: fx.Node, arguments: Any, options: Any, leaves: list[Any]) -> Any:
    """What depends on no input, computed now, and called as the first constant that goes into it."""
    names = [each.name for each in leaves if isinstance(each, Constant)]
    name = names[0] if names else str(node.target).split(".")[1]
    arguments, options = _pytree.tree_map(
        lambda each: each.tensor if isinstance(each, Constant) else each, (tuple(arguments), dict(options))
    )
    with torch.no_grad():
        answer = cast(Callable[..., Any], node.target)(*arguments, **options)
    return Constant(answer, name) if isinstance(answer, Tensor) else [Constant(each, name) for each in answer]


def _named(inputs: tuple[Value, ...], outputs: list[Value]) -> dict[str, Value]:
    """Names for outputs that have none: "answer", and "new_..." for a state that comes back.

    A step takes its state, one input or several called "state...", first or last, and gives it back on the same side.
    """
    states = [value.name for value in inputs if value.name.startswith("state")]
    others = len(outputs) - len(states)
    if others < 0:
        states, others = [], len(outputs)
    answers = ["answer"] if others == 1 else [f"answer_{number}" for number in range(1, others + 1)]
    back = [f"new_{name}" for name in states]
    names = back + answers if states and inputs[0].name == states[0] else answers + back
    return dict(zip(names, outputs, strict=True))


def _called_as_stages(program: Program) -> Program:
    """The same with each value that passes a stage, or goes out, called as the stage or the output is."""
    results = {result.name for step in program.steps for result in step.results}
    taken = program.names()
    names: dict[str, str] = {}
    for place, value in [*program.stages.items(), *program.outputs.items()]:
        name = identifier(place)
        if value.name in results and value.name not in names and name not in taken:
            names[value.name] = name
            taken.add(name)

    def renamed(value: Any) -> Any:
        if not isinstance(value, Value):
            return value
        return Value(names.get(value.name, value.name), value.shape, value.dtype)

    steps = [
        replace(step, results=tuple(map(renamed, step.results)), inputs=tuple(map(renamed, step.inputs)))
        for step in program.steps
    ]
    outputs = {name: renamed(value) for name, value in program.outputs.items()}
    stages = {name: renamed(value) for name, value in program.stages.items()}
    return Program(program.inputs, program.constants, tuple(steps), outputs, stages)
