"""The arithmetic of convolutions: one module for all sizes, strides, paddings and dilations, both ways, in 1-D and 2-D.

Along an axis, number r of the input and number a of the kernel meet in number i of the output where

    r = i s + a d - p,    transposed    i = r s + a d - p.

Written as 0 and 1 in A (kernel, output, input), both are y = sum over a, b of w[a, b] A[a] x A[b]ᵀ: tables have room
for the largest that can be set, and what lies behind their end is no number.
"""

import torch
from torch import Tensor, nn

from neurarium.views.levels import DO, FORMULA
from neurarium.views.numbers import picked

SIDE, KERNEL, PADDING, STRIDE, DILATION, POOL = 8, 5, 3, 3, 3, 3
"""The largest of each that can be set."""

FRAMED = SIDE + 2 * PADDING
LARGEST = (SIDE - 1) * STRIDE + DILATION * (KERNEL - 1) + 1  # of a transposed convolution without padding
POOLED = LARGEST // 2

CONVOLUTION, TRANSPOSED = 0, 1
PLANE, LINE = 0, 1
MAXIMUM, MEAN = 0, 1


class Way:
    """A convolution along one axis.

    Args:
        length: Of the input.
        kernel, stride, padding, dilation: As torch means them.
        transposed: Whether it is a transposed one.
    """

    def __init__(
        self, length: Tensor, kernel: Tensor, stride: Tensor, padding: Tensor, dilation: Tensor, *, transposed: Tensor
    ) -> None:
        self.length, self.kernel, self.stride, self.padding = length, kernel, stride, padding
        self.dilation, self.transposed = dilation, transposed
        reach = dilation * (kernel - 1) + 1
        there = quotient(length + 2 * padding - reach, stride) + 1
        back = (length - 1) * stride - 2 * padding + reach
        self.size = torch.where(transposed, back, there).clamp(min=0)
        self.places = torch.where(transposed, torch.where(self.size > 0, length, 0), self.size)

    def meets(self) -> Tensor:
        """(kernel, output, input) 1 where numbers meet."""
        a, i, r = torch.arange(KERNEL)[:, None, None], torch.arange(LARGEST)[:, None], torch.arange(SIDE)
        fast, slow = torch.where(self.transposed, i, r), torch.where(self.transposed, r, i)
        met = fast == slow * self.stride + a * self.dilation - self.padding
        return (met & (a < self.kernel) & (i < self.size) & (r < self.length)).float()

    def framed(self) -> Tensor:
        """(framed, input) 1 where a number of the input stands in the frame of zeros."""
        r = torch.arange(SIDE)
        return ((torch.arange(FRAMED)[:, None] - self.frame == r) & (r < self.length)).float()

    @property
    def frame(self) -> Tensor:
        """How wide the frame of zeros is; a transposed convolution takes its padding from the output."""
        return torch.where(self.transposed, 0, self.padding)

    def window(self, place: Tensor) -> tuple[Tensor, Tensor]:
        """(framed,) and (output,) what belongs to a place: what is read there, and what is written."""
        at = place * self.stride + torch.arange(KERNEL)[:, None] * self.dilation
        inside = torch.arange(KERNEL)[:, None] < self.kernel
        i, framed = torch.arange(LARGEST), torch.arange(FRAMED)
        read = torch.where(self.transposed, framed == place, ((at == framed) & inside).any(0))
        stamped = ((at - self.padding == i) & inside).any(0) & (i < self.size)
        return read, torch.where(self.transposed, stamped, i == place)


