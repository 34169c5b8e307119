"""The fixed part of the check beside ONNX files."""

CHECK = '''
"""Whether onnxruntime answers as the network did: {title}, as neurarium printed it.

Needs numpy and onnxruntime. Run this file: it puts {rows} rows into each ONNX file beside it, or a beginning to go on
from, and compares what comes out with what the network said, which must not differ by more than {tolerance:g} of the
largest.
"""

import base64
import io
import pathlib
import sys

import numpy as np
import onnxruntime

TOLERANCE = {tolerance!r}
FILES = {files}
CLASSES = {classes}
LABELLED = {labelled}  # these name classes, in the output "label"
ANSWERS = {answers}  # of a verb that goes on for many turns; of all others there are {rows}


def check():
    """Whether every file answers as the network did."""
    good = True
    for name, file in FILES.items():
        count = ANSWERS.get(name, {rows})
        path = pathlib.Path(__file__).with_name(file)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        wanted = numbers(name, "wanted")
        for (output, right), answer in zip(wanted.items(), session.run(list(wanted), numbers(name, "given"))):
            if output == "label" and name in LABELLED:
                away = float(answer.tolist() != np.array(CLASSES, object)[right].tolist())
            else:
                away = distance(right.astype(float), answer.astype(float))
            good &= bool(away <= TOLERANCE)
            told = "agree" if away <= TOLERANCE else "DO NOT AGREE"
            told += f"; largest difference {{away:.1e}} of the largest answer"
            print(f"{{name}}, {{output}}: all {{count}} {{told}}")
    return good


def numbers(name, kind):
    """What goes into a function, "given", or comes out, "wanted"."""
    stored, start = np.load(io.BytesIO(base64.b64decode(NUMBERS))), f"{{name}}/{{kind}}/"
    return {{key[len(start) :]: stored[key] for key in stored if key.startswith(start)}}


def distance(right, answer):
    """The largest difference, as a share of the largest number."""
    if answer.shape != right.shape:
        return np.inf
    finite = np.abs(right[np.isfinite(right)])
    largest = (finite.max() if finite.size else 0) or 1
    same = (answer == right) | (np.isnan(answer) & np.isnan(right))
    with np.errstate(invalid="ignore"):
        return np.max(np.where(same, 0, np.abs(answer - right)) / largest, initial=0)


NUMBERS = """
{numbers}"""

if __name__ == "__main__":
    sys.exit(0 if check() else 1)
'''
