"""Elman's letters: a stream of ba, dii and guuu in random order.

The consonants cannot be foreseen; once one is heard, its vowels can, and how many there are.
"""

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard

SYLLABLES = ("ba", "dii", "guuu")
FEATURES = ("consonant", "vowel", "interrupted", "high", "back", "voiced")
VECTORS = {  # table 2 of the paper
    "b": (1, 0, 1, 0, 0, 1),
    "d": (1, 0, 1, 1, 0, 1),
    "g": (1, 0, 1, 0, 1, 1),
    "a": (0, 1, 0, 0, 1, 1),
    "i": (0, 1, 0, 1, 0, 1),
    "u": (0, 1, 0, 1, 1, 1),
}


def load(n_syllables: int = 1000, random_state: int | None = None) -> Dataset:
    """Letters as vectors of six phonetic features, and the letter that follows each.

    Args:
        n_syllables: Consonants drawn; about three times as many letters result.
        random_state: Seed.

    Returns:
        `data` (steps, 6) float32, `target` (steps, 6) float32 with target[t] = data[t + 1]. Column 0 of `target` tells
        where a consonant is asked for, which nothing can know.

    Raises:
        ValueError: If there is no syllable.

    References:
        Finding structure in time (Elman, 1990), https://doi.org/10.1207/s15516709cog1402_1

    Example:
        >>> load(10, random_state=0).feature_names[:2]
        ('consonant', 'vowel')
    """
    if n_syllables < 1:
        raise ValueError(f"Expected at least one syllable; got {n_syllables}.")
    drawn = np.random.default_rng(random_state).integers(0, len(SYLLABLES), n_syllables)
    letters = "".join(SYLLABLES[syllable] for syllable in drawn)
    vectors = np.array([VECTORS[letter] for letter in letters], np.float32)
    return Dataset("elman_letters", vectors[:-1], vectors[1:], FEATURES, FEATURES)


CARD = DatasetCard(
    name="elman_letters",
    title="Elman's letters: ba, dii, guuu",
    kind="generated",
    task=("next step", "structure in time"),
    shape="about 3,000 letters of 6 features (n_syllables)",
    licence="none needed",
    citation="J. L. Elman, Finding structure in time, Cognitive Science 14, 1990.",
    address="https://doi.org/10.1207/s15516709cog1402_1",
)
