"""The thirteen kinds of cell in words, formulas and code."""

from dataclasses import dataclass

from neurarium.core.card import Cell
from neurarium.page.words import Text


@dataclass(frozen=True)
class Kind:
    """A kind of cell.

    Attributes:
        name: In both languages.
        does: What it does, in a sentence.
        lines: Its formulas with the live numbers, as `views/formulas.py` has them.
        code: The same in PyTorch: it leaves its answer in `y`.
        dials: The controls that move it.
    """

    name: Text
    does: Text
    lines: tuple[str, ...]
    code: str
    dials: tuple[str, ...]


_SUM = "w · x + b"
_SUMMED = "{w:.2f} · ({x_now:.2f}) {b:+.2f}"

ABOUT: dict[Cell, Kind] = {
    Cell.BACKFED_INPUT: Kind(
        Text("backfed input", "entrada retroalimentada"),
        Text(
            "It is given a number once; from then on it hears, through the others, what it said itself.",
            "Recibe un número una vez; desde entonces oye, a través de las demás, lo que ella misma dijo.",
        ),
        ("s_0 = x = {x_now:.2f}", "s_t+1 = tanh ( w · s_t ) = tanh ( {w:.2f} · ({back_before:.3f}) ) = {y:.3f}"),
        "s = x\nfor _ in range(t + 1):\n    s = torch.tanh(w * s)\ny = s",
        ("x", "w", "t"),
    ),
    Cell.INPUT: Kind(
        Text("input", "entrada"),
        Text("It says what it is given.", "Dice lo que se le da."),
        ("y = x = {y:.2f}",),
        "y = x",
        ("x",),
    ),
    Cell.NOISY_INPUT: Kind(
        Text("noisy input", "entrada con ruido"),
        Text(
            "It says what it is given and chance on top, so that the network learns to do without every single number.",
            "Dice lo que se le da más algo de azar, para que la red aprenda a no depender de cada número.",
        ),
        ("y = x + n · ε_t = {x_now:.2f} + {noise:.2f} · ({epsilon:.2f}) = {y:.3f}",),
        "y = x + noise * epsilon[t]  # epsilon: torch.randn",
        ("x", "noise", "t"),
    ),
    Cell.HIDDEN: Kind(
        Text("hidden", "oculta"),
        Text("It weighs what it hears and bends the sum.", "Pondera lo que oye y curva la suma."),
        (f"y = σ ( {_SUM} ) = σ ( {_SUMMED} ) = {{y:.3f}}",),
        "y = torch.sigmoid(w * x + b)",
        ("x", "w", "b"),
    ),
    Cell.PROBABILISTIC_HIDDEN: Kind(
        Text("probabilistic hidden", "oculta probabilística"),
        Text(
            "The bent sum only says how likely it is on: it throws a die.",
            "La suma curvada solo dice cuán probable es que se encienda: lanza un dado.",
        ),
        (
            f"p = σ ( {_SUM} ) = σ ( {_SUMMED} ) = {{p:.3f}}",
            "u_t = {drawn:.3f}",
            "y = [ u_t < p ] = {y}",
        ),
        "p = torch.sigmoid(w * x + b)\ny = (u[t] < p).float()  # u: torch.rand",
        ("x", "w", "b", "t"),
    ),
    Cell.SPIKING_HIDDEN: Kind(
        Text("spiking hidden", "oculta de impulsos"),
        Text(
            "Its voltage is driven and leaks; at 1 it fires and starts again from 0.",
            "Su voltaje sube con la entrada y se fuga; al llegar a 1 dispara y vuelve a 0.",
        ),
        (
            "v_t = v_t-1 + 0.1 · ( w · x - v_t-1 ) = {voltage_before:.3f} + 0.1 · ( {w:.2f} · ({x_now:.2f}) - "
            "{voltage_before:.3f} ) = {voltage:.3f}",
            "y = [ v_t ≥ 1 ] = {y}",
        ),
        "v = torch.tensor(0.0)\nfor _ in range(t + 1):\n    v = v + 0.1 * (w * x - v)\n    y = (v >= 1).float()\n"
        "    v = torch.where(v >= 1, 0.0, v)",
        ("x", "w", "t"),
    ),
    Cell.OUTPUT: Kind(
        Text("output", "salida"),
        Text(
            "It adds up what the network found; for classes, softmax makes chances of such sums.",
            "Suma lo que la red encontró; para clases, softmax convierte esas sumas en probabilidades.",
        ),
        (f"y = {_SUM} = {_SUMMED} = {{y:.3f}}",),
        "y = w * x + b",
        ("x", "w", "b"),
    ),
    Cell.MATCH_INPUT_OUTPUT: Kind(
        Text("match input output", "salida que iguala la entrada"),
        Text(
            "An output whose goal is the input itself; the error says how far it is from it.",
            "Una salida cuyo objetivo es la propia entrada; el error dice a qué distancia está.",
        ),
        (f"y = {_SUM} = {_SUMMED} = {{y:.3f}}", "e = ( y - x )² = {error:.3f}"),
        "y = w * x + b\nerror = (y - x) ** 2",
        ("x", "w", "b"),
    ),
    Cell.RECURRENT: Kind(
        Text("recurrent", "recurrente"),
        Text("It hears the input and its own last answer.", "Oye la entrada y su propia última respuesta."),
        (
            "h_t = tanh ( w · x_t + u · h_t-1 ) = tanh ( {w:.2f} · ({signal_now:.2f}) + {loop:.2f} · "
            "({heard_before:.3f}) ) = {y:.3f}",
        ),
        "h = torch.tensor(0.0)\nfor x_t in signal[: t + 1]:\n    h = torch.tanh(w * x_t + loop * h)\ny = h",
        ("w", "loop", "t"),
    ),
    Cell.MEMORY: Kind(
        Text("memory", "memoria"),
        Text(
            "The LSTM's: gates say what share of the cell is kept, what is written and what is told; here each gate "
            "is a dial.",
            "La de la LSTM: unas compuertas dicen qué parte de la celda se conserva, qué se escribe y qué se muestra; "
            "aquí cada compuerta es un mando.",
        ),
        (
            "C_t = f · C_t-1 + i · tanh ( w · x_t ) = {keep:.2f} · ({held_before:.3f}) + {write:.2f} · tanh ( "
            "{w:.2f} · ({signal_now:.2f}) ) = {held:.3f}",
            "h_t = o · tanh ( C_t ) = {tell:.2f} · tanh ( {held:.3f} ) = {y:.3f}",
        ),
        "c = torch.tensor(0.0)\nfor x_t in signal[: t + 1]:\n    c = keep * c + write * torch.tanh(w * x_t)\n"
        "y = tell * torch.tanh(c)",
        ("w", "keep", "write", "tell", "t"),
    ),
    Cell.DIFFERENT_MEMORY: Kind(
        Text("different memory", "otra memoria"),
        Text(
            "The GRU's: one gate z shares out between the old state and the new; r says how much of the old the new "
            "one hears.",
            "La de la GRU: una sola compuerta z reparte entre el estado viejo y el nuevo; r dice cuánto del viejo oye "
            "el nuevo.",
        ),
        (
            "n_t = tanh ( w · x_t + r · u · h_t-1 ) = tanh ( {w:.2f} · ({signal_now:.2f}) + {reset:.2f} · {loop:.2f} · "
            "({mixed_before:.3f}) ) = {mixed_new:.3f}",
            "h_t = z · h_t-1 + ( 1 - z ) · n_t = {keep:.2f} · ({mixed_before:.3f}) + ( 1 - {keep:.2f} ) · "
            "({mixed_new:.3f}) = {y:.3f}",
        ),
        "h = torch.tensor(0.0)\nfor x_t in signal[: t + 1]:\n    n = torch.tanh(w * x_t + reset * loop * h)\n"
        "    h = keep * h + (1 - keep) * n\ny = h",
        ("w", "loop", "keep", "reset", "t"),
    ),
    Cell.KERNEL: Kind(
        Text("kernel", "núcleo"),
        Text(
            "It looks at a few neighbours at one place, and weighs them.",
            "Mira unos pocos vecinos en un lugar y los pondera.",
        ),
        (
            "y = k_0 · x_t + k_1 · x_t+1 + k_2 · x_t+2 = {k_0:.2f} · ({s_0:.2f}) + ({k_1:.2f}) · ({s_1:.2f}) + "
            "({k_2:.2f}) · ({s_2:.2f}) = {y:.3f}",
        ),
        "place = min(t, 37)\npatch = signal[place : place + 3]\ny = (weights * patch).sum()",
        ("weights", "t"),
    ),
    Cell.CONVOLUTION_OR_POOL: Kind(
        Text("convolution or pool", "convolución o agrupación"),
        Text(
            "The same kernel at every place, without what is negative; and of each two neighbours the larger.",
            "El mismo núcleo en cada lugar, sin lo negativo; y de cada dos vecinos, el mayor.",
        ),
        ("y = max ( 0 , ({first:.2f}) , ({second:.2f}) ) = {y:.3f}",),
        "maps = torch.relu(F.conv1d(signal[None, None], weights[None, None]))\n"
        "y = F.max_pool1d(maps, 2)[0, 0, min(t, 37) // 2]",
        ("weights", "t"),
    ),
}
"""Every kind; the answer is `y`."""
