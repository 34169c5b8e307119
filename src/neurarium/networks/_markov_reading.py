"""Sequences of states, and texts, as small whole numbers: read once, piece by piece, and kept as bytes.

A text may be longer than the memory: it is turned into numbers as it is read, and what does not fit into some tens of
megabytes of them lies in a temporary file. The lines of a file are the text that they came from: a piece that ends
in a line break is continued by the next one, any other piece is a text of its own.
"""

import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurarium.core.rows import to_array
from neurarium.core.text import UNKNOWN, Unit, read_texts, split_text
from neurarium.rules.counting import BREAK

Kind = Literal["symbol", "character", "word"]

_IN_MEMORY = 2**26  # bytes of numbers; beyond that they go to a file
_PIECE = 2**20  # characters turned into numbers at once
_ROW = 2**20  # codes counted at once
_MANY, _SHARE = 20, 0.1  # states that are not whole: more than so many, and more than this share of all values


class Codes(NamedTuple):
    """What was read.

    Attributes:
        codes: (time,) numbers of the symbols, `BREAK` between sequences.
        rows: (rows, order + length) the same in parts to count one by one, each with the `order` codes before it.
        symbols: The symbols in the order of their numbers; of texts the first one is `UNKNOWN`.
        n_characters: Characters of a text, 0 of other sequences.
    """

    codes: NDArray[Any]
    rows: NDArray[Any]
    symbols: NDArray[Any]
    n_characters: int = 0


