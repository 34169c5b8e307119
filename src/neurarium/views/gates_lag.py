"""How far back a recurrent network hears: the slope of its answer in what came in k steps before."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SMALLEST = 1e-12  # what a logarithmic axis shows at least
_MOST_OUTPUTS = 8


def lag_curve(network: Any, x: Tensor, lengths: Tensor, *, classifies: bool) -> NDArray[np.float32]:
    """The mean over sequences of |d answer(last) / d x(last - k)|, for k = 0, 1, ...

    The answer is the log-probability of the likeliest class or symbol, or all numbers that are answered; x is what the
    first layer hears: scaled inputs, or the embeddings of symbols.

    Args:
        network: A fitted module with `recurrent` and `read_out`.
        x: (n, time, in) inputs of the first layer.
        lengths: (n,) steps of each sequence.
        classifies: Which of the two.

    Returns:
        (time,) slopes, over the sequences that are long enough.
    """
    x = x.detach().requires_grad_()
    rows = torch.arange(len(x))
    with torch.enable_grad():
        h = network.recurrent.look(x)[0][rows, lengths - 1]
        said = network.read_out(h)
        outputs = [said.log_softmax(1).amax(1)] if classifies else list(said.unbind(1))[:_MOST_OUTPUTS]
        slopes = [torch.autograd.grad(each.sum(), x, retain_graph=True)[0] for each in outputs]
    sizes = torch.stack([each.square().sum(2) for each in slopes]).sum(0).sqrt()
    back = lengths[:, None] - 1 - torch.arange(x.shape[1])
    there = back >= 0
    by_lag = sizes.gather(1, back.clamp(min=0)) * there
    mean = by_lag.sum(0) / there.sum(0)
    curve: NDArray[np.float32] = mean.clamp(min=_SMALLEST).numpy(force=True).astype(np.float32)
    return curve
