"""Texts of a scene: in both languages at once, with places for numbers.

A place is `{name}`, `{name:.2f}` or `{name|list}`: a number of the scene, how to write it, or the entry of a list of
the scene that the number counts. Whatever a user has called something (a class, a column, a file) comes in as an entry
of a list and never as a text, so that it is shown letter for letter.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Language = Literal["en", "es"]

_PLACE = re.compile(r"\{(\w+)(?:\|(\w+))?(?::([+]?)(?:\.(\d+)([f%])|(d)))?\}")


@dataclass(frozen=True)
class Text:
    """A text in English and in Spanish, with the same places in both.

    Raises:
        ValueError: A place stands in one language alone, or a brace that opens no place.

    Example:
        >>> Text("loss {loss:.2f}", "pérdida {loss:.2f}").filled("es", {"loss": np.array(0.125)}, {})
        'pérdida 0.12'
    """

    en: str
    es: str

    def __post_init__(self) -> None:
        english, spanish = (sorted(match.group() for match in _PLACE.finditer(text)) for text in (self.en, self.es))
        if english != spanish:
            raise ValueError(f"the places of {self.en!r} and {self.es!r} differ: {english} and {spanish}.")
        if "{" in _PLACE.sub("", self.en + self.es):
            raise ValueError(f"a brace in {self.en!r} or {self.es!r} opens no place such as {{loss:.2f}}.")

    def names(self) -> list[tuple[str, str | None]]:
        """The numbers that it shows, each with its list if it counts one."""
        return [(match[1], match[2]) for match in _PLACE.finditer(self.en)]

    def filled(
        self, language: Language, values: Mapping[str, NDArray[Any]], lists: Mapping[str, Sequence["str | Text"]]
    ) -> str:
        """The text with the numbers in it.

        Args:
            language: "en" or "es".
            values: The scene's arrays by name; a place names one of a single number.
            lists: The scene's lists by name.
        """

        def number(match: re.Match[str]) -> str:
            name, of, sign, digits, kind, _ = match.groups(default="")
            value = np.asarray(values[name]).item()
            if of:
                return entry(lists[of], int(value), language)
            if kind == "%":
                return f"{100 * value:{sign}.{digits}f} %"
            if digits:
                return f"{value:{sign}.{digits}f}"
            return f"{round(value):{sign}d}" if np.isfinite(value) else str(value)

        return _PLACE.sub(number, self.es if language == "es" else self.en)


def entry(entries: Sequence[str | Text], number: int, language: Language) -> str:
    """An entry of a list in a language; nothing where the list has none of that number."""
    if not 0 <= number < len(entries):
        return ""
    found = entries[number]
    return found if isinstance(found, str) else found.es if language == "es" else found.en