def _room(n_codes: int, order: int, n_symbols: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Room for codes, in as few bytes as will do, and the same in rows; in memory where it is not too much."""
    kind = np.dtype(next(kind for kind in (np.int8, np.int16, np.int32) if n_symbols <= np.iinfo(kind).max))
    length = min(max(1, n_codes), _ROW)
    n_rows = -(-max(1, n_codes) // length)
    size = order + n_rows * length
    if size * kind.itemsize <= _IN_MEMORY:
        whole = np.empty(size, kind)
    else:
        with tempfile.TemporaryFile() as file:  # the mapping outlives the name
            whole = np.memmap(file, kind, "w+", shape=(size,))
    whole[:order], whole[order + n_codes :] = BREAK, BREAK
    strides = (length * kind.itemsize, kind.itemsize)
    rows = np.lib.stride_tricks.as_strided(whole, (n_rows, order + length), strides)
    return whole[order : order + n_codes], rows


def kind_of(name: str, X: Any, unit: str) -> Kind:
    """What the symbols of X are; "auto" takes a text or the lines of a file as characters, all else as states."""
    if X is None:
        raise ValueError(f"{name} needs a sequence of states or a text; got None.")
    if unit == "auto":
        is_text = isinstance(X, str | io.TextIOBase) or (isinstance(X, Iterable) and not hasattr(X, "__len__"))
        return "character" if is_text else "symbol"
    return unit  # type: ignore[return-value]  # one of the three, by the estimator's own check


# Sequences of states.


def read_states(name: str, X: Any, order: int, known: NDArray[Any] | None = None) -> Codes:
    """One sequence of states, or several.

    Args:
        name: Whose they are, for errors.
        X: (time,) states, a list of such sequences, or (n, time) of them in rows.
        order: Steps that the next one depends on; each sequence must have one more.
        known: The states there are, and any length will do; None for those that occur.
    """
    least = 1 if known is not None else order + 1
    sequences = [_states(name, each, number) for number, each in _sequences(name, X)]
    for number, each in enumerate(sequences):
        if len(each) < least:
            which = f"sequence {number} has" if len(sequences) > 1 else "it has"
            raise ValueError(f"{name} needs at least {least} steps in a row to learn from; {which} {len(each)}.")
    kinds = {"text" if each.dtype.kind == "U" else "number" for each in sequences}
    if len(kinds) > 1:
        raise ValueError(f"{name}: some sequences hold numbers and others texts; they cannot be states of one chain.")
    values = sequences[0] if len(sequences) == 1 else np.concatenate(sequences)
    states, codes = _distinct(values)
    if known is None:
        _refuse_continuous(name, states, len(values))
    else:
        codes = _numbered(name, states, known)[codes]
        states = known
    joined, rows = _room(len(values) + len(sequences) - 1, order, len(states))
    joined[:] = BREAK
    begun = 0
    for place, each in enumerate(sequences):
        joined[begun + place : begun + place + len(each)] = codes[begun : begun + len(each)]
        begun += len(each)
    return Codes(joined, rows, states)


def _sequences(name: str, X: Any) -> list[tuple[int, Any]]:
    X = to_array(X)
    if isinstance(X, bytes | Mapping) or not isinstance(X, Iterable):
        raise ValueError(f"{name} needs a sequence of states or a text; got {type(X).__name__}: {X!r:.40}.")
    if isinstance(X, str):
        X = list(X)
    X = X if hasattr(X, "__len__") else list(X)
    if len(X) == 0:
        raise ValueError(f"{name}: the sequence is empty; there is nothing to learn from.")
    if hasattr(X, "to_numpy"):
        X = X.to_numpy()
    if isinstance(X, np.ndarray) and X.ndim == 1 and X.dtype != object:
        return [(0, X)]
    several = [_is_sequence(each) for each in X]
    if any(several) and not all(several):
        odd = several.index(not several[0])
        raise ValueError(
            f"{name}: entry 0 and entry {odd} differ: give one sequence of states, or a list of sequences."
        )
    return list(enumerate(X)) if several[0] else [(0, X)]


def _is_sequence(each: Any) -> bool:
    return not isinstance(each, str | bytes | Mapping) and hasattr(each, "__len__")


def _states(name: str, X: Any, number: int) -> NDArray[Any]:
    """The states of one sequence, as an array that can be sorted."""
    try:
        values = np.asarray(to_array(X))
    except ValueError as error:
        raise ValueError(f"{name}: sequence {number} cannot be read: {error}") from error
    if values.ndim != 1:
        raise ValueError(f"{name}: sequence {number} has shape {values.shape}; a state is one number or one text.")
    if values.dtype == object or values.dtype.kind == "T":
        listed = values.tolist()
        if all(isinstance(each, str) for each in listed):
            values = values.astype(str)
        elif any(each is None or each != each for each in listed):
            raise ValueError(f"{name}: sequence {number} holds None or NaN; a state must be known.")
        elif all(isinstance(each, int | float | np.number | np.bool_) for each in listed):
            values = np.array(listed)
    elif values.dtype.kind == "U" and not isinstance(X, np.ndarray) and not all(isinstance(each, str) for each in X):
        values = values.astype(object)
    if values.dtype.kind not in "biufU":
        raise ValueError(f"{name}: states are numbers or texts, all of one kind; sequence {number} holds {X!r:.60}.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        what = "NaN" if np.isnan(values).any() else "infinity"
        raise ValueError(f"{name}: sequence {number} holds {what}; a state must be known.")
    return values


def _distinct(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The different values, sorted, and the number of each one's; without sorting where they are whole and near 0."""
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < max(2**12, len(values) // 4):
            moved = values - low if low else values
            there = np.bincount(moved.astype(np.intp, copy=False), minlength=high - low + 1) > 0
            if there.all() and low == 0:
                return np.arange(high + 1, dtype=values.dtype), values
            states = np.flatnonzero(there).astype(values.dtype) + values.dtype.type(low)
            kind = np.int8 if len(states) <= np.iinfo(np.int8).max else np.int32
            return states, (there.cumsum() - 1).astype(kind)[moved]
    return np.unique(values, return_inverse=True)


def _refuse_continuous(name: str, states: NDArray[Any], n_values: int) -> None:
    if states.dtype.kind == "f" and len(states) > max(_MANY, _SHARE * n_values) and (states % 1 != 0).any():
        raise ValueError(
            f"{name}: {n_values:,} values are {len(states):,} different numbers, too many to be states; bin them "
            "first, for example with numpy.digitize or scikit-learn's KBinsDiscretizer."
        )


def _numbered(name: str, states: NDArray[Any], known: NDArray[Any]) -> NDArray[np.int64]:
    """The number of each state among the known ones."""
    if (states.dtype.kind == "U") != (known.dtype.kind == "U"):
        raise ValueError(f"{name} was fitted on states such as {known[0].item()!r}; got {states[0].item()!r}.")
    numbers = np.searchsorted(known, states).clip(max=len(known) - 1)
    strange = states[known[numbers] != states]
    if len(strange):
        raise ValueError(f"{name} has never seen the state {strange[0].item()!r}; it knows {len(known)} others.")
    return numbers


# Texts.


def read_text(name: str, X: Any, unit: Unit, order: int, known: NDArray[Any] | None = None) -> Codes:
    """A text or several, or its lines one by one.

    Args:
        name: Whose text it is, for errors.
        X: One str, or any iterable of them, such as an open file.
        unit: Whether characters or words are its symbols.
        order: Symbols that the next one depends on; the text must have one more.
        known: The symbols there are, the first one for all others, and any length will do; None for those that occur.
    """
    least = 1 if known is not None else order + 1
    reader = _Characters(known) if unit == "character" else _Words(known)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as kept:
        n_characters = 0
        open_end = True  # the next piece goes on where this one ended
        for text in _pieces(read_texts(name, X)):
            if not open_end:
                kept.write(np.array([BREAK], np.int32).tobytes())
            kept.write(reader.read(text[0]).tobytes())
            n_characters += len(text[0])
            open_end = text[1]
        symbols, numbers = reader.symbols()
        n_codes = kept.tell() // 4
        if n_codes < least:
            raise ValueError(f"{name} needs a text of at least {least} {unit}s to learn from; it has {n_codes}.")
        codes, rows = _room(n_codes, order, len(symbols))
        kept.seek(0)
        for first in range(0, n_codes, _PIECE):
            read = np.frombuffer(kept.read(4 * min(_PIECE, n_codes - first)), np.int32)
            codes[first : first + len(read)] = np.where(read == BREAK, BREAK, numbers[read])
        return Codes(codes, rows, symbols, n_characters)


def _pieces(texts: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Texts cut into pieces of bounded length, at line breaks; and whether the next piece continues each."""
    for text in texts:
        if not text:
            continue
        cuts = [0]
        while len(text) - cuts[-1] > 2 * _PIECE:
            line = text.find("\n", cuts[-1] + _PIECE)
            cuts.append(len(text) if line < 0 else line + 1)
        cuts = [*cuts, len(text)] if cuts[-1] < len(text) else cuts
        for first, last in pairwise(cuts):
            yield text[first:last], last < len(text) or text[-1] == "\n"


class _Characters:
    """Numbers characters in the order in which they first come; 0 is for unknown ones."""

    def __init__(self, known: NDArray[Any] | None) -> None:
        self.fixed = known is not None
        self.found = [ord(UNKNOWN)] if known is None else [ord(symbol) for symbol in known]
        self.table = np.full(0x110000, 0 if self.fixed else BREAK, np.int32)
        self.table[self.found] = np.arange(len(self.found))

    def read(self, text: str) -> NDArray[np.int32]:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = self.table[points]
        if not self.fixed and (new := codes == BREAK).any():
            fresh = np.unique(points[new])
            self.table[fresh] = len(self.found) + np.arange(len(fresh))
            self.found += fresh.tolist()
            codes = self.table[points]
        return codes

    def symbols(self) -> tuple[NDArray[Any], NDArray[np.int32]]:
        return _sorted_symbols([chr(point) for point in self.found])


class _Words:
    """Numbers words in the order in which they first come; 0 is for unknown ones."""

    def __init__(self, known: NDArray[Any] | None) -> None:
        self.fixed = known is not None
        self.numbers: defaultdict[str, int] = defaultdict()
        for number, symbol in enumerate([UNKNOWN] if known is None else known.tolist()):
            self.numbers[symbol] = number
        self.numbers.default_factory = self.numbers.__len__

    def read(self, text: str) -> NDArray[np.int32]:
        words = split_text(text, "word")
        if self.fixed:
            return np.array([self.numbers.get(word, 0) for word in words], np.int32)
        return np.fromiter(map(self.numbers.__getitem__, words), np.int32, len(words))

    def symbols(self) -> tuple[NDArray[Any], NDArray[np.int32]]:
        return _sorted_symbols(list(self.numbers))


def _sorted_symbols(found: list[str]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """The symbols sorted behind `UNKNOWN`, and the new number of each old one."""
    places = sorted(range(1, len(found)), key=found.__getitem__)
    order = np.zeros(len(found), np.int32)
    order[places] = np.arange(1, len(found))
    return np.array([UNKNOWN, *(found[place] for place in places)], dtype=object), order
