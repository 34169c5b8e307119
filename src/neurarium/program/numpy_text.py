"""The fixed parts of a NumPy file: its head, the functions numpy does not have, loops over steps, and its own check."""

HEAD = '''
"""{title}, as neurarium printed it: NumPy alone, {precision}.

{calls}

n is the number of rows. The operations come first, the learnt numbers after them. Run this file, and it compares its
answers with those that the network gave to {rows} rows: they must not differ by more than {tolerance:g} of the largest.
"""

import base64
{more}import sys

import numpy as np
'''

HELPERS = {
    "_sigmoid": """
def _sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, x.dtype.type(1), e) / (1 + e)
""",
    "_erf": """
def _erf(x):
    return np.array([math.erf(value) for value in x.ravel().tolist()], x.dtype).reshape(x.shape)
""",
    "_softmax": """
def _softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)
""",
    "_solve": """
def _solve(a, b):
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        return np.full_like(b, np.nan)
""",
    "_put": """
def _put(x, axis, index, values):
    x = x.copy()
    x[(slice(None),) * axis + (index,)] = values
    return x
""",
    "_conv2d": """
def _conv2d(x, weight, bias=None, *, stride, padding, dilation, groups):
    (top, left), (down, right), (high, wide) = padding, stride, dilation
    x = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    size = [(count - 1) * step + 1 for count, step in zip(weight.shape[2:], dilation)]
    windows = np.lib.stride_tricks.sliding_window_view(x, size, (2, 3))[:, :, ::down, ::right, ::high, ::wide]
    parts = zip(np.split(windows, groups, 1), np.split(weight, groups))
    y = np.concatenate([np.tensordot(part, kernel, ((1, 4, 5), (1, 2, 3))) for part, kernel in parts], -1)
    y = np.moveaxis(y, -1, 1)
    return y if bias is None else y + bias[:, None, None]
""",
    "_conv_transpose2d": """
def _conv_transpose2d(x, weight, bias=None, *, shape, stride, padding, dilation, groups):
    (top, left), (down, right), (high, wide), (h, w) = padding, stride, dilation, x.shape[2:]
    rows = max(top + shape[2], (h - 1) * down + (weight.shape[2] - 1) * high + 1)
    columns = max(left + shape[3], (w - 1) * right + (weight.shape[3] - 1) * wide + 1)
    y = np.zeros((len(x), shape[1], rows, columns), x.dtype)
    parts = list(zip(np.split(x, groups, 1), np.split(weight, groups)))
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            add = np.concatenate([np.tensordot(part, kernel[:, :, i, j], ((1,), (0,))) for part, kernel in parts], -1)
            place = slice(i * high, i * high + h * down, down), slice(j * wide, j * wide + w * right, right)
            y[:, :, place[0], place[1]] += np.moveaxis(add, -1, 1)
    y = y[:, :, top : top + shape[2], left : left + shape[3]]
    return y if bias is None else y + bias[:, None, None]
""",
    "_max_pool2d": """
def _max_pool2d(x, kernel, *, stride, padding, dilation):
    return _windows(x, kernel, stride, padding, dilation, -np.inf).max((-2, -1))
""",
    "_avg_pool2d": """
def _avg_pool2d(x, kernel, *, stride, padding, divisor):
    total = _windows(x, kernel, stride, padding, (1, 1), 0).sum((-2, -1))
    return total / (divisor or _windows(np.ones_like(x), kernel, stride, padding, (1, 1), 0).sum((-2, -1)))
""",
    "_windows": """
def _windows(x, kernel, stride, padding, dilation, outside):
    top, bottom, left, right = padding
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=outside)
    size = [(count - 1) * step + 1 for count, step in zip(kernel, dilation)]
    windows = np.lib.stride_tricks.sliding_window_view(x, size, (2, 3))
    return windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
""",
}
"""In the order in which they are printed; each is printed where it is needed."""

CHECK = '''
TOLERANCE = {tolerance!r}


def check():
    """Whether every function answers as the network did."""
    good = True
    for name, (function, given, wanted) in CHECKS.items():
        answers = function(**given)
        answers = answers if isinstance(answers, tuple) else (answers,)
        for (output, right), answer in zip(wanted.items(), answers):
            right, answer = right.astype(float), np.asarray(answer, float)
            finite = np.abs(right[np.isfinite(right)])
            largest = (finite.max() if finite.size else 0) or 1
            if answer.shape != right.shape:
                answer = np.full_like(right, np.inf)
            same = (answer == right) | (np.isnan(answer) & np.isnan(right))
            away = np.max(np.where(same, 0, np.abs(answer - right)) / largest, initial=0)
            good &= bool(away <= TOLERANCE)
            told = "agree" if away <= TOLERANCE else "DO NOT AGREE"
            print(f"{{name}}, {{output}}: all {rows} {{told}}; largest difference {{away:.1e}} of the largest answer")
    return good


if __name__ == "__main__":
    sys.exit(0 if check() else 1)
'''
