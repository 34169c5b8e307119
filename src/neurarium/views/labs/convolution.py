"""Convolution arithmetic: a window slides over a table of numbers, multiplies and adds up."""

import numpy as np
import torch
from numpy.typing import NDArray

from neurarium.page.controls import Button, Choice, Control, Grid, Number
from neurarium.page.marks import Matrix, Named, Ref
from neurarium.page.noise import uniform
from neurarium.page.scene import Panel, Scene
from neurarium.page.words import Text
from neurarium.views.convolution_arithmetic import DILATION, KERNEL, LARGEST, PADDING, POOL, SIDE, STRIDE, Arithmetic
from neurarium.views.convolution_words import sizes, sums
from neurarium.views.levels import DO, FORMULA, LEVEL, OF_THE_LECTURE, SEE, seed

NAME = "convolution"
TITLE = Text("Convolution arithmetic", "Aritmética de convoluciones")
ORDER = 20

PICTURE = [
    [18, 54, 51, 239, 244, 188],
    [55, 121, 75, 78, 95, 88],
    [35, 24, 204, 113, 109, 221],
    [3, 154, 104, 235, 25, 130],
    [15, 253, 225, 159, 78, 233],
    [68, 85, 180, 214, 245, 0],
]
"""The lecture's input image; its weights are the first of `KERNELS`."""

