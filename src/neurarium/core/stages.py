"""Stages: the places inside a network that a person would want to look at, each readable by name.

A module marks them while it computes,

    self.hidden = Stage()
    ...
    h = self.hidden(torch.tanh(self.inner(x)))

and one run then yields the answer and everything that passed a stage: nothing is computed twice, and a module that
nobody looks into pays a function call.
"""

from torch import Tensor, nn


class Stage(nn.Module):
    """A named place: what passes through can be read under the name of the attribute that holds it."""

    def forward(self, value: Tensor) -> Tensor:
        """The value, unchanged."""
        return value


def stage_names(module: nn.Module) -> list[str]:
    """The names of a module's stages, in the order in which they were made."""
    return [name for name, part in module.named_modules() if isinstance(part, Stage)]


class Staged(nn.Module):
    """A module that answers with what passed its stages, by name, the module's own answer under "answer".

    It is traced like any other module, which is how the printers learn the names.

    Args:
        module: The module to look into.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        """Every stage and the answer, from one run."""
        seen: dict[str, Tensor] = {}
        hooks = []
        for name, part in self.module.named_modules():
            if isinstance(part, Stage):

                def record(part: nn.Module, inputs: tuple[Tensor, ...], passed: Tensor, name: str = name) -> None:
                    seen[name] = passed

                hooks.append(part.register_forward_hook(record))
        try:
            answer = self.module(*inputs)
        finally:
            for hook in hooks:
                hook.remove()
        return {**seen, "answer": answer}
