"""All steps of a layer of recurrent cells, and back-propagation through time, written out.

Forward, a step is the formula of `_recurrent_cells`, with the product of all inputs with W taken before the first step.
Backward, with e(t) the error that comes to h(t) from above and δ(t) that of the net inputs of the gates,

    dh(t) = e(t) + Uᵀ δ(t+1) + what the gates pass on,        δ(t) = dh(t) ⊙ slopes(t):

the slopes of all steps are known before the way back begins, and the gradients of the weights, sums of outer products
over all steps, ∂E/∂U = Σ δ(t) h(t-1)ᵀ, are one product of matrices after it. A step back is then one product and a
handful of sums: on a CPU as fast as torch's own RNN and GRU with many units, and up to twice as fast with few.

Everything is (time, batch, units) here, so that the numbers of a step lie side by side.

Source: "Backpropagation through time: what it does and how to do it" (Werbos, 1990), https://doi.org/10.1109/5.58337.
"""

from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import Function, once_differentiable

Gradients = tuple[Tensor | None, ...]


class SimpleRun(Function):
    """h(t) = f(W x(t) + U h(t-1) + b)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, W: Tensor, U: Tensor, b: Tensor, relu: bool) -> Tensor:
        """All h."""
        h, Ut = _trajectory(h0, len(x)), U.T
        bend = Tensor.relu_ if relu else Tensor.tanh_
        for a, (before, after) in zip(_drive(x, W, b).unbind(), pairwise(h.unbind()), strict=True):
            bend(torch.addmm(a, before, Ut, out=after))
        ctx.relu = relu
        ctx.save_for_backward(x, h, W, U)
        return h[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, e: Tensor) -> Gradients:
        """The slope is 1 - h², or 1 where h > 0."""
        x, h, W, U = ctx.saved_tensors
        slopes = ((h[1:] > 0).to(h.dtype) if ctx.relu else 1 - h[1:].square()).unbind()
        delta, dh = torch.empty_like(e), e[-1]
        for t in reversed(range(len(x))):
            d = torch.mul(dh, slopes[t], out=delta[t])
            dh = torch.addmm(e[t - 1], d, U) if t else d @ U
        dx, dW, db = _input_gradients(ctx, x, W, delta)
        return dx, dh, dW, _outer(delta, h[:-1]), db, None


class LSTMRun(Function):
    """o, i, f, c̃, c(t) and h(t), the gates in blocks of this order; where there is no block for f, it is 1."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, h0: Tensor, c0: Tensor, W: Tensor, U: Tensor, b: Tensor, p: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """All h, all c, and all gates with the candidate."""
        gates, h, c, Ut = _drive(x, W, b), _trajectory(h0, len(x)), _trajectory(c0, len(x)), U.T
        bent = torch.empty_like(h[1:])
        o, i, *forget, g = (part.unbind() for part in gates.split(h0.shape[-1], -1))
        steps, cells, squeezed = gates.unbind(), c.unbind(), gates[..., : -h0.shape[-1]].unbind()
        for t, h_t in enumerate(h[:-1].unbind()):
            c_t, c_next = cells[t], cells[t + 1]
            steps[t].addmm_(h_t, Ut)
            g[t].tanh_()
            if p is None:
                squeezed[t].sigmoid_()
            else:
                i[t].addcmul_(p[0], c_t).sigmoid_()
                forget[0][t].addcmul_(p[1], c_t).sigmoid_()
            if forget:
                torch.mul(forget[0][t], c_t, out=c_next).addcmul_(i[t], g[t])
            else:
                torch.addcmul(c_t, i[t], g[t], out=c_next)
            if p is not None:
                o[t].addcmul_(p[2], c_next).sigmoid_()
            torch.mul(o[t], torch.tanh(c_next, out=bent[t]), out=h[t + 1])
        ctx.save_for_backward(x, h, c, gates, bent, W, U, p)
        ctx.mark_non_differentiable(gates)
        return h[1:], c[1:], gates

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, e: Tensor, e_c: Tensor, _: Tensor) -> Gradients:
        """The error of c(t) passes on to c(t-1) through f(t) alone: the carousel."""
        x, h, c, gates, bent, W, U, p = ctx.saved_tensors
        n = h.shape[-1]
        o, i, *forget, g = gates.split(n, -1)
        read, through = (bent * o * (1 - o)).unbind(), (o * (1 - bent.square())).unbind()
        written = [g * i * (1 - i), *(c[:-1] * f * (1 - f) for f in forget), i * (1 - g.square())]
        slopes = torch.stack(written, -2).unbind()
        keep = forget[0].unbind() if forget else None
        delta = torch.empty_like(gates)
        steps, d_o, d_c = delta.unbind(), delta[..., :n].unbind(), delta[..., n:].unflatten(-1, (-1, n)).unbind()
        dh, dc = e[-1], e_c[-1]
        for t in reversed(range(len(x))):
            torch.mul(dh, read[t], out=d_o[t])
            dc = torch.addcmul(dc, dh, through[t])
            if p is not None:
                dc.addcmul_(d_o[t], p[2])
            torch.mul(dc[:, None], slopes[t], out=d_c[t])
            if keep is not None:
                dc = dc * keep[t]
            if p is not None:
                dc.addcmul_(d_c[t][:, 0], p[0]).addcmul_(d_c[t][:, 1], p[1])
            dc = dc + e_c[t - 1] if t else dc
            dh = torch.addmm(e[t - 1], steps[t], U) if t else steps[t] @ U
        dx, dW, db = _input_gradients(ctx, x, W, delta)
        dp = None
        if p is not None:
            seen = (c[:-1], c[:-1], c[1:])
            parts = (delta[..., n : 2 * n], delta[..., 2 * n : 3 * n], delta[..., :n])
            dp = torch.stack([(d * cell).sum((0, 1)) for d, cell in zip(parts, seen, strict=True)])
        return dx, dh, dc, dW, _outer(delta, h[:-1]), db, dp


class GRURun(Function):
    """r, z, h̃ and h(t), the gates in blocks of this order, the reset after the product with U."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, W: Tensor, U: Tensor, b: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """All h, and all gates with the candidate."""
        n = h0.shape[-1]
        gates, h, Ut = _drive(x, W, b), _trajectory(h0, len(x)), U.T
        inner = torch.empty_like(h[1:])
        r, z, g = (part.unbind() for part in gates.split(n, -1))
        both, heard = gates[..., : 2 * n].unbind(), inner.unbind()
        for t, (h_t, h_next) in enumerate(pairwise(h.unbind())):
            both[t].addmm_(h_t, Ut[:, : 2 * n]).sigmoid_()
            torch.addmm(d, h_t, Ut[:, 2 * n :], out=heard[t])
            g[t].addcmul_(r[t], heard[t]).tanh_()
            torch.lerp(g[t], h_t, z[t], out=h_next)
        ctx.save_for_backward(x, h, gates, inner, W, U)
        ctx.mark_non_differentiable(gates)
        return h[1:], gates

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, e: Tensor, _: Tensor) -> Gradients:
        """What U is multiplied with reaches the candidate through r, so its error is δ ⊙ (1, 1, r)."""
        x, h, gates, inner, W, U = ctx.saved_tensors
        n = h.shape[-1]
        r, z, g = gates.split(n, -1)
        bend = (1 - z) * (1 - g.square())
        slopes = torch.stack([bend * inner * r * (1 - r), (h[:-1] - g) * z * (1 - z), bend * r], -2)
        delta = torch.empty_like(slopes)
        steps, flat, dh = slopes.unbind(), delta.flatten(-2).unbind(), e[-1]
        errors, passed = torch.empty_like(e), z.unbind()
        for t in reversed(range(len(x))):
            errors[t] = dh
            torch.mul(dh[:, None], steps[t], out=delta[t])
            on = torch.addcmul(e[t - 1], dh, passed[t]) if t else dh * passed[t]
            dh = on.addmm_(flat[t], U)
        inside = delta.flatten(-2)
        outside = torch.cat([inside[..., : 2 * n], errors * bend], -1)
        dx, dW, db = _input_gradients(ctx, x, W, outside)
        return dx, dh, dW, _outer(inside, h[:-1]), db, inside[..., 2 * n :].sum((0, 1))


class GRUBeforeRun(Function):
    """r, z, h̃ and h(t), the gates in blocks of this order, the reset before the product with U."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h0: Tensor, W: Tensor, U: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        """All h, and all gates with the candidate."""
        n = h0.shape[-1]
        gates, h, Ut = _drive(x, W, b), _trajectory(h0, len(x)), U.T
        cut = torch.empty_like(h[1:])
        r, z, g = (part.unbind() for part in gates.split(n, -1))
        both, left = gates[..., : 2 * n].unbind(), cut.unbind()
        gate_links, links = Ut[:, : 2 * n], U[2 * n :].T
        for t, (h_t, h_next) in enumerate(pairwise(h.unbind())):
            both[t].addmm_(h_t, gate_links).sigmoid_()
            g[t].addmm_(torch.mul(r[t], h_t, out=left[t]), links).tanh_()
            torch.lerp(g[t], h_t, z[t], out=h_next)
        ctx.save_for_backward(x, h, gates, cut, W, U)
        ctx.mark_non_differentiable(gates)
        return h[1:], gates

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, e: Tensor, _: Tensor) -> Gradients:
        """The candidate's error reaches h(t-1), and r, through the product of both."""
        x, h, gates, cut, W, U = ctx.saved_tensors
        n = h.shape[-1]
        r, z, g = gates.split(n, -1)
        bend, turned = ((1 - z) * (1 - g.square())).unbind(), ((h[:-1] - g) * z * (1 - z)).unbind()
        opened, delta = (h[:-1] * r * (1 - r)).unbind(), torch.empty_like(gates)
        d_r, d_z, d_g = (part.unbind() for part in delta.split(n, -1))
        both, reset, passed, dh = delta[..., : 2 * n].unbind(), r.unbind(), z.unbind(), e[-1]
        for t in reversed(range(len(x))):
            torch.mul(dh, turned[t], out=d_z[t])
            d_cut = torch.mul(dh, bend[t], out=d_g[t]) @ U[2 * n :]
            torch.mul(d_cut, opened[t], out=d_r[t])
            on = torch.addcmul(e[t - 1], dh, passed[t]) if t else dh * passed[t]
            dh = on.addcmul_(d_cut, reset[t]).addmm_(both[t], U[: 2 * n])
        dx, dW, db = _input_gradients(ctx, x, W, delta)
        dU = torch.cat([_outer(delta[..., : 2 * n], h[:-1]), _outer(delta[..., 2 * n :], cut)])
        return dx, dh, dW, dU, db


def _drive(
    x: Float[Tensor, "time batch features"], W: Float[Tensor, "rows features"], b: Float[Tensor, "rows"]
) -> Float[Tensor, "time batch rows"]:
    """W x(t) + b of all steps."""
    return torch.addmm(b, x.flatten(0, 1), W.T).unflatten(0, x.shape[:2])


def _trajectory(start: Float[Tensor, "batch units"], time: int) -> Float[Tensor, "time+1 batch units"]:
    """Room for a start and as many steps, the start filled in."""
    room = start.new_empty(time + 1, *start.shape)
    room[0] = start
    return room


def _outer(
    delta: Float[Tensor, "time batch rows"], seen: Float[Tensor, "time batch columns"]
) -> Float[Tensor, "rows columns"]:
    """Σ δ(t) seen(t)ᵀ over all steps and rows."""
    return delta.flatten(0, 1).T @ seen.flatten(0, 1)


def _input_gradients(ctx: Any, x: Tensor, W: Tensor, delta: Tensor) -> Gradients:
    """Those of x, W and b, from the errors of the net inputs."""
    dx = delta @ W if ctx.needs_input_grad[0] else None
    return dx, _outer(delta, x), delta.sum((0, 1))