KERNELS: list[tuple[Text, list[list[int]]]] = [
    (Text("of the lecture", "de la clase"), [[1, 0, 1], [0, 1, 0], [1, 0, 1]]),
    (Text("upright edges", "bordes verticales"), [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    (Text("level edges", "bordes horizontales"), [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]),
    (Text("spots", "manchas"), [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    (Text("sharper", "más nítido"), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    (Text("sum of all", "suma de todo"), [[1, 1, 1], [1, 1, 1], [1, 1, 1]]),
    (Text("relief", "relieve"), [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    (Text("as it is", "tal cual"), [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
]


def scene() -> Scene:
    """The lecture's picture and weights, the window at the first place: 429."""
    pictures, kernels = examples()
    places: list[str | Text] = ["0", *map(str, range(1, LARGEST + 1))]
    return Scene(
        look=NAME,
        title=TITLE,
        sentence=Text(
            "{outcome|outcomes} Row {row_told}, column {column_told}: {told}. The output is {out_rows} × "
            "{out_columns}.",
            "{outcome|outcomes} Fila {row_told}, columna {column_told}: {told}. La salida es de {out_rows} × "
            "{out_columns}.",
        ),
        panels=_panels(),
        controls=_controls(pictures[0], kernels[0]),
        lists={"places": places, "counted": places[1:], "outcomes": _OUTCOMES, "poolings": _POOLINGS},
        constants={"pictures": pictures, "kernels": kernels},
        module=Arithmetic(torch.from_numpy(pictures), torch.from_numpy(kernels)),
        tries=_TRIES,
        only=_ONLY,
    )


def examples() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The lecture's picture and made-up ones, each with a kernel, in tables of the largest size."""
    pictures = np.floor(256 * uniform(3, (len(KERNELS), SIDE, SIDE))).astype(np.float32)
    pictures[0] = 0
    pictures[0, :6, :6] = PICTURE
    kernels = np.zeros((len(KERNELS), KERNEL, KERNEL), np.float32)
    kernels[:, :3, :3] = [kernel for _, kernel in KERNELS]
    return pictures, kernels


_OUTCOMES = [
    Text(
        "The kernel lies on a window of the input; numbers that meet are multiplied, and their sum is one number.",
        "El núcleo se pone sobre una ventana de la entrada; los números que coinciden se multiplican y su suma es un "
        "solo número.",
    ),
    Text(
        "Each number of the input stamps the kernel, so many times as strong, into the output, and stamps add up.",
        "Cada número de la entrada estampa el núcleo, multiplicado por él, en la salida, y las estampas se suman.",
    ),
    *[Text("The kernel is larger than the input with its frame: there is no output.",
           "El núcleo es mayor que la entrada con su marco: no hay salida.")] * 2,
]  # fmt: skip

_POOLINGS = [Text("the largest", "el máximo"), Text("the mean", "la media")]

_TRIES = [
    Text(
        "Press “Next place”, then “Keep going”: the window slides, and its sums are 429, 505, 686, 856 …",
        "Pulse «Lugar siguiente» y luego «Seguir»: la ventana se desliza y sus sumas son 429, 505, 686, 856 …",
    ),
    Text(
        "At “Do”, set padding to 1: the first corner is 139 and the output 6 × 6. Then padding 0 and stride 2: "
        "429 686, 633 851.",
        "En «Hacer», ponga el relleno en 1: la primera esquina es 139 y la salida, 6 × 6. Luego relleno 0 y paso 2: "
        "429 686, 633 851.",
    ),
    Text(
        "Set stride back to 1 and look at max pooling: 792 856, 913 851. Then choose the transposed convolution and "
        "stride 3: the stamps no longer touch.",
        "Vuelva al paso 1 y mire la agrupación por máximo: 792 856, 913 851. Luego elija la convolución transpuesta y "
        "el paso 3: las estampas ya no se tocan.",
    ),
]


def _panels() -> list[Panel]:
    framed = Matrix(Ref("framed"), Named(Ref("row_names"), "places"), Named(Ref("column_names"), "places"),
                    numbers=True, marked=Ref("read"))  # fmt: skip
    return [
        Panel(
            Text("Input", "Entrada"),
            [framed],
            note=Text("Rows and columns called 0 are padding.", "Las filas y columnas llamadas 0 son relleno."),
        ),
        Panel(Text("Kernel (weights)", "Núcleo (pesos)"), [Matrix(Ref("weights"), numbers=True)], size="small"),
        Panel(
            Text("Output", "Salida"),
            [Matrix(Ref("output"), "counted", "counted", numbers=True, picks=("row", "column"), marked=Ref("wrote"))],
        ),
        *sums(),
        Panel(
            Text("The stamp: kernel times the number", "La estampa: el núcleo por el número"),
            [Matrix(Ref("products"), numbers=True)],
            size="small",
            when=("written", (0,)),
        ),
        Panel(
            Text("After ReLU: negative numbers become 0", "Tras ReLU: los negativos pasan a 0"),
            [Matrix(Ref("relu"), "counted", "counted", numbers=True)],
            when=("relu_shown", (1,)),
        ),
        Panel(
            Text(
                "After pooling: {pooling|poolings} of {pool_rows} × {pool_size}",
                "Tras agrupar: {pooling|poolings} de {pool_rows} × {pool_size}",
            ),
            [Matrix(Ref("pooled"), "counted", "counted", numbers=True)],
            size="small",
            when=("level", (DO,)),
        ),
        *sizes(),
    ]


def _controls(picture: NDArray[np.float32], kernel: NDArray[np.float32]) -> list[Control]:
    def number(name: str, english: str, spanish: str, value: int, low: int, high: int) -> Number:
        return Number(name, Text(english, spanish), value, low, high, whole=True)

    return [
        LEVEL,
        Button(
            "next_place",
            Text("Next place", "Lugar siguiente"),
            {"row": "next_row", "column": "next_column"},
            plays=True,
        ),
        seed(len(KERNELS), OF_THE_LECTURE),
        Choice(
            "operation",
            Text("operation", "operación"),
            [Text("convolution", "convolución"), Text("transposed convolution", "convolución transpuesta")],
        ),
        Choice(
            "dimension",
            Text("dimensions", "dimensiones"),
            [Text("2: a picture", "2: imagen"), Text("1: the first row", "1: primera fila")],
        ),
        number("stride", "stride", "paso", 1, 1, STRIDE),
        number("padding", "padding", "relleno", 0, 0, PADDING),
        number("dilation", "dilation", "dilatación", 1, 1, DILATION),
        number("kernel_size", "size of the kernel", "tamaño del núcleo", 3, 1, KERNEL),
        number("rows", "rows of the input", "filas de la entrada", 6, 1, SIDE),
        number("columns", "columns of the input", "columnas de la entrada", 6, 1, SIDE),
        Choice("pooling", Text("pooling", "agrupación"), _POOLINGS),
        number("pool_size", "size of the pool", "tamaño del grupo", 2, 2, POOL),
        number("row", "window: row (from 0)", "ventana: fila (desde 0)", 0, 0, LARGEST - 1),
        number("column", "window: column (from 0)", "ventana: columna (desde 0)", 0, 0, LARGEST - 1),
        Button(
            "take",
            Text("Edit these numbers", "Editar estos números"),
            {"image": "taken_image", "kernel": "taken_kernel", "seed": "lecture"},
        ),
        Grid("image", Text("input", "entrada"), picture, -999, 999, samples="pictures"),
        Grid(
            "kernel",
            Text("kernel", "núcleo"),
            kernel,
            -99,
            99,
            samples="kernels",
            sample_labels=[name for name, _ in KERNELS],
        ),
    ]


_DOING = (
    "operation",
    "dimension",
    "dilation",
    "kernel_size",
    "rows",
    "columns",
    "pooling",
    "pool_size",
    "row",
    "column",
)
_ONLY: dict[str, tuple[str, tuple[int, ...]]] = {
    **dict.fromkeys(_DOING, ("level", (DO,))),
    **dict.fromkeys(("stride", "padding"), ("level", (DO, FORMULA))),
    "next_place": ("level", (SEE, DO)),
    "take": ("preset", (1,)),
    "image": ("editable", (1,)),
    "kernel": ("editable", (1,)),
}
