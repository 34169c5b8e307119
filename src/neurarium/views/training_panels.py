"""The panels of the look "training", and what it says."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurarium.page.marks import Images, Matrix, Ref, Series
from neurarium.page.scene import Axis, Panel
from neurarium.page.words import Text
from neurarium.views.training_film import Film
from neurarium.views.training_layers import CORNER
from neurarium.views.training_sight import NOW

STEP = Text("step", "paso")
METRICS = {
    "loss": Text("loss", "pérdida"),
    "reconstruction": Text("reconstruction", "reconstrucción"),
    "divergence": Text("divergence", "divergencia"),
    "topographic_error": Text("topographic error", "error topográfico"),
    "value": Text("value of the game", "valor del juego"),
    "discriminator": Text("discriminator's loss", "pérdida del discriminador"),
    "generator": Text("generator's loss", "pérdida del generador"),
    "reach": Text("reach", "alcance"),
}
"""What metrics are called; a name that is not here is shown as the rule has it."""
_WIDE = 30  # ratio from which on numbers above 0 are drawn by their logarithms
_LONG = 40  # steps from which on the axis of steps is


def along(film: Film) -> Axis:
    """The axis of steps."""
    last = film.frames[-1].step
    return Axis(STEP, *((1, last, True) if last > _LONG else (0, last, False)))


def _logarithms(numbers: NDArray[Any]) -> bool:
    there = numbers[np.isfinite(numbers)]
    return bool(len(there) and there.min() > 0 and there.max() > _WIDE * there.min())


def course(film: Film, courses: NDArray[Any]) -> Panel:
    """What the rule drives down, and what else it measures."""
    many = len(film.metrics) > 1
    title = Text("What the rule measures", "Lo que mide la regla") if many else Text("Loss", "Pérdida")
    curve = Series(Ref("courses"), x=Ref("places"), names="metrics" if many else None, cursor=Ref("cursor"))
    return Panel(
        title,
        [curve],
        Text(
            "Means between the steps drawn. The line marks the moment shown.",
            "Medias entre los pasos dibujados. La línea marca el momento mostrado.",
        ),
        x=along(film),
        y=Axis(log=_logarithms(courses)),
    )


def slopes(film: Film, lengths: NDArray[Any]) -> Panel:
    """How steep the loss was in the weights of each layer."""
    title = Text("How far the weights move, by layer", "Cuánto se mueven los pesos, por capa")
    note = Text(
        "This rule keeps no gradient to be read: drawn is the change of the weights since the moment before, a step.",
        "Esta regla no guarda un gradiente que se pueda leer: se dibuja el cambio de los pesos desde el momento "
        "anterior, por paso.",
    )
    if film.by_gradient:
        title = Text("Length of the gradient, by layer", "Longitud del gradiente, por capa")
        note = Text("Of the step taken there, as the rule used it", "Del paso dado ahí, tal como lo usó la regla")
        whole = film.frames[-1].epoch == film.frames[-1].step  # all rows in a step
        more = ("", "") if whole else (": of a single batch, so it jumps", ": de un solo lote, por eso salta")
        note = Text(f"{note.en}{more[0]}.", f"{note.es}{more[1]}.")
    curve = Series(Ref("slopes"), x=Ref("frame_steps"), names="layers", cursor=Ref("cursor"))
    return Panel(title, [curve], note, x=along(film), y=Axis(log=_logarithms(lengths)))


def spread(high: float) -> Panel:
    """How the weights of each layer are spread."""
    return Panel(
        Text("How the weights are spread, by layer", "Cómo se reparten los pesos, por capa"),
        [Series(Ref("spread", NOW), x=Ref("bins"), names="layers", style="step")],
        x=Axis(Text("weight", "peso")),
        y=Axis(Text("share", "proporción"), 0, high),
    )


def weights(number: int, of: tuple[int, ...], *, pictures: int, only: bool) -> Panel:
    """The weights of a layer, or some of them.

    Args:
        number: The layer's place among those that can be shown.
        of: The shape of all of its weights.
        pictures: Of how many units they are drawn as a picture each; 0 for a matrix.
        only: Whether there is no other layer to choose.
    """
    name, limits = Ref(f"weights_{number}", NOW), Ref(f"limits_{number}")
    rows = " x ".join(map(str, of))
    note = None
    if pictures:
        note = Text(
            f"{pictures} of the {of[0]} units, each with its weights as a picture.",
            f"{pictures} de las {of[0]} unidades, cada una con sus pesos como imagen.",
        )
    elif len(of) > 2 or max(of) > CORNER:
        note = Text(f"A corner of the {rows} weights.", f"Una esquina de los {rows} pesos.")
    return Panel(
        Text("Weights of {layer|shown}", "Pesos de {layer|shown}") if not only else Text("Weights", "Pesos"),
        [Images(name, 6, scale="signed", limits=limits) if pictures else Matrix(name, limits=limits)],
        note,
        when=None if only else ("layer", (number,)),
    )


def told(fitted: Any, film: Film) -> Text:
    """What the film shows, and how it was made."""
    name, last = type(fitted).__name__, film.frames[-1]
    first = METRICS.get(film.metrics[0], Text(film.metrics[0], film.metrics[0]))
    now = Text(
        f"{name} after step {{step}} of {last.step}, {{epoch}} complete passes: {first.en} {{now:.4f}}.",
        f"{name} tras el paso {{step}} de {last.step}, {{epoch}} pasadas completas: {first.es} {{now:.4f}}.",
    )
    if film.ending == "interrupted":
        how = Text(
            "The fit was repeated for this film and interrupted; the film ends there.",
            "El ajuste se repitió para esta película y se interrumpió; la película termina ahí.",
        )
    elif film.same:
        how = Text(
            "For this film the fit was repeated from the same seed; it ended with the very same weights, bit for bit.",
            "Para esta película se repitió el ajuste con la misma semilla; terminó con los mismos pesos, bit a bit.",
        )
    else:
        how = Text(
            "For this film the fit was repeated on the rows given; it ended with other weights than the network has, "
            "which was fitted on other rows or in another way.",
            "Para esta película se repitió el ajuste con las filas dadas; terminó con otros pesos que los de la red, "
            "que se ajustó con otras filas o de otro modo.",
        )
    return Text(f"{now.en} {how.en}", f"{now.es} {how.es}")
