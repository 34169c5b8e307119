"""What live modules of several looks share."""

from torch import Tensor


def picked(array: Tensor, number: Tensor, axis: int = 0) -> Tensor:
    """The entry of an array along an axis that a number names; indexing by a tensor of no axes would not be traced.

    Example:
        >>> import torch
        >>> picked(torch.tensor([5, 6, 7]), torch.tensor(1))
        tensor(6)
    """
    return array.index_select(axis, number.reshape(1)).squeeze(axis)


def layer_name(path: str, kind: str) -> str:
    """What a network calls a layer: the last part of its path that is a name, or its number and its kind.

    Example:
        >>> layer_name("layers.full1.2", "torch.nn.modules.linear.Linear"), layer_name("3", "Conv2d")
        ('full1', '3 Conv2d')
    """
    called = [part for part in path.split(".") if part and not part.isdigit()]
    return called[-1] if called else f"{path} {kind.rsplit('.', 1)[-1]}".strip()
