"""Training: the whole fit as a film, with the loss, the weights, the gradients and what the network makes of rows."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neurarium.core.estimator import Estimator
from neurarium.core.roles import Classifier, Regressor
from neurarium.page.controls import Choice, Control, Number
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views import training_panels as panels
from neurarium.views.energy_rows import shape_of
from neurarium.views.looking import CannotLook
from neurarium.views.numbers import picked
from neurarium.views.shown import Shown
from neurarium.views.training_film import Film, film
from neurarium.views.training_layers import Layers, histograms, pictured
from neurarium.views.training_makings import Net
from neurarium.views.training_sight import Sight
from neurarium.views.training_sights import sight_of

NAME = "training"
TITLE = Text("Training", "Entrenamiento")
ORDER = 130

_LEAST_SIDE = 3  # of a picture
_SHADES = 127  # of a sign, in which weights are told: a page's file then holds a byte for each


def can(fitted: Any) -> bool:
    """Whether it was fitted by steps, pass after pass; what is solved in one go has no film."""
    return isinstance(fitted, Estimator) and all(hasattr(fitted, each) for each in ("epochs", "module_", "seed_"))


def scene(fitted: Any, rows: Shown) -> Scene:
    """The fit, once more.

    A network with the same parameters and the same seed is fitted on the rows, which takes as long as the fit did. The
    film has 36 frames at most, closer to each other in the beginning, however long the fit was.

    Args:
        fitted: A fitted estimator.
        rows: The rows of its fit, and their answers.

    Raises:
        CannotLook: There are no rows, or no answers where the network learns from them, or no step could be made.
    """
    asks = isinstance(fitted, Classifier | Regressor)
    if rows.X is None or (asks and rows.y is None):
        needs = "X, y" if asks else "X"
        raise CannotLook(
            f"the look 'training' repeats the fit, for which {type(fitted).__name__} needs its rows"
            f"{' and their answers' if asks else ''}: look(network, 'training', {needs})."
        )
    picture = _picture(fitted, rows)
    sight = sight_of(fitted, rows, picture)
    layers = Layers(fitted.module_)
    drawn = {name: pictured(weights, picture)[1] for name, weights in layers.shown.items()}

    def see(network: Any) -> dict[str, NDArray[Any]]:
        now = Layers(network.module_).shown.values()
        seen = {f"weights_{number}": pictured(each, picture)[0] for number, each in enumerate(now)}
        return seen if sight is None else {**seen, **sight(network)}

    made = film(fitted, rows.X, rows.y if asks else None, see)
    if not made.metrics:
        raise CannotLook(
            f"the fit of this {type(fitted).__name__} breaks off in its first step: there is nothing to show."
        )
    constants = _constants(made, sight)
    shapes = [tuple(each.shape) for each in layers.shown.values()]
    shown: list[Panel] = [panels.course(made, constants["courses"]), panels.slopes(made, constants["slopes"])]
    shown += [sight.panel()] if sight is not None else []
    shown.append(panels.spread(float(constants["spread"].max())))
    for number, each in enumerate(drawn.values()):
        pictures = constants[f"weights_{number}"].shape[1] if each else 0
        shown.append(panels.weights(number, shapes[number], pictures=pictures, only=len(drawn) == 1))
    last = len(made.frames) - 1
    controls: list[Control] = [
        Number("t", Text("moment of the fit", "momento del ajuste"), last, 0, last, whole=True, plays=True)
    ]
    if len(drawn) > 1:
        controls.append(Choice("layer", Text("weights of", "pesos de"), "shown"))
    return Scene(
        look="training",
        title=Text("The fit as a film", "El ajuste como película"),
        sentence=panels.told(fitted, made),
        panels=shown,
        controls=controls,
        lists={
            "layers": made.layers,
            "shown": list(drawn),
            "metrics": [panels.METRICS.get(each, each) for each in made.metrics],
            "columns": list(rows.columns),
            **(sight.lists if sight is not None else {}),
        },
        constants=constants,
        module=_Moment(made, constants, sight).eval(),
    )


def _picture(fitted: Any, rows: Shown) -> tuple[int, ...]:
    """(height, width) of a row that is a picture, else ()."""
    shape = tuple(fitted.shape_in_)
    if len(shape) == 3 and shape[0] == 1:
        return shape[1:] if min(shape[1:]) >= _LEAST_SIDE else ()
    if len(shape) != 1 or np.ndim(rows.X) < 2:
        return ()
    height, width = shape_of(fitted, rows, shape[0])
    return (height, width) if height > 1 else ()


def _constants(made: Film, sight: Sight | None) -> dict[str, NDArray[Any]]:
    """All that marks show, frame after frame."""
    frames = made.frames
    bins, shares = histograms(np.stack([each.spread for each in frames]))
    lengths = np.stack([each.slopes if made.by_gradient else each.moved for each in frames]).T
    arrays: dict[str, Any] = {
        "bins": bins,
        # A layer that starts at 0 has all of its weights in one bin then: the axis is that of the fit on its way.
        "spread": _light(shares.clip(max=shares[min(1, len(frames) - 1) :].max())),
        "slopes": np.where(lengths > 0, lengths, np.nan),  # of what stands still there is no logarithm
        "frame_steps": [max(1, each.step) if _long(made) else each.step for each in frames],
        "courses": np.where(np.isfinite(made.courses), made.courses, np.nan).T,
        "places": made.places,
    }
    seen = {name: np.stack([each.seen[name] for each in frames]) for name in frames[0].seen}
    for name, array in seen.items():
        if name.startswith("weights_"):
            reach = max(float(np.abs(array).max()), 1e-12)
            arrays[name.replace("weights", "limits")] = [-reach, reach]
            arrays[name] = reach * np.round(array / reach * _SHADES) / _SHADES
        elif name != "knots":
            arrays[name] = _light(array)
    ready = {
        name: np.asarray(each, np.int64 if np.asarray(each).dtype.kind == "i" and name in seen else np.float32)
        for name, each in arrays.items()
    }
    fixed = {} if sight is None else sight.constants
    return {**ready, **fixed}


def _light(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers to three digits, of which a page's file holds two and a half as many."""
    small = array.dtype.kind == "f" and float(np.abs(array).max(initial=0)) < 6e4
    return array.astype(np.float16) if small else array


