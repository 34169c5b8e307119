"""The scene of a game on rows of two columns, in which the players go on learning."""

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.core.randomness import Randomness
from neurarium.networks._players import draw_weights
from neurarium.page.controls import Button, Choice, Control, Number, State, Toggle
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.rules.adversarial import Adversarial, Saturating
from neurarium.views import game_panels as panels
from neurarium.views.game_live import LINES, STATES, GamePlane, noise_lines
from neurarium.views.game_modes import clusters
from neurarium.views.game_round import Pace, Player
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

_ROWS = 2000
_NOISES, _FEW_NOISES, _LONG = 2039, 509, 16  # primes, so that the same row meets the same noise late
_CLOSE, _MARKS = 100, 250
_ROOM = 0.35  # beyond the rows, as a share of their range: samples of one that has not learnt yet lie there


def scene_of(fitted: Any, rows: Shown, look: str) -> Scene:
    """The game on a plane.

    Args:
        fitted: A fitted estimator with two players, of rows of two columns.
        rows: Rows like those that it was fitted on.
        look: The look's name.

    Raises:
        CannotLook: There are no rows, or too few.
    """
    if rows.X is None or len(rows.X) < 2:
        raise CannotLook(f"the look {look!r} plays against rows: look(network, {look!r}, X), with at least 2 rows.")
    module = copy.deepcopy(fitted.module_).cpu().double()
    X = fitted._read(rows.X, reset=False).inputs.cpu().float()
    order = np.random.default_rng(0).permutation(len(X))[:_ROWS]
    X = X[torch.from_numpy(order)]
    rule: Adversarial = fitted._rule(module)
    batch = fitted._batch_size(len(X))
    pace = Pace(batch, int(fitted.epochs), -(-len(X) // batch))
    plane = X.flatten(1).numpy()
    extent = _extent(plane)
    given = {"rows": X.numpy(), **_tables(module.n_noise), "marks": _marks(pace)}
    found = clusters(plane)
    live = GamePlane(module, rule, pace, extent, found, given)
    starts = _starts(fitted.module_)
    drawn = {
        "rows_x": plane[:400, 0],
        "rows_y": plane[:400, 1],
        "n_rows": np.array(len(X)),
        "all_rows": np.array(len(rows.X)),
        "noise_x": given["noises"][:256, 0],
        "noise_y": given["noises"][:256, min(1, module.n_noise - 1)],
        "centres_x": found.centres[:, 0],
        "centres_y": found.centres[:, 1],
        "n_clusters": np.array(len(found.centres)),
        "rows_group": np.zeros(min(400, len(plane)), np.int64),
        "samples_group": np.ones(256, np.int64),
        "axis_of_line": np.repeat([0, 1], LINES),
        "no_turns": np.zeros(3, np.int64),
        "no_curves": np.zeros((2, len(given["marks"]))),
        **_grid(module.n_noise),
    }
    return Scene(
        look=look,
        title=Text("The game: a forger and a detective", "El juego: un falsificador y un detective"),
        sentence=panels.sentence(found.found, live.critic),
        panels=panels.of_plane(live, extent, found.found),
        controls=_controls(rule, live, starts, len(given["marks"])),
        lists={
            "columns": list(rows.columns) or ["x1", "x2"],
            "clusters": [str(number + 1) for number in range(len(found.centres))],
            "alarms": panels.ALARMS,
        },
        constants={**given, **starts, **drawn, **({"game": np.array(0)} if live.critic else {})},
        module=live.eval(),
    )


def _extent(plane: NDArray[Any]) -> tuple[float, float, float, float]:
    low, high = plane.min(0).astype(float), plane.max(0).astype(float)
    room = np.where(high > low, _ROOM * (high - low), 0.5)
    return low[0] - room[0], high[0] + room[0], low[1] - room[1], high[1] + room[1]


def _tables(n_noise: int) -> dict[str, NDArray[Any]]:
    """The noise that samples are made of, and the places of a critic's penalty."""
    chance = np.random.default_rng(0)
    n = _NOISES if n_noise <= _LONG else _FEW_NOISES
    return {
        "noises": chance.standard_normal((n, n_noise)).astype(np.float32),
        "shares": chance.random(n).astype(np.float32),
    }


def _marks(pace: Pace) -> NDArray[np.int64]:
    """The rounds at which the curves are kept: each of the first ones, then fewer."""
    last = pace.passes * pace.steps
    close = np.arange(1, min(_CLOSE, last) + 1)
    far: Any = np.linspace(_CLOSE, last, min(_MARKS, max(1, last - _CLOSE)) + 1)[1:] if last > _CLOSE else []
    return np.concatenate([close, np.round(far).astype(np.int64)])


def _starts(module: Any) -> dict[str, NDArray[Any]]:
    """The weights of the fitted players, and of such that have learnt nothing."""
    new = copy.deepcopy(module).cpu()
    with Randomness(0):
        draw_weights(new.generator)
        draw_weights(new.discriminator)
    new.averaged.load_state_dict(new.generator.state_dict())
    found = {}
    for name, players in (("own", module), ("new", new)):
        forgers = [Player(each).weights() for each in (players.generator, players.averaged)]
        found[f"{name}_judge"] = Player(players.discriminator).weights().numpy(force=True).astype(np.float32)
        found[f"{name}_forger"] = torch.stack(forgers).numpy(force=True).astype(np.float32)
    return found


def _grid(n_noise: int) -> dict[str, NDArray[Any]]:
    lines = noise_lines(n_noise)
    return {"lines_x": lines[:, :, 0].copy(), "lines_y": lines[:, :, min(1, n_noise - 1)].copy()}


def _controls(rule: Adversarial, live: GamePlane, starts: dict[str, NDArray[Any]], marks: int) -> list[Control]:
    d, g = (_written(starts[name]) for name in ("own_judge", "own_forger"))
    penalty = float(rule.game.penalty)
    blank = {"turns": "no_turns", "curves": "no_curves"}
    states: list[Control] = [
        State("judge", np.stack([d, np.zeros_like(d)])),
        State("forger", np.stack([g[0], np.zeros_like(g[0]), g[1]])),
        State("turns", np.zeros(3, np.int64)),
        State("curves", np.zeros((2, marks))),
    ]
    kinds: list[Control] = [] if live.critic else [
        Choice("game", Text("what G drives down", "lo que G hace bajar"), panels.COSTS,
               int(isinstance(rule.game, Saturating)))
    ]  # fmt: skip
    moves = {"both": panels.BOTH, "d": panels.D_ALONE, "g": panels.G_ALONE}
    buttons = [
        Button(f"step_{who}", label, {name: f"{who}_{name}" for name in STATES},
               plays=True, until="over")
        for who, label in moves.items()
    ]  # fmt: skip
    return [
        Choice("view", Text("view", "vista"), panels.TABS, tabs=True),
        *states,
        *buttons,
        Number("steps", Text("steps a press", "pasos por pulsación"), live.most, 1, live.most, whole=True),
        Button("fresh", Text("start anew", "empezar de nuevo"), {"judge": "new_d", "forger": "new_g", **blank}),
        Button("back", Text("as fitted", "como se ajustó"), {"judge": "own_d", "forger": "own_g", **blank}),
        Number("penalty", Text("penalty on D's slope", "castigo a la pendiente de D"), penalty, 0,
               max(2.0, 2 * penalty), 0.1),
        *kinds,
        Toggle("averaged", Text("the mean of the generators of late", "la media de los últimos generadores")),
    ]  # fmt: skip


def _written(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same numbers with no more digits than they need: a page holds states as text."""
    return np.array([float(str(each)) for each in weights.ravel()]).reshape(weights.shape)