class Arithmetic(nn.Module):
    """All numbers of the lab.

    Args:
        pictures: (examples, side, side); the first is the lecture's.
        kernels: (examples, kernel, kernel).
    """

    pictures: Tensor
    kernels: Tensor

    def __init__(self, pictures: Tensor, kernels: Tensor) -> None:
        super().__init__()
        self.register_buffer("pictures", pictures)
        self.register_buffer("kernels", kernels)

    def forward(
        self,
        level: Tensor,
        seed: Tensor,
        image: Tensor,
        kernel: Tensor,
        operation: Tensor,
        dimension: Tensor,
        rows: Tensor,
        columns: Tensor,
        kernel_size: Tensor,
        stride: Tensor,
        padding: Tensor,
        dilation: Tensor,
        pooling: Tensor,
        pool_size: Tensor,
        row: Tensor,
        column: Tensor,
    ) -> dict[str, Tensor]:
        """Tables, sizes and the window's sum."""
        flat, transposed, one = dimension == LINE, operation == TRANSPOSED, torch.ones_like(rows)
        x = torch.where(seed == 0, image, picked(self.pictures, seed))
        w = torch.where(seed == 0, kernel, picked(self.kernels, seed))
        ways = [(rows, one), (kernel_size, one), (stride, one), (padding, 0 * one), (dilation, one)]
        down = Way(*(torch.where(flat, least, each) for each, least in ways), transposed=transposed)
        across = Way(columns, kernel_size, stride, padding, dilation, transposed=transposed)
        y = self.convolved(x, w, down, across)
        return {
            **self.shown(x, w, y, down, across),
            **self.pooled(y, down, across, pooling, torch.where(flat, one, pool_size), pool_size),
            **self.here(x, w, y, down, across, row, column),
            "editable": ((level == DO) & (seed == 0)).long(),
            "preset": ((level == DO) & (seed > 0)).long(),
            "pool_rows": torch.where(flat, one, pool_size),
            "taken_image": x,
            "taken_kernel": w,
            "lecture": 0 * seed,
            "written": torch.where(transposed, 0, kernel_size + torch.where(flat, 10, 0)),
            "size_shown": torch.where(level == FORMULA, torch.where(transposed, 2, 0) + dimension, -1),
            "relu_shown": ((level == DO) & (y < 0).any()).long(),
        }

    def convolved(self, x: Tensor, w: Tensor, down: Way, across: Way) -> Tensor:
        """The output, 0 behind its end."""
        met = down.meets()[:, None] @ x @ across.meets().transpose(1, 2)  # (kernel, kernel, output, output)
        return (met * w[:, :, None, None]).sum((0, 1))

    def shown(self, x: Tensor, w: Tensor, y: Tensor, down: Way, across: Way) -> dict[str, Tensor]:
        """The tables, and what their rows and columns are called: 0 in the frame of zeros, from 1 on in the input."""
        framed = down.framed() @ x @ across.framed().T
        r = torch.arange(FRAMED)
        inside = [(r < way.length + 2 * way.frame) for way in (down, across)]
        named = [
            torch.where((r >= way.frame) & (r < way.length + way.frame), r - way.frame + 1, 0) for way in (down, across)
        ]
        return {
            "framed": ended(framed, *inside),
            "row_names": named[0],
            "column_names": named[1],
            "weights": ended(w, *(torch.arange(KERNEL) < way.kernel for way in (down, across))),
            "output": ended(y, *(torch.arange(LARGEST) < way.size for way in (down, across))),
            "out_rows": down.size,
            "out_columns": across.size,
            "in_rows": down.length,
        }

    def pooled(
        self, y: Tensor, down: Way, across: Way, pooling: Tensor, high: Tensor, wide: Tensor
    ) -> dict[str, Tensor]:
        """The output without its negative numbers, and of each of its squares the largest or the mean."""
        kept = y.relu()
        a, i, r = torch.arange(POOL)[:, None, None], torch.arange(POOLED)[:, None], torch.arange(LARGEST)
        met_down, met_across = (((i * size + a == r) & (a < size)).float() for size in (high, wide))
        squares = met_down[:, None] @ kept @ met_across.transpose(1, 2)  # 0, the least, where a square is smaller
        best = torch.where(pooling == MAXIMUM, squares.amax((0, 1)), squares.sum((0, 1)) / (high * wide))
        there = [torch.arange(LARGEST) < way.size for way in (down, across)]
        fewer = [torch.arange(POOLED) < quotient(way.size, size) for way, size in ((down, high), (across, wide))]
        return {"relu": ended(kept, *there), "pooled": ended(best, *fewer)}

    def here(
        self, x: Tensor, w: Tensor, y: Tensor, down: Way, across: Way, row: Tensor, column: Tensor
    ) -> dict[str, Tensor]:
        """The window's place, its products and their sum, and the place after it."""
        i, j = (torch.minimum(at, way.places - 1).clamp(min=0) for at, way in ((row, down), (column, across)))
        (read_down, wrote_down), (read_across, wrote_across) = down.window(i), across.window(j)
        seen = picked(down.meets(), i, 1) @ x @ picked(across.meets(), j, 1).T
        stamped = picked(picked(x, i.clamp(max=SIDE - 1)), j.clamp(max=SIDE - 1))
        values = torch.where(down.transposed, stamped, seen)
        following = i * across.places + j + 1
        following = torch.where(following < down.places * across.places, following, 0)
        wide = across.places.clamp(min=1)
        lower = quotient(following, wide)
        answer = picked(picked(y, i), j)
        fits = (down.size > 0) & (across.size > 0)
        return {
            "read": (read_down[:, None] & read_across & fits).float(),
            "wrote": (wrote_down[:, None] & wrote_across & fits).float(),
            "products": ended(values * w, *(torch.arange(KERNEL) < way.kernel for way in (down, across))),
            "answer": answer,
            "told": torch.where(down.transposed, stamped, answer),
            "row_told": i + 1,
            "column_told": j + 1,
            "next_row": lower,
            "next_column": following - lower * wide,
            "outcome": torch.where(down.transposed, 1, 0) + torch.where(fits, 0, 2),
            **named("v", values),
            **named("w", w),
        }


def quotient(one: Tensor, other: Tensor) -> Tensor:
    """One whole number divided by another, rounded down."""
    return (one.float() / other.float()).floor().long()


def ended(table: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """A table with no number behind its end.

    Args:
        rows, columns: Which of them are there.
    """
    return torch.where(rows[:, None] & columns, table, torch.nan)


def named(letter: str, table: Tensor) -> dict[str, Tensor]:
    """The numbers of a table by the name of their place: "v_0_1"."""
    across = table.shape[1]
    return {f"{letter}_{i // across}_{i % across}": number for i, number in enumerate(table.flatten().unbind())}
