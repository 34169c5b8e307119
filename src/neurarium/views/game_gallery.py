"""The scene of a game whose rows are pictures, or have more than two columns."""

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.page.controls import Button, Choice, Control, Noise, Number, State
from neurarium.page.marks import Images, Ref, Series
from neurarium.page.scene import Axis, Panel, Scene
from neurarium.page.words import Text
from neurarium.program.trace import trace
from neurarium.rules.adversarial import Wasserstein
from neurarium.views.energy_rows import shape_of
from neurarium.views.game_pictures import CHOICES, GamePictures
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown

_STOCK, _NUMBERS = 2000, 400_000
_GRID, _JUDGED, _BINS = 24, 400, 24
_LEVELS = 255  # of grey that a page keeps: few different numbers pack well
WALK, NEW, QUIZ = range(3)
TABS = [
    Text("samples and a walk", "muestras y un paseo"),
    Text("a new picture", "una imagen nueva"),
    Text("spot the fake", "encuentre la falsa"),
]


def scene_of(fitted: Any, rows: Shown, look: str) -> Scene:
    """The game of pictures.

    Args:
        fitted: A fitted estimator with two players.
        rows: Rows that it was fitted on.
        look: The look's name.

    Raises:
        CannotLook: There are no rows.
    """
    if rows.X is None or len(rows.X) < CHOICES:
        raise CannotLook(f"the look {look!r} compares with rows: look(network, {look!r}, X), at least {CHOICES} rows.")
    module = copy.deepcopy(fitted.module_).cpu().requires_grad_(False).eval()
    X = fitted._read(rows.X, reset=False).inputs.cpu()
    kept = np.random.default_rng(0).permutation(len(X))[: max(CHOICES, min(_STOCK, _NUMBERS // X[0].numel()))]
    stock = X[torch.from_numpy(kept)]
    low, high = float(stock.min()), float(stock.max()) or 1.0
    shape = _shape(fitted, rows, tuple(X.shape[1:]))
    if len(shape) == 3 or shape[0] > 1:
        stock = low + ((stock - low) * _LEVELS / (high - low)).round() * (high - low) / _LEVELS
    live = GamePictures(module, shape, low, high, _cost(module))
    critic = isinstance(fitted._rule(module).game, Wasserstein)
    constants, made = _compared(module, stock)
    pictures = live.pictures(made[:_GRID]).numpy(force=True).astype(np.float32)
    columns = 8 if len(shape) == 3 or shape[0] > 1 else 1
    return Scene(
        look=look,
        title=Text("The game: a forger and a detective", "El juego: un falsificador y un detective"),
        sentence=_sentence(critic),
        panels=[*_walk(columns, critic), *_new(columns, critic), *_quiz(columns)],
        controls=_controls(module.n_noise),
        lists={
            "verdicts": _VERDICTS,
            "choices": [str(number + 1) for number in range(CHOICES)],
        },
        constants={
            **constants,
            "stock": stock.numpy().astype(np.float32),
            "n_stock": np.array(len(stock)),
            "all_rows": np.array(len(X)),
            "made": pictures,
        },
        module=live,
        only={
            **dict.fromkeys(("ends", "way"), ("view", (WALK,))),
            "fresh": ("view", (NEW,)),
            **dict.fromkeys(("quiz", *(f"pick_{each}" for each in range(CHOICES))), ("view", (QUIZ,))),
        },
    )


def _shape(fitted: Any, rows: Shown, shape: tuple[int, ...]) -> tuple[int, ...]:
    if shape[0] == 3 and shape[1] > 1:
        return (*shape[1:], 3)
    if shape[0] == 1 and shape[1] > 1:
        return shape[1:]
    return shape_of(fitted, rows, int(np.prod(shape)))


def _cost(module: Any) -> int:
    """Multiplications that make one picture."""
    return trace(module.averaged, (torch.zeros(1, module.n_noise, dtype=module.low.dtype),), fixed=True).operations()


@torch.no_grad()
def _compared(module: Any, stock: torch.Tensor) -> tuple[dict[str, NDArray[Any]], torch.Tensor]:
    """What D says of rows and of samples, and how far each lies from the nearest row; and the samples."""
    noise = np.random.default_rng(0).standard_normal((_JUDGED, module.n_noise))
    made = module.generate(torch.from_numpy(noise).to(stock.dtype))
    some = stock[:_JUDGED]
    real, fake = module(some), module(made)
    between = torch.cdist(some.flatten(1), stock.flatten(1))
    between[torch.arange(len(some)), torch.arange(len(some))] = torch.inf
    gaps = between.amin(1), torch.cdist(made.flatten(1), stock.flatten(1)).amin(1)
    found: dict[str, NDArray[Any]] = {}
    for name, pair in (("said", (real, fake)), ("gap", gaps)):
        both = torch.cat(pair).double().numpy()
        edges = np.linspace(both.min(), max(both.max(), both.min() + 1e-6), _BINS + 1)
        found[f"{name}_bins"] = (edges[1:] + edges[:-1]) / 2
        found[name] = np.stack([np.histogram(each.double().numpy(), edges)[0] / len(each) for each in pair])
        found[f"row_{name}"], found[f"sample_{name}"] = (np.array(float(each.mean())) for each in pair)
    return found, made


def _sentence(critic: bool) -> Text:
    if critic:
        said = (
            "gives rows {row_said:.2f} and samples {sample_said:.2f}",
            "da {row_said:.2f} a las filas y {sample_said:.2f} a las muestras",
        )
    else:
        said = (
            "says {row_said:.2f} of rows and {sample_said:.2f} of samples on average, ½ being: cannot tell",
            "dice {row_said:.2f} de las filas y {sample_said:.2f} de las muestras en promedio; ½ es: no distingue",
        )
    return Text(
        f"D {said[0]}. A sample lies {{sample_gap:.2f}} from the nearest row, a row {{row_gap:.2f}} from the nearest "
        "other one.",
        f"D {said[1]}. Una muestra dista {{sample_gap:.2f}} de la fila más cercana, una fila {{row_gap:.2f}} de la "
        "más cercana entre las demás.",
    )


def _controls(n_noise: int) -> list[Control]:
    scores = {"asked": "next_asked", "judged": "next_judged", "last": "this"}
    return [
        Choice("view", Text("view", "vista"), TABS, tabs=True),
        Noise("ends", Text("another walk", "otro paseo"), (2, 2, n_noise)),
        Number("way", Text("on the way", "en el camino"), 0, 0, 1, 0.02, plays=True),
        Noise("fresh", Text("a new picture", "una imagen nueva"), (2, n_noise), seed=1),
        Noise("quiz", Text("next question", "siguiente pregunta"), (1 + CHOICES + 2 * n_noise,), seed=2),
        *(
            Button(f"pick_{each}", Text(f"picture {each + 1} is the fake", f"la falsa es la {each + 1}"),
                   {**scores, "right": f"right_{each}"})
            for each in range(CHOICES)
        ),
        State("asked", np.array(0)), State("right", np.array(0)), State("judged", np.array(0)),
        State("last", np.full((), -1, np.float32)),
    ]  # fmt: skip


_KINDS = [Text("rows", "filas"), Text("samples of G", "muestras de G")]
_VERDICTS = [
    Text("Which of the four has G made?", "¿Cuál de las cuatro hizo G?"),
    Text("The framed one was made by G. Ask for the next question.", "La del marco la hizo G. Pida otra pregunta."),
]


def _walk(columns: int, critic: bool) -> list[Panel]:
    tab = ("view", (WALK,))
    said = ("D's score", "D le da") if critic else ("D believes in it to", "D cree en ella")
    return [
        Panel(
            Text("Samples", "Muestras"),
            [Images(Ref("made"), columns=columns)],
            note=Text(f"{_GRID} of them, none chosen.", f"{_GRID} de ellas, sin elegir."),
            when=tab,
        ),
        Panel(
            Text("On the way from one noise to another", "En el camino de un ruido a otro"),
            [Images(Ref("walked"), columns=1)],
            note=Text(f"{said[0]}: {{walked_said:.2f}}.", f"{said[1]}: {{walked_said:.2f}}."),
            size="small",
            when=tab,
        ),
        Panel(
            Text("The whole way", "Todo el camino"),
            [Images(Ref("stations"), columns=9 if columns > 1 else 1, highlight=Ref("station"))],
            note=Text(
                "Along an arc, so that the noise keeps its size. Where neighbours are alike, G has understood, not "
                "copied.",
                "Por un arco, para que el ruido conserve su tamaño. Si los vecinos se parecen, G entendió y no copió.",
            ),
            size="wide",
            when=tab,
        ),
    ]


def _new(columns: int, critic: bool) -> list[Panel]:
    tab = ("view", (NEW,))
    what = Text("D's score", "puntuación de D") if critic else Text("D(x)", "D(x)")
    pair = [Text("made just now", "recién hecha"), Text("nearest row", "fila más cercana")]
    return [
        Panel(
            Text("A new picture, and the nearest one learnt from", "Una imagen nueva, y la más cercana de las vistas"),
            [Images(Ref("pair"), columns=2 if columns > 1 else 1, labels=pair)],
            note=Text(
                "{distance:.2f} apart; rows lie {row_gap:.2f} from their nearest. Searched among {n_stock} of "
                "{all_rows} rows.",
                "Distan {distance:.2f}; las filas distan {row_gap:.2f} de su más cercana. Buscada entre {n_stock} de "
                "{all_rows} filas.",
            ),
            when=tab,
        ),
        Panel(
            Text("How far from the nearest row", "Qué tan lejos de la fila más cercana"),
            [Series(Ref("gap"), Ref("gap_bins"), names=_KINDS, style="step", cursor=Ref("distance"))],
            note=Text(
                "The cursor is the new picture. Samples at distance 0 would be copies.",
                "El cursor es la imagen nueva. Muestras a distancia 0 serían copias.",
            ),
            x=Axis(Text("distance", "distancia")),
            y=Axis(Text("share", "parte"), low=0),
            when=tab,
        ),
        Panel(
            Text("What D says of rows and of samples", "Lo que D dice de filas y de muestras"),
            [Series(Ref("said"), Ref("said_bins"), names=_KINDS, style="step", cursor=Ref("new_said"))],
            note=Text("The new picture: {new_said:.2f}.", "La imagen nueva: {new_said:.2f}."),
            x=Axis(what),
            y=Axis(Text("share", "parte"), low=0),
            when=tab,
        ),
    ]


def _quiz(columns: int) -> list[Panel]:
    return [
        Panel(
            Text("{answered|verdicts}", "{answered|verdicts}"),
            [Images(Ref("asked_pictures"), columns=CHOICES if columns > 1 else 1, labels="choices",
                    highlight=Ref("told_place"))],
            note=Text(
                "You were right {right} times of {asked}, D {judged} times. By chance it would be one in four.",
                "Usted acertó {right} de {asked} veces, D {judged}. Al azar sería una de cada cuatro.",
            ),
            size="wide",
            when=("view", (QUIZ,)),
        )
    ]  # fmt: skip
