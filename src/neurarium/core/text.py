"""Text as numbers: characters or words, each with a number of its own."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["character", "word"]

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for every character or word that has no number of its own."""

_WORD = re.compile(r"\n|\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}]\w+)*|[^\w\s]")
_NO_SPACE = re.compile(r" (?=[.,;:!?)\]}%\n])|(?<=[\n(\[{]) ")


def split_text(text: str, unit: Unit) -> list[str]:
    """A text as its characters, or as its words, marks and line ends.

    Example:
        >>> split_text("It's late, Tom.", "word")
        ["It's", 'late', ',', 'Tom', '.']
    """
    return list(text) if unit == "character" else _WORD.findall(text)


def join_text(symbols: Iterable[str], unit: Unit) -> str:
    """The text of some characters or words; between words as a printer would set them.

    Example:
        >>> join_text(["It's", "late", ",", "Tom", "."], "word")
        "It's late, Tom."
    """
    if unit == "character":
        return "".join(symbols)
    return _NO_SPACE.sub("", " ".join(symbols))


def read_texts(name: str, X: Any) -> Iterable[str]:
    """The caller's text, or texts, checked one by one as they are read.

    Args:
        name: Whose text it is, for errors.
        X: One text, or any iterable of texts: a list, a Series, the lines of an open file.

    Raises:
        ValueError: Something that is no text, or no text at all.
    """
    if isinstance(X, str):
        if _names_a_file(X):
            raise ValueError(f"{name} reads text, and {X!r} is the name of a file: pass open({X!r}), or what it reads.")
        X = [X]
    elif isinstance(X, PathLike):
        raise ValueError(f"{name} reads text, not the file that holds it: pass open({str(X)!r}), or what it reads.")
    if isinstance(X, bytes | Mapping) or not isinstance(X, Iterable):
        raise ValueError(f"{name} reads text: one str, or a list or file of them; got {type(X).__name__}.")

    def checked() -> Iterable[str]:
        empty = True
        for number, text in enumerate(X):
            if not isinstance(text, str):
                raise ValueError(f"{name} reads text; entry {number} is {type(text).__name__}: {text!r:.40}.")
            empty = empty and not text
            yield text
        if empty:
            raise ValueError(f"{name}: the text is empty; there is nothing to learn from.")

    return checked()


def _names_a_file(text: str) -> bool:
    """Whether what should be a text is the path of one."""
    return 2 < len(text) < 256 and "." in text and "\n" not in text and "\0" not in text and Path(text).is_file()


@dataclass(frozen=True)
class Vocabulary:
    """Characters or words, numbered; number 0 is `UNKNOWN`.

    Attributes:
        symbols: All of them, `UNKNOWN` first, the others sorted.
        unit: What they are.
    """

    symbols: tuple[str, ...]
    unit: Unit

    @classmethod
    def of(cls, texts: Iterable[str], unit: Unit, least: int = 1) -> "Vocabulary":
        """The characters or words that occur at least `least` times.

        Example:
            >>> Vocabulary.of(["a rose is a rose"], "word").symbols[1:]
            ('a', 'is', 'rose')
        """
        counts: Counter[str] = Counter(chain.from_iterable(split_text(text, unit) for text in texts))
        known = sorted(symbol for symbol, count in counts.items() if count >= least and symbol != UNKNOWN)
        return cls((UNKNOWN, *known), unit)

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, text: str) -> NDArray[np.int64]:
        """The number of each character or word; 0 for those that have none."""
        numbers = self._numbers
        return np.array([numbers.get(symbol, 0) for symbol in split_text(text, self.unit)], np.int64)

    def decode(self, codes: Iterable[int]) -> str:
        """The text of these numbers."""
        return join_text((self.symbols[code] for code in codes), self.unit)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}
