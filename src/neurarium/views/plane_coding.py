"""How the look "plane" turns rows into codes, codes into places of a plane, and places back into rows."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor, nn

_CODES_AT_ONCE = 256


class FlatDecoder(nn.Module):
    """Codes to rows of numbers, whatever shape a row has.

    Args:
        decode: From (n, codes) to rows.
    """

    def __init__(self, decode: nn.Module) -> None:
        super().__init__()
        self.decode = decode

    def forward(self, codes: Tensor) -> Tensor:
        """(n, columns)."""
        rows: Tensor = self.decode(codes)
        return rows.flatten(1)


class FlatEncoder(nn.Module):
    """Rows of numbers to codes, whatever shape a row has for the network.

    Args:
        encode: From rows to (n, codes).
        shape: Of a row.
    """

    def __init__(self, encode: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.encode, self.shape = encode, shape

    def forward(self, rows: Tensor) -> Any:
        """(n, codes)."""
        return self.encode(rows.clone().reshape(len(rows), *self.shape))


class MapEncoder(nn.Module):
    """A row's place on a map: where the unit lies whose point is nearest.

    Args:
        codebook: (units, columns) the points.
        where: (units, 2) the places.
    """

    codebook: Tensor
    where: Tensor

    def __init__(self, codebook: Tensor, where: Tensor) -> None:
        super().__init__()
        self.register_buffer("codebook", codebook)
        self.register_buffer("where", where)

    def forward(self, rows: Tensor) -> Tensor:
        """(n, 2)."""
        away = rows[:, None] - self.codebook
        squares = torch.where(away.isnan(), 0.0, away).square().sum(2)
        return self.where.index_select(0, squares.argmin(1))


class MapDecoder(nn.Module):
    """The row that a place of a map stands for: the point of the unit that lies nearest.

    Args:
        codebook, where: As in `MapEncoder`.
    """

    codebook: Tensor
    where: Tensor

    def __init__(self, codebook: Tensor, where: Tensor) -> None:
        super().__init__()
        self.register_buffer("codebook", codebook)
        self.register_buffer("where", where)

    def forward(self, places: Tensor) -> Tensor:
        """(n, columns)."""
        squares = (places[:, None] - self.where).square().sum(2)
        return self.codebook.index_select(0, squares.argmin(1))


@dataclass(eq=False)
class Coding:
    """Rows, their codes, and the plane that is drawn.

    Attributes:
        rows: (n, columns) as the network was given them, without gaps.
        codes: (n, codes).
        back: (n, columns) what comes back from the codes.
        encode, decode: Modules of one row and of codes, in float32.
        posterior: From rows to the mean and the log variance of their codes, or None.
        centre, axes: (codes,) and (codes, 2): the code of a place p is centre + axes p.
        bounded: Whether codes are probabilities, so that those beyond 0 and 1 are taken to the edge.
        chosen: The two numbers of the code that are drawn; None for the two axes along which codes vary most.
        map: Whether the plane is the lattice of a map.
    """

    rows: NDArray[Any]
    codes: NDArray[Any]
    back: NDArray[Any]
    encode: nn.Module
    decode: nn.Module
    posterior: nn.Module | None
    centre: NDArray[np.float32]
    axes: NDArray[np.float32]
    bounded: bool
    chosen: tuple[int, int] | None
    map: bool

    @property
    def places(self) -> NDArray[np.float32]:
        """(n, 2) where the rows lie."""
        places: NDArray[np.float32] = ((self.codes - self.centre) @ self.axes).astype(np.float32)
        return places

    @property
    def errors(self) -> NDArray[np.float32]:
        """(n,) the squared error of each row, summed over its columns."""
        errors: NDArray[np.float32] = np.square(self.rows - self.back).sum(1).astype(np.float32)
        return errors

    def codes_at(self, places: NDArray[Any]) -> NDArray[np.float32]:
        """(n, codes) that places stand for."""
        codes = self.centre + places.astype(np.float32) @ self.axes.T
        return codes.clip(0, 1) if self.bounded else codes

    def decoded(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        """(n, columns) rows that codes stand for."""
        with torch.no_grad():
            parts = [self.decode(part) for part in torch.from_numpy(codes).float().split(_CODES_AT_ONCE)]
        rows: NDArray[np.float32] = torch.cat(parts).numpy()
        return rows


def has_plane(fitted: Any) -> bool:
    """Whether rows can be coded and codes turned back: by an inverse, or because it is a map."""
    return hasattr(fitted, "module_") and (_is_map(fitted) or _can_return(fitted))


def _is_map(fitted: Any) -> bool:
    return all(hasattr(fitted, name) for name in ("quantise", "positions", "codebook_"))


def _can_return(fitted: Any) -> bool:
    return hasattr(fitted, "transform") and hasattr(fitted, "inverse_transform") and hasattr(fitted, "_verbs")


def coding(fitted: Any, X: Any, codes: tuple[int, int] | None) -> Coding:
    """Rows in codes.

    Args:
        fitted: A network that `has_plane`.
        X: Rows.
        codes: The two numbers of the code to draw, or None.

    Raises:
        ValueError: There are no such two numbers.
    """
    rows = fitted._read(X, reset=False).inputs.flatten(1).cpu().numpy()
    return _of_map(fitted, X, rows) if _is_map(fitted) else _of_code(fitted, X, rows, codes)


def _of_map(fitted: Any, X: Any, rows: NDArray[Any]) -> Coding:
    codebook = torch.from_numpy(fitted.codebook_.reshape(-1, rows.shape[1])).float()
    at = np.asarray(fitted.positions_)
    where = torch.from_numpy(np.c_[at[:, 0], at[:, 1].max() - at[:, 1]]).float()  # the first row of units is on top
    back = np.asarray(fitted.quantise(X))
    return Coding(
        rows=np.where(np.isnan(rows), back, rows),
        codes=where.numpy()[fitted.winners(X)],
        back=back,
        encode=MapEncoder(codebook, where),
        decode=MapDecoder(codebook, where),
        posterior=None,
        centre=np.zeros(2, np.float32),
        axes=np.eye(2, dtype=np.float32),
        bounded=False,
        chosen=None,
        map=True,
    )


def _of_code(fitted: Any, X: Any, rows: NDArray[Any], chosen: tuple[int, int] | None) -> Coding:
    verbs = fitted._verbs()
    codes = np.asarray(fitted.transform(X))
    back = np.asarray(fitted.inverse_transform(codes)).reshape(len(rows), -1)
    n_codes, shape = codes.shape[1], tuple(fitted.shape_in_)
    if chosen is not None and not (len(set(chosen)) == 2 and all(0 <= each < n_codes for each in chosen)):
        raise ValueError(f"plane: codes takes two different numbers from 0 to {n_codes - 1}; got {chosen!r}.")
    if n_codes <= 2:
        centre, axes = np.zeros(n_codes), np.eye(n_codes, 2)
        chosen = (0, 1) if n_codes == 2 else None
    else:
        centre = codes.mean(0)
        axes = np.eye(n_codes)[:, list(chosen)] if chosen else _main_axes(codes - centre)

    def part(name: str) -> nn.Module:
        return copy.deepcopy(verbs[name][0]).cpu().float().eval().requires_grad_(False)

    decode = "inverse_transform" if "inverse_transform" in verbs else "reconstruct"
    return Coding(
        rows=rows,
        codes=codes,
        back=back,
        encode=FlatEncoder(part("transform"), shape),
        decode=FlatDecoder(part(decode)),
        posterior=FlatEncoder(part("posterior"), shape) if "posterior" in verbs else None,
        centre=centre.astype(np.float32),
        axes=axes.astype(np.float32),
        bounded=bool(decode == "reconstruct" and codes.min() >= 0 and codes.max() <= 1),
        chosen=chosen,
        map=False,
    )


def _main_axes(codes: NDArray[Any]) -> NDArray[Any]:
    """(codes, 2) the directions in which codes vary most, each with its largest number above 0."""
    axes = np.linalg.svd(codes.astype(float), full_matrices=False)[2][:2]
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])
    signed: NDArray[Any] = (axes * signs[:, None]).T
    return signed


@dataclass(eq=False)
class Straight:
    """Principal components of the same rows: the best that straight lines can do.

    Attributes:
        mean: (columns,).
        axes: (components, columns), at least two, as many as the code has numbers if more.
        n_codes: How many of them stand against the code: as many as it has numbers, or two if that were all.
    """

    mean: NDArray[Any]
    axes: NDArray[Any]
    n_codes: int

    def places(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """(n, 2) along the first two."""
        places = (rows - self.mean) @ self.axes[:2].T
        return np.pad(places, ((0, 0), (0, 2 - places.shape[1]))).astype(np.float32)

    def back(self, rows: NDArray[Any], n: int | None = None) -> NDArray[Any]:
        """(n, columns) what comes back of rows from n of them; None for as many as the code has."""
        axes = self.axes[: self.n_codes if n is None else n]
        drawn: NDArray[Any] = self.mean + (rows - self.mean) @ axes.T @ axes
        return drawn


def straight(rows: NDArray[Any], n_codes: int) -> Straight:
    """Principal components of rows."""
    # As many as columns would lose nothing, and say nothing: then the two that are drawn.
    n_lines = n_codes if n_codes < min(rows.shape) else min(2, *rows.shape)
    found = PCA(min(max(2, n_lines), *rows.shape), random_state=0).fit(rows.astype(float))
    return Straight(found.mean_, found.components_, n_lines)
