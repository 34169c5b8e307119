"""From a torch module to operations of core ATen: `torch.export`, with what it finds decomposed.

`ExportedProgram.run_decompositions` gives the same operations, and takes four times as long: it traces them twice to
learn what their gradients need, which nobody asks for here.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor, fx, nn
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.traceback import preserve_node_meta
from torch.utils import _pytree


@dataclass(frozen=True)
class Exported:
    """A module's operations.

    Attributes:
        inputs: What the module is given.
        constants: Parameters, buffers and other tensors of the module, each with its name there.
        calls: The operations, in their order.
        outputs: What the module answers with, flat.
        structure: What those are in the module's own answer: a tensor, a tuple, a dict.
    """

    inputs: tuple[fx.Node, ...]
    constants: Mapping[fx.Node, tuple[str, Tensor]]
    calls: tuple[fx.Node, ...]
    outputs: tuple[Any, ...]
    structure: _pytree.TreeSpec


def exported(module: nn.Module, inputs: tuple[Tensor, ...]) -> Exported:
    """A module in eval mode, with examples of its inputs, as operations; raises what `torch.export` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about torch's own
        found = torch.export.export(module, inputs)
        graph = _decomposed(found.graph_module)
    given: list[fx.Node] = []
    constants: dict[fx.Node, tuple[str, Tensor]] = {}
    placeholders = graph.graph.find_nodes(op="placeholder")
    for node, spec in zip(placeholders, found.graph_signature.input_specs, strict=True):
        if spec.kind.name == "USER_INPUT":
            given.append(node)
        else:
            target = cast(str, spec.target)
            table = found.constants if target in found.constants else found.state_dict
            constants[node] = target, cast(Tensor, table[target]).detach()
    for node in graph.graph.find_nodes(op="get_attr"):
        constants[node] = str(node.target), getattr(graph, str(node.target))
    (out,) = graph.graph.find_nodes(op="output")
    return Exported(
        inputs=tuple(given),
        constants=constants,
        calls=tuple(node for node in graph.graph.nodes if node.op == "call_function"),
        outputs=tuple(cast(Any, out.args[0])),
        structure=cast(_pytree.TreeSpec, found.call_spec.out_spec),
    )


def _decomposed(graph: fx.GraphModule) -> fx.GraphModule:
    """The same in operations of core ATen that change nothing in place, each with the line it comes from."""
    examples = [node.meta["val"] for node in graph.graph.find_nodes(op="placeholder")]
    mode = next(cast(Any, each).fake_mode for each in examples if isinstance(each, Tensor))
    with mode, preserve_node_meta():
        found = make_fx(_Interpreter(graph).run, decomposition_table=_decompositions())(*examples)
        if any(map(_in_place, found.graph.nodes)):  # only now, as what torch composes of others may be so inside
            found = make_fx(torch.func.functionalize(fx.Interpreter(found).run))(*examples)
    found.graph.eliminate_dead_code()
    return found


class _Interpreter(fx.Interpreter):
    """Runs a graph, recurrent layers by their equations: outside of training torch has one operation for a layer."""

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if target in _RECURRENT:
            with torch.backends.mkldnn.flags(enabled=False):
                return target.decompose(*args, **kwargs)
        return super().call_function(target, args, kwargs)


_RECURRENT = [getattr(torch.ops.aten, name).input for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")]


def _in_place(node: fx.Node) -> bool:
    return isinstance(node.target, torch._ops.OpOverload) and node.target._schema.is_mutable


@cache
def _decompositions() -> dict[Any, Callable[..., Any]]:
    """How torch says an operation by those of core ATen, but for three.

    A picture made larger stays what it is. The "unsafe" parts of a tensor are numbers of their own: torch writes into
    those of an LSTM's sums, and as slices they would change the sums.
    """
    table = dict(torch.export.default_decompositions().items())
    aten = torch.ops.aten
    for kept in (aten.upsample_nearest2d.default, aten.unsafe_split.Tensor, aten.unsafe_split_with_sizes.default):
        del table[kept]
    return table