def _long(made: Film) -> bool:
    return panels.along(made).log


class _Moment(nn.Module):
    """The numbers of a frame.

    Args:
        made: The film.
        constants: What the scene shows.
        sight: What is seen; of a map the lines between its units are made here.
    """

    def __init__(self, made: Film, constants: dict[str, NDArray[Any]], sight: Sight | None) -> None:
        super().__init__()
        frames = made.frames
        first = [each.values[0] if each.values else float("nan") for each in frames]
        first[0] = first[min(1, len(first) - 1)]  # before the first step there is the first loss
        self.register_buffer("steps", torch.tensor([each.step for each in frames]))
        self.register_buffer("epochs", torch.tensor([each.epoch for each in frames]))
        self.register_buffer("first", torch.tensor(first, dtype=torch.float32))
        self.register_buffer("cursors", torch.from_numpy(constants["frame_steps"]))
        self.net = isinstance(sight, Net)
        if isinstance(sight, Net):
            knots = np.stack([each.seen["knots"] for each in frames])
            self.register_buffer("knots", torch.from_numpy(knots.astype(np.float32)))
            self.register_buffer("pairs", torch.from_numpy(np.ascontiguousarray(sight.pairs)))

    steps: Tensor
    epochs: Tensor
    first: Tensor
    cursors: Tensor
    knots: Tensor
    pairs: Tensor

    def forward(self, t: Tensor) -> dict[str, Tensor]:
        """Where the fit stands."""
        now = {
            "step": picked(self.steps, t),
            "epoch": picked(self.epochs, t),
            "now": picked(self.first, t),
            "cursor": picked(self.cursors, t),
        }
        if not self.net:
            return now
        there = picked(self.knots, t)
        one, other = (there.index_select(0, self.pairs[:, each]) for each in (0, 1))
        lines = torch.stack(
            [one, other, other], 1
        )  # a single curve is drawn faster than many; it breaks after each line
        breaks = torch.where(torch.arange(3) == 2, torch.nan, lines[..., 1])
        net = {"net_x": lines[..., 0].reshape(-1), "net_y": breaks.reshape(-1)}
        return {**now, **net, "knot_x": there[:, 0], "knot_y": there[:, 1]}


def example(code: str) -> tuple[Any, Any, Any] | None:
    """Two columns, over which a film shows the border move, for the networks of tables."""
    if code not in ("P", "FF"):
        return None
    from sklearn.datasets import make_moons  # not at the top: listing the looks stays cheap

    from neurarium.catalogue import cards

    X, y = make_moons(200, noise=0.2, random_state=0)
    kind = cards()[code].estimators[0]
    more = (
        {"trainer": "adam", "learning_rate": 0.03, "n_hidden": 12} if code == "FF" else {"answer": "last", "epochs": 40}
    )
    return kind(**more, random_state=0), X, np.array(["upper moon", "lower moon"])[y]
