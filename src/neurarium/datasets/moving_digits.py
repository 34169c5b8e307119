"""Moving digits: small films to be tagged, made from scikit-learn's handwritten digits."""

from typing import Literal

import numpy as np

from neurarium.datasets import digits
from neurarium.datasets.card import Array, Dataset, DatasetCard

MOTIONS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}  # pixels a frame: (rows, columns)
TRAINING_IMAGES = 1347  # of 1,797; the test films show digits that no training film shows


def load(
    n_samples: int = 1000,
    n_frames: int = 8,
    size: int = 20,
    tag: Literal["digit", "motion"] = "digit",
    random_state: int | None = None,
) -> Dataset:
    """Films of one digit that moves a pixel a frame, straight up, down, left or right, and never leaves the picture.

    Args:
        n_samples: Training films; a quarter as many test films come with them.
        n_frames: Frames of a film.
        size: Rows and columns of a frame; at least 7 + n_frames, so that the digit has room to move.
        tag: What `target` tells: which digit moves (any frame shows it), or where to (no single frame shows it).
        random_state: Seed.

    Returns:
        `data` (n_samples, n_frames, size, size) float32 in [0, 1], `target` (n_samples,); `test_data` and `test_target`
        likewise.

    Raises:
        ValueError: If `size` is too small or `tag` is neither.

    References:
        Made by neurarium after the idea of Unsupervised learning of video representations using LSTMs (Srivastava,
        Mansimov and Salakhutdinov, 2015), https://arxiv.org/abs/1502.04681, from other digits and without collisions.

    Example:
        >>> load(8, tag="motion", random_state=0).target_names
        ('up', 'down', 'left', 'right')
    """
    if tag not in ("digit", "motion"):
        raise ValueError(f"Expected tag 'digit' or 'motion'; got {tag!r}.")
    source = digits.load()
    side = source.data.shape[1]
    if size < side + n_frames - 1:
        raise ValueError(
            f"Expected size >= {side + n_frames - 1}, so that a digit can move {n_frames} frames; got {size}."
        )
    generator = np.random.default_rng(random_state)
    films, tags = [], []
    for images, count in ((slice(TRAINING_IMAGES), n_samples), (slice(TRAINING_IMAGES, None), n_samples // 4)):
        chosen = generator.integers(0, len(source.target[images]), count)
        motion = generator.integers(0, len(MOTIONS), count)
        films.append(_films(generator, source.data[images][chosen], motion, n_frames, size))
        tags.append(source.target[images][chosen] if tag == "digit" else motion)
    names = source.target_names if tag == "digit" else tuple(MOTIONS)
    return Dataset("moving_digits", films[0], tags[0], names, test_data=films[1], test_target=tags[1])


def _films(generator: np.random.Generator, images: Array, motion: Array, n_frames: int, size: int) -> Array:
    """Films (n, n_frames, size, size) of images (n, side, side)."""
    n, side = images.shape[:2]
    velocity = np.array(list(MOTIONS.values()))[motion]
    travel = velocity * (n_frames - 1)
    corner = generator.integers(np.maximum(0, -travel), size - side - np.maximum(0, travel) + 1)
    corners = corner[:, None] + np.arange(n_frames)[:, None] * velocity[:, None]  # (n, n_frames, 2)
    rows = corners[..., 0, None, None] + np.arange(side)[:, None]
    columns = corners[..., 1, None, None] + np.arange(side)
    films = np.zeros((n, n_frames, size, size), np.float32)
    film, frame = np.arange(n)[:, None, None, None], np.arange(n_frames)[:, None, None]
    films[film, frame, rows, columns] = images[:, None]
    return films


CARD = DatasetCard(
    name="moving_digits",
    title="Moving digits",
    kind="generated",
    task=("video tagging", "classification of sequences"),
    shape="1,000 + 250 test films of 8 frames of 20 x 20 grey values (n_samples, n_frames, size)",
    licence="CC BY 4.0, as the digits they are made from (UCI repository)",
    citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, 1998.",
    address="https://archive.ics.uci.edu/dataset/80",
)
