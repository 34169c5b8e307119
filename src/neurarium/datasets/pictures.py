"""Readers of picture files: IDX, PGM, PPM and JPEG bytes to arrays."""

import math
import re
from io import BytesIO

import numpy as np

from neurarium.datasets.archives import gunzip
from neurarium.datasets.card import Array, Dataset
from neurarium.datasets.places import Files


def unit(pixels: Array) -> Array:
    """Bytes 0 ... 255 as float32 in [0, 1].

    Example:
        >>> unit(np.array([0, 255], np.uint8)).tolist()
        [0.0, 1.0]
    """
    return np.divide(pixels, 255, dtype=np.float32)


def read_idx(content: bytes) -> Array:
    """An IDX file of bytes, the format of MNIST: 0 0 8, number of axes, their lengths (big-endian), the values.

    Raises:
        ValueError: If `content` is something else, or its length does not fit its header.

    Example:
        >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])).tolist()
        [7, 9]
    """
    if content[:3] != b"\0\0\x08" or len(content) < 4 + 4 * content[3]:
        raise ValueError("Not an IDX file of bytes.")
    shape = np.frombuffer(content, ">u4", count=content[3], offset=4).tolist()
    start = 4 + 4 * len(shape)
    if len(content) - start != math.prod(shape):
        raise ValueError(f"The IDX file announces {math.prod(shape):,} values and holds {len(content) - start:,}.")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_pnm(content: bytes) -> Array:
    """A binary PGM (P5, grey) or PPM (P6, colour) picture of bytes, as (rows, columns[, 3]).

    Raises:
        ValueError: If `content` is something else, or its length does not fit its header.

    Example:
        >>> read_pnm(b"P5\\n# two pixels\\n2 1\\n255\\n" + bytes([7, 9])).tolist()
        [[7, 9]]
    """
    gap = rb"(?:\s+|#[^\n]*\n)+"
    header = re.match(rb"P([56])" + gap + rb"(\d{1,6})" + gap + rb"(\d{1,6})" + gap + rb"255\s", content)
    if header is None:
        raise ValueError("Not a binary PGM or PPM picture with values up to 255.")
    columns, rows = int(header[2]), int(header[3])
    shape = (rows, columns, 3) if header[1] == b"6" else (rows, columns)
    if len(content) - header.end() != math.prod(shape):
        raise ValueError(
            f"The picture announces {math.prod(shape):,} values and holds {len(content) - header.end():,}."
        )
    return np.frombuffer(content, np.uint8, offset=header.end()).reshape(shape)


def read_jpeg(content: bytes, rows: int, columns: int) -> Array:
    """A JPEG picture as (rows, columns, 3) bytes.

    Raises:
        ImportError: If pillow is not installed.
        ValueError: If `content` is no JPEG picture of this size.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise ImportError("JPEG pictures are read by pillow. Install it: pip install 'neurarium[images]'.") from error
    try:
        with Image.open(BytesIO(content), formats=["JPEG"]) as picture:
            if picture.size != (columns, rows):
                raise ValueError(f"Expected a picture of {rows} x {columns}; got {picture.height} x {picture.width}.")
            return np.asarray(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"The JPEG picture is damaged: {error}.") from error


def mnist_like(name: str, files: Files, target_names: tuple[str, ...]) -> Dataset:
    """A data set in the four files that MNIST made a custom."""
    parts = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    limit = files.card.limits.member_bytes
    images, labels, test_images, test_labels = (
        read_idx(gunzip(files.read(f"{part}-ubyte.gz"), limit)) for part in parts
    )
    return Dataset(
        name,
        unit(images),
        labels.astype(np.int64),
        target_names,
        test_data=unit(test_images),
        test_target=test_labels.astype(np.int64),
    )
