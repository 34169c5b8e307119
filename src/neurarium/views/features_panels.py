"""The panels of the look "features" for one layer."""

from torch import nn

from neurarium.page.marks import Formula, Images, Matrix, Ref
from neurarium.page.scene import Panel
from neurarium.page.words import Text
from neurarium.views.convolutions import MapLayer

_BELOW = Text("map below", "mapa de abajo")
_WINDOW = Text("in the window", "en la ventana")
_WINNERS = Text("the winners", "los ganadores")


def layer_panels(number: int, layer: MapLayer, most: int, low: float, high: float) -> list[Panel]:
    """All maps for the tab of all layers, and the layer's own tab.

    Args:
        number: The layer's place.
        layer: The layer.
        most: Maps that are shown.
        low, high: The range of a pixel.
    """
    own = ("shown", (number + 1,))
    maps = Images(Ref(f"maps_{number}"), 16, scale="signed", picks="unit", highlight=Ref(f"unit_{number}"))
    count, (height, width) = layer.maps, layer.sides
    note = Text(f"{count} maps of {height} x {width}", f"{count} mapas de {height} x {width}")
    if count > most:
        note = Text(f"{note.en}, the first {most} of them", f"{note.es}, los primeros {most}")
    panels = [
        Panel(_titled(number, "", ""), [maps], note, size="wide", when=("shown", (0, number + 1))),
        Panel(
            Text(
                f"Map {{unit_{number}}}: {{number_{number}:+.2f}} here",
                f"Mapa {{unit_{number}}}: {{number_{number}:+.2f}} aquí",
            ),
            [
                Matrix(
                    Ref(f"map_{number}"),
                    numbers=max(layer.sides) <= 8,
                    picks=("row", "column"),
                    highlight=(Ref(f"row_{number}"), Ref(f"column_{number}")),
                )
            ],
            Text(
                "Choose a cell to look at the window behind it.", "Elija una celda para ver la ventana de la que sale."
            ),
            when=own,
        ),
    ]
    if isinstance(layer.module, nn.Conv2d):
        panels += _convolution(number, layer.module, own) + _looked_for(number, layer, low, high, own)
    elif isinstance(layer.module, nn.MaxPool2d | nn.AvgPool2d):
        panels += _pooling(number, layer.module, own)
    return panels


def _titled(number: int, en: str, es: str) -> Text:
    return Text(f"{{layer_{number}|layers}}{en}", f"{{layer_{number}|layers}}{es}")


When = tuple[str, tuple[int, ...]]


def _convolution(number: int, part: nn.Conv2d, own: When) -> list[Panel]:
    numbers = [
        ("patch", Text("What lies under the kernel", "Lo que hay bajo el núcleo")),
        ("kernel", Text("The kernel", "El núcleo")),
        ("product", Text("Their product", "Su producto")),
    ]
    n = number
    terms = [("here", Text("this product", "este producto")), ("bias", Text("bias", "sesgo"))]
    if part.in_channels > part.groups:
        terms.insert(1, ("elsewhere", Text("the other maps below", "los otros mapas de abajo")))
    added = [["mn", f"{{{name}_{n}:+.3f}}"] for name, _ in terms]  # each with its sign
    tree = [
        "mrow", ["msub", ["mi", "a"], ["mn", f"{{unit_{n}}}"]], ["mo", "("], ["mn", f"{{row_{n}}}"], ["mo", ","],
        ["mn", f"{{column_{n}}}"], ["mo", ")"], ["mo", "="], *added, ["mo", "="], ["mn", f"{{number_{n}:+.3f}}"],
    ]  # fmt: skip
    english, spanish = (
        " ".join(f"{{{name}_{n}:+.3f}} ({getattr(text, language)})" for name, text in terms)
        for language in ("en", "es")
    )
    plain = Text(f"a = {english} = {{number_{n}:+.3f}}", f"a = {spanish} = {{number_{n}:+.3f}}")
    return [
        Panel(
            Text(f"Map {{channel_{n}}} below, and the window", f"Mapa {{channel_{n}}} de abajo, y la ventana"),
            [Images(Ref(f"below_{n}"), 2, [_BELOW, _WINDOW], "signed")],
            size="small",
            when=own,
        ),
        *(Panel(title, [Matrix(Ref(f"{name}_{n}"), numbers=True)], size="small", when=own) for name, title in numbers),
        Panel(
            Text("The sum", "La suma"),
            [Formula(tree, plain)],
            Text(
                "The product with this map below, that with all others, and the bias; 'map below' says which it is.",
                "El producto con este mapa de abajo, el de todos los otros, y el sesgo; «mapa de abajo» dice cuál es.",
            ),
            when=own,
        ),
    ]


def _looked_for(number: int, layer: MapLayer, low: float, high: float, own: When) -> list[Panel]:
    height, width = layer.seen
    return [
        Panel(
            Text(f"What moves map {{unit_{number}}} most", f"Lo que más mueve el mapa {{unit_{number}}}"),
            [Images(Ref(f"patches_{number}", (f"unit_{number}",)), 3, limits=(low, high))],
            Text(
                f"The patches of {height} x {width} pixels, each from another row, where it is largest.",
                f"Los trozos de {height} x {width} píxeles, cada uno de otra fila, donde es mayor.",
            ),
            size="small",
            when=own,
        ),
        Panel(
            Text("Made to move it", "Hecha para moverlo"),
            [Images(Ref(f"largest_{number}", (f"unit_{number}",)), limits=(low, high))],
            Text(
                "Noise, changed step by step along the gradient of the map's mean.",
                "Ruido, cambiado paso a paso según el gradiente de la media del mapa.",
            ),
            size="small",
            when=own,
        ),
    ]


def _pooling(number: int, part: nn.Module, own: When) -> list[Panel]:
    n, largest = number, isinstance(part, nn.MaxPool2d)
    labels = [_BELOW, _WINDOW, _WINNERS] if largest else [_BELOW, _WINDOW]
    title = Text(f"Map {{unit_{n}}} below", f"Mapa {{unit_{n}}} de abajo")
    window = Matrix(
        Ref(f"window_{n}"),
        numbers=True,
        highlight=(Ref(f"winner_row_{n}"), Ref(f"winner_column_{n}")) if largest else None,
    )
    name, spanish = ("largest", "mayor") if largest else ("mean", "media")
    return [
        Panel(title, [Images(Ref(f"below_{n}"), 3, labels, "signed")], when=own),
        Panel(
            Text(f"The window: {name} {{number_{n}:+.3f}}", f"La ventana: {spanish} {{number_{n}:+.3f}}"),
            [window],
            size="small",
            when=own,
        ),
    ]
