"""Scenes with every mark and every control, small enough to be printed in a moment: for the tests of page and paper."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from neurarium.page.controls import Button, Choice, Grid, Noise, Number, Pad, Picture, PointSet, State, Toggle, Typed
from neurarium.page.html import document
from neurarium.page.marks import (
    Bars,
    Cells,
    Formula,
    Hull,
    Images,
    Links,
    Matrix,
    Named,
    Points,
    Raster,
    Ref,
    Series,
    Tokens,
    Words,
)
from neurarium.page.noise import uniform
from neurarium.page.scene import Axis, Entry, Panel, Scene
from neurarium.page.words import Text

HOSTILE = '<img src=x onerror="document.title=1">'


def both(english: str, spanish: str | None = None) -> Text:
    """A text, the same in both languages where no Spanish is given."""
    return Text(english, spanish or english)


class Every(nn.Module):
    """Something small for each mark to show."""

    def forward(
        self, t, angle, bold, digit, table, place, points_xy, points_group, points_used, text, text_length, noise, level
    ):
        steps = torch.linspace(0, 6.28, 40)
        curves = torch.stack([torch.sin(steps + angle), torch.cos(steps * 2 + angle), torch.sin(steps) * level])
        grid = torch.linspace(-2, 2, 20)
        gap_x = (grid[None, :, None] - points_xy[None, None, :, 0]) ** 2
        gap_y = (grid[:, None, None] - points_xy[None, None, :, 1]) ** 2
        sign = points_used * (1 - 2 * points_group)
        surface = (torch.exp(-2 * (gap_x + gap_y)) * sign).sum(-1)
        blurred = nn.functional.avg_pool2d(digit[None, None], 3, 1, 1)[0, 0]
        score = torch.stack([digit.mean(), digit[:4].mean(), digit[4:].mean(), place.sum() / 4, noise.mean() - 0.5])
        weights = torch.outer(torch.cos(steps[:12] * (1 + angle)), torch.sin(steps[:8] + t))
        return {
            "curves": curves * torch.where(bold, 2.0, 1.0),
            "low": curves[0] - 0.3,
            "high": curves[0] + 0.3,
            "surface": surface,
            "weights": weights,
            "unit": weights.index_select(0, t.reshape(1))[0],
            "points_x": points_xy[:, 0],
            "points_y": points_xy[:, 1],
            "maps": torch.stack([digit, blurred, digit - blurred, (digit > 0.5).float()]),
            "change": (digit - blurred)[None],
            "score": score,
            "best": score.argmax(),
            "fit": score.max(),
            "colours": torch.stack([digit, blurred, 1 - digit], -1)[None],
            "heard": torch.sin(torch.arange(24.0) * level),
            "next": level + 1,
            "enough": (level >= 6).float(),
            "letters": text_length,
            "sums": table.sum(1),
        }


def every() -> Scene:
    """All marks and controls at once."""
    rng = np.random.default_rng(0)
    shelf = np.zeros((4, 8, 8), np.float32)
    shelf[0, 1:7, 3:5] = 1
    shelf[1, 1:7, 1:7] = 1
    shelf[1, 2:6, 2:6] = 0
    shelf[2, np.arange(8), np.arange(8)] = 1
    shelf[3] = uniform(3, (8, 8)) > 0.5
    xy = np.concatenate([rng.normal((-0.8, 0.5), 0.4, (9, 2)), rng.normal((0.8, -0.4), 0.4, (9, 2))]).astype(np.float32)
    angles = np.linspace(0, 2 * np.pi, 7)[:6]
    hex_x, hex_y = np.meshgrid(np.arange(5), np.arange(4))
    hex_x = (hex_x + 0.5 * (hex_y % 2)).ravel()
    hex_y = (hex_y * 0.866).ravel()
    cloud = rng.normal(size=(160, 2))
    return Scene(
        look="every",
        title=both("Every mark and every control", "Todas las marcas y todos los controles"),
        sentence=both(
            "At step {t:d} the score is largest for {best|classes}: {fit:.2f}; the text has {letters:d} letters.",
            "En el paso {t:d} la mayor puntuación es de {best|classes}: {fit:.2f}; el texto tiene {letters:d} letras.",
        ),
        panels=[
            Panel(
                both("A network in the chart's cells", "Una red en las celdas del mapa"),
                [
                    Links(
                        [0, 0, 0, 1, 1, 2, 2, 3],
                        [0, 1, 2, 0.5, 1.5, 0.5, 1.5, 1],
                        [1, 1, 1, 2, 2, 3, 3, 4],
                        [0.5, 0.5, 1.5, 0.5, 1.5, 1, 1, 1],
                        [1, -0.6, 0.3, -1.2, 0.8, 0.1, -0.9, 1],
                    ),
                    Cells(
                        [0, 0, 0, 1, 1, 2, 2, 3, 4],
                        [0, 1, 2, 0.5, 1.5, 0.5, 1.5, 1, 1],
                        [
                            "input",
                            "input/ring",
                            "input",
                            "hidden",
                            "hidden/triangle",
                            "recurrent",
                            "recurrent",
                            "kernel",
                            "output",
                        ],
                        labels=["petal", "sepal", HOSTILE, "", "", "", "", "", "setosa"],
                        radius=0.22,
                        picks="t",
                        highlight=Ref("t"),
                    ),
                ],
                note=both("Chosen: cell {t:d}.", "Elegida: la celda {t:d}."),
                square=True,
            ),
            Panel(
                both("Curves", "Curvas"),
                [
                    Series(
                        Ref("curves"),
                        names=[both("one", "uno"), both("two", "dos"), HOSTILE],
                        cursor=Ref("t"),
                        picks="t",
                    ),
                    Series(Ref("curves", (0,)), low=Ref("low"), high=Ref("high")),
                ],
                x=Axis(both("time step", "paso")),
                y=Axis(both("activation", "activación")),
            ),
            Panel(
                both("A surface with points to move", "Una superficie con puntos que se mueven"),
                [
                    Raster(Ref("surface"), (-2, 2, -2, 2), levels=(0,)),
                    Points(
                        Ref("points_x"),
                        Ref("points_y"),
                        group=Ref("points_group"),
                        groups="classes",
                        used=Ref("points_used"),
                        size=5,
                        drags="points",
                    ),
                ],
                x=Axis(Entry(0, "columns")),
                y=Axis(Entry(1, "columns")),
                square=True,
            ),
            Panel(
                both("Weights", "Pesos"),
                [
                    Matrix(
                        Ref("weights"),
                        rows=[f"unit {i}" for i in range(12)],
                        columns="features",
                        picks=("t", ""),
                        highlight=(Ref("t"), -1),
                    )
                ],
                note=both("Rows are units.", "Las filas son unidades."),
            ),
            Panel(
                both("Weights in numbers", "Pesos en números"),
                [Matrix(Ref("weights_still"), scale="magnitude", numbers=True)],
                size="small",
            ),
            Panel(both("Draw here", "Dibuja aquí"), [Images(Ref("digit"), draws="digit")], size="small"),
            Panel(
                both("Maps", "Mapas"),
                [
                    Images(
                        Ref("maps"),
                        columns=4,
                        labels=["input", "blurred", "edges", HOSTILE],
                        over=Ref("over"),
                        picks="shown",
                        highlight=Ref("shown"),
                    )
                ],
            ),
            Panel(both("In colours", "En colores"), [Images(Ref("colours"))], size="small"),
            Panel(
                both("Scores", "Puntuaciones"),
                [Bars(Ref("score"), labels="classes", highlight=Ref("best"), threshold=0.2)],
                size="small",
            ),
            Panel(
                both("A text as one unit hears it", "Un texto como lo oye una unidad"),
                [Tokens(Named(Ref("codes"), "letters"), Ref("heard"), picks="t", highlight=Ref("t"))],
            ),
            Panel(
                both("The sum", "La suma"),
                [
                    Formula(
                        [
                            "mrow",
                            ["mi", "h"],
                            ["mo", "="],
                            ["mi", "tanh"],
                            ["mo", "("],
                            ["msub", ["mi", "w"], ["mn", "{t:d}"]],
                            ["mo", "·"],
                            ["mi", "x"],
                            ["mo", ")"],
                            ["mo", "="],
                            ["mfrac", ["mn", "{fit:.3f}"], ["msqrt", ["mn", "2"]]],
                        ],
                        both("h = tanh(w_{t:d} · x) = {fit:.3f} / √2"),
                    )
                ],
                size="small",
            ),
            Panel(
                both("A map of hexagons", "Un mapa de hexágonos"),
                [
                    Hull(
                        (hex_x[:, None] + 0.57 * np.sin(angles)).tolist(),
                        (hex_y[:, None] + 0.57 * np.cos(angles)).tolist(),
                        value=np.linspace(0, 1, 20).tolist(),
                        picks="t",
                        highlight=Ref("t"),
                    ),
                    Words([1, 3], [1, 2], [both("here", "aquí"), HOSTILE]),
                ],
                square=True,
                size="small",
            ),
            Panel(
                both("Many points, coloured by a value", "Muchos puntos, coloreados por un valor"),
                [
                    Points(
                        cloud[:, 0].tolist(),
                        cloud[:, 1].tolist(),
                        value=np.hypot(*cloud.T).tolist(),
                        size=4,
                        ring=(np.hypot(*cloud.T) > 2.2).astype(float).tolist(),
                    )
                ],
                x=Axis(both("first", "primera")),
                y=Axis(both("second", "segunda")),
                size="small",
            ),
            Panel(
                both("A place to drag", "Un lugar que se arrastra"),
                [Points(Ref("place", (0,)), Ref("place", (1,)), drags="place")],
                x=Axis(both("z1"), -2, 2),
                y=Axis(both("z2"), -2, 2),
                square=True,
                size="small",
            ),
            Panel(
                both("Eight classes", "Ocho clases"),
                [Points(list(range(8)), [1] * 8, group=list(range(8)), groups="many", size=7)],
                x=Axis(both("class", "clase"), ticks="many"),
                when=("shown", (1,)),
                size="wide",
            ),
            Panel(
                both("A step on a logarithmic axis", "Un escalón en un eje logarítmico"),
                [
                    Series([1.0, 0.3, 0.1, 0.02, 0.004], style="step"),
                    Series([0.8, 0.2, 0.15, 0.01, 0.002], style="dots"),
                ],
                x=Axis(both("lag", "retardo")),
                y=Axis(both("gradient norm", "norma del gradiente"), log=True),
                size="wide",
            ),
        ],
        controls=[
            Choice(
                "shown",
                both("what is shown", "lo que se ve"),
                [both("first", "primero"), both("second", "segundo"), "third", HOSTILE],
                tabs=True,
            ),
            Number("t", both("step", "paso"), 2, 0, 8, whole=True, plays=True),
            Number("angle", both("angle", "ángulo"), 0.5, 0, 3, 0.1),
            Toggle("bold", both("twice as large", "el doble de grande")),
            Choice("kind", both("kind", "tipo"), [both("a", "a"), both("b", "b"), HOSTILE]),
            Picture(
                "digit",
                both("picture", "imagen"),
                shelf[0],
                samples="shelf",
                sample_labels=["bar", "ring", "line", HOSTILE],
            ),
            Grid(
                "table",
                both("table", "tabla"),
                np.eye(3),
                -2,
                2,
                0.5,
                samples="tables",
                sample_labels=["one", both("two", "dos"), HOSTILE],
            ),
            PointSet("points", both("points", "puntos"), xy, np.repeat([0, 1], 9), "classes", capacity=64),
            Pad("place", both("place", "lugar"), (0.5, -0.5), (-2, -2), (2, 2)),
            Typed("text", both("text", "texto"), [3, 4, 5], "letters", 24),
            Noise("noise", both("noise", "ruido"), (6,), 7),
            State("level", np.array(1.0, np.float32)),
            Button("step", both("one step", "un paso"), {"level": "next"}, plays=True, until="enough"),
        ],
        lists={
            "classes": ["setosa", HOSTILE, "virginica", "place", "noise"],
            "columns": ["petal length (cm)", HOSTILE],
            "features": [f"feature {i}" for i in range(7)] + [HOSTILE],
            "letters": ["?", *"abcdefghijklmnopqrstuvwxyz \n"],
            "many": ["zero", "one", "two", "three", "four", "five", "six", "seven"],
        },
        constants={
            "shelf": shelf,
            "tables": np.stack([np.eye(3), np.ones((3, 3)), np.tri(3) / 2]).astype(np.float32),
            "weights_still": np.round(uniform(5, (5, 6)) * 200 - 40, 1).astype(np.float32),
            "codes": np.array([20, 8, 5, 27, 3, 1, 20, 27, 19, 1, 20, 27, 15, 14, 27, 20, 8, 5, 27, 13, 1, 20, 28, 26]),
            "over": np.stack([shelf[2] - shelf[1]] * 4),
        },
        module=Every(),
        python='neurarium.look(fitted, "every", X)',
    )


def small() -> Scene:
    """One panel, one slider, no module: frames that a slider picks."""
    frames = np.cumsum(uniform(1, (12, 30)) - 0.5, 1).astype(np.float32)
    return Scene(
        look="frames",
        title=both("Frames", "Cuadros"),
        sentence=both("Frame {t:d} of 12.", "Cuadro {t:d} de 12."),
        panels=[
            Panel(
                both("A walk", "Un paseo"),
                [Series(Ref("frames", ("t",)))],
                x=Axis(both("step", "paso")),
                y=Axis(both("place", "lugar"), -5, 5),
            )
        ],
        controls=[Number("t", both("frame", "cuadro"), 3, 0, 11, whole=True, plays=True)],
        constants={"frames": frames},
        python='neurarium.look(fitted, "frames")',
    )


# What the tests of the page's script compare with: `python tests/page/samples.py` writes it.

FOLDER = Path(__file__).parents[2] / "frontend" / "tests" / "fixtures"
CHANGES: dict[str, Any] = {
    "t": 5,
    "angle": 1.25,
    "bold": True,
    "kind": 2,
    "digit": np.round(uniform(11, (8, 8)) * 255).astype(np.float32) / np.float32(255),
    "table": np.array([[-2, 0.1, 2], [0, -0.25, 1e-3], [0.5, 1, 0]], np.float32),
    "points": (uniform(12, (5, 2)) * 2 - 1, np.array([0, 1, 0, 1, 1])),
    "place": (1.5, -0.25),
    "text": [1, 2, 0, 28],
    "noise": 2**32 - 1,
}


def scenes() -> dict[str, Any]:
    """A scene as the page is given it, and as JSON at first and with every control moved."""
    scene = every()
    page = json.loads(document([scene]).split('id="neurarium">')[1].split("</script>")[0])
    return {"look": page["looks"][0], "start": scene.to_json(), "changed": scene.set(**CHANGES).to_json()}


def words() -> list[Any]:
    """Places, numbers, and how Python fills them."""
    numbers = [
        0.125,
        0.375,
        2.5,
        -2.5,
        0.5,
        1.005,
        -0.0,
        -0.001,
        1e-9,
        1e22,
        123456.789,
        -7.0,
        float("nan"),
        float("inf"),
        float("-inf"),
    ]
    forms = ["{x}", "{x:d}", "{x:+d}", "{x:.0f}", "{x:.2f}", "{x:+.1f}", "{x:.1%}", "{x:+.0%}", "{x:.20f}"]
    lists = {"names": ["zero", both("one", "uno"), HOSTILE]}
    filled = []
    for form in forms:
        for number in numbers:
            if "d}" in form and not np.isfinite(number):
                continue
            value = np.array(number)
            filled.append([form, repr(number), both(form).filled("en", {"x": value}, lists)])
    for number in (-1, 0, 1, 2, 3):
        filled.append(
            ["{x|names}", repr(float(number)), both("{x|names}").filled("es", {"x": np.array(number)}, lists)]
        )
    return filled


def main() -> None:
    """Write all."""
    for name, made in {"scene": scenes(), "words": words()}.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
