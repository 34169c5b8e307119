# ruff: noqa: E501  # a table reads best a row a line
"""The chart: all 37 networks that neurarium means to have, so that those not built yet can be shown as such.

The first 27 are those of the "mostly complete chart of neural networks" (van Veen, 2016), the other ten stand around
it. For a network in the catalogue its own card counts; this table is for the others, and holds the Spanish names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from neurarium.core.card import Card, Cell, Family, Links, Tier

Layers = tuple[tuple[Cell, int], ...]

_LETTERS = {
    "bi": Cell.BACKFED_INPUT,
    "i": Cell.INPUT,
    "ni": Cell.NOISY_INPUT,
    "h": Cell.HIDDEN,
    "ph": Cell.PROBABILISTIC_HIDDEN,
    "sh": Cell.SPIKING_HIDDEN,
    "o": Cell.OUTPUT,
    "mio": Cell.MATCH_INPUT_OUTPUT,
    "r": Cell.RECURRENT,
    "m": Cell.MEMORY,
    "dm": Cell.DIFFERENT_MEMORY,
    "k": Cell.KERNEL,
    "cp": Cell.CONVOLUTION_OR_POOL,
}


@dataclass(frozen=True)
class Place:
    """A network's place on the chart.

    Attributes:
        code: The chart's letters.
        name, spanish: As people say it.
        year: Of the founding paper.
        tier, family, links: As on a card.
        layers: Kind and number of cells of each column.
        verb: Its task: what it does, or is to do, in the tour.
        departs: Where the chart's drawing departs from the paper, "" where it does not.
    """

    code: str
    name: str
    spanish: str
    year: int
    tier: Tier
    family: Family
    layers: Layers
    links: Links
    verb: str
    departs: str = ""


def cells(notation: str) -> Layers:
    """Cell notation as layers: kind and number, column by column.

    Example:
        >>> cells("i2 h3")
        ((<Cell.INPUT: 'input'>, 2), (<Cell.HIDDEN: 'hidden'>, 3))
    """
    columns = []
    for word in notation.split():
        letters = word.rstrip("0123456789")
        columns.append((_LETTERS[letters], int(word.removeprefix(letters))))
    return tuple(columns)


def _rows(*rows: tuple[str, str, str, int, Tier, Family, str, Links, str]) -> dict[str, Place]:
    return {row[0]: Place(*row[:6], cells(row[6]), *row[7:], departs=_DEPARTS.get(row[0], "")) for row in rows}


# fmt: off
_DEPARTS = {
    "DFF": "It has no founding paper of its own: the chart draws one more hidden layer than for FF.",
    "SAE": "The chart draws plain hidden cells; in the paper only a few of them are active at a time, which is the point.",
    "DBN": "The chart draws one kind of link; in the paper the two top layers are linked both ways, and those below them only downwards.",
    "DN": "The chart draws a convolutional network turned round, which generates; the network of 2010 solves for the few features that explain an image.",
    "DCIGN": "The chart draws probabilistic cells in the middle; in the paper each is taught to stand for one thing, such as the pose or the light.",
    "LSM": "The chart draws a layer; the paper's neurons fill a column in space and are linked by chance, near ones more often.",
    "DRN": "The drawing shows one link over all layers; the paper has one over every two of them.",
    "SVM": "It is no network in the paper: the hidden cells stand for rows that were learnt from, which a kernel compares with the input.",
    "NTM": "The chart draws the memory as a layer; in the paper it is a table beside the network, which reads and writes it through heads.",
}
CHART = _rows(
    ("P", "Perceptron", "Perceptrón", 1958, "B", "feed-forward", "i2 o1", "forward", "classify"),
    ("FF", "Feed-forward network", "Red prealimentada", 1986, "A", "feed-forward", "i2 h2 o1", "forward", "classify"),
    ("RBF", "Radial basis network", "Red de base radial", 1988, "A", "feed-forward", "i2 h2 o1", "forward", "classify"),
    ("DFF", "Deep feed-forward network", "Red prealimentada profunda", 1986, "B", "feed-forward", "i3 h4 h4 o2", "forward", "classify"),
    ("RNN", "Recurrent neural network", "Red neuronal recurrente", 1990, "B", "recurrent", "i3 r3 r3 o2", "self", "classify rows"),
    ("LSTM", "Long short-term memory", "Larga memoria a corto plazo", 1997, "B", "recurrent", "i3 m3 m3 o2", "self", "classify rows"),
    ("GRU", "Gated recurrent unit", "Unidad recurrente con compuertas", 2014, "B", "recurrent", "i3 dm3 dm3 o2", "self", "classify rows"),
    ("AE", "Autoencoder", "Autocodificador", 1988, "A", "encoder-decoder", "i4 h2 mio4", "forward", "compress"),
    ("VAE", "Variational autoencoder", "Autocodificador variacional", 2013, "A", "encoder-decoder", "i4 ph2 mio4", "forward", "compress"),
    ("DAE", "Denoising autoencoder", "Autocodificador que elimina ruido", 2008, "A", "encoder-decoder", "ni4 h2 mio4", "forward", "compress"),
    ("SAE", "Sparse autoencoder", "Autocodificador disperso", 2006, "A", "encoder-decoder", "i2 h4 mio2", "forward", "features"),
    ("MC", "Markov chain", "Cadena de Márkov", 1913, "B", "chain", "ph6", "complete", "simulate"),
    ("HN", "Hopfield network", "Red de Hopfield", 1982, "A", "energy", "bi6", "complete", "recall"),
    ("BM", "Boltzmann machine", "Máquina de Boltzmann", 1985, "B", "energy", "bi3 ph3", "complete", "recall"),
    ("RBM", "Restricted Boltzmann machine", "Máquina de Boltzmann restringida", 1986, "A", "energy", "bi4 ph3", "forward", "features"),
    ("DBN", "Deep belief network", "Red de creencia profunda", 2006, "A", "energy", "bi4 ph3 h4 ph3 mio4", "forward", "features"),
    ("DCN", "Deep convolutional network", "Red convolucional profunda", 1998, "B", "convolutional", "k4 cp3 cp3 h3 o2", "forward", "classify"),
    ("DN", "Deconvolutional network", "Red deconvolucional", 2010, "C", "convolutional", "i2 h3 cp3 cp3 k4", "forward", "compress"),
    ("DCIGN", "Deep convolutional inverse graphics network", "Red convolucional profunda de gráficos inversos", 2015, "C", "encoder-decoder", "k4 cp3 ph3 cp3 k4", "forward", "compress"),
    ("GAN", "Generative adversarial network", "Red generativa antagónica", 2014, "B", "adversarial", "bi3 h4 mio3 h4 mio2", "forward", "sample"),
    ("LSM", "Liquid state machine", "Máquina de estado líquido", 2002, "B", "reservoir", "i3 sh5 o2", "random", "classify rows"),
    ("ELM", "Extreme learning machine", "Máquina de aprendizaje extremo", 2006, "A", "feed-forward", "i3 h5 o2", "random", "classify"),
    ("ESN", "Echo state network", "Red de estados de eco", 2001, "A", "reservoir", "i3 r5 o2", "random", "classify rows"),
    ("DRN", "Deep residual network", "Red residual profunda", 2015, "B", "feed-forward", "i3 h3 h3 h3 o2", "direct", "classify"),
    ("KN", "Kohonen network", "Red de Kohonen", 1982, "A", "map", "i2 h5", "forward", "map"),
    ("SVM", "Support vector machine", "Máquina de vectores de soporte", 1995, "B", "feed-forward", "i3 h4 o1", "forward", "classify"),
    ("NTM", "Neural Turing machine", "Máquina de Turing neuronal", 2014, "C", "recurrent", "i3 h3 m4 h3 o2", "self", "copy"),
    ("CNN", "Convolutional neural network", "Red neuronal convolucional", 1989, "B", "convolutional", "k4 cp3 h3 o2", "forward", "classify"),
    ("MLP", "Multilayer perceptron", "Perceptrón multicapa", 1986, "A", "feed-forward", "i3 h4 o2", "forward", "classify"),
    ("BiRNN", "Bidirectional recurrent network", "Red recurrente bidireccional", 1997, "B", "recurrent", "i3 r3 r3 o3", "self", "classify rows"),
    ("BiLSTM", "Bidirectional LSTM", "LSTM bidireccional", 2005, "B", "recurrent", "i3 m3 m3 o3", "self", "classify rows"),
    ("seq2seq", "Encoder-decoder", "Codificador-decodificador", 2014, "B", "encoder-decoder", "i3 m3 h1 m3 o3", "self", "translate"),
    ("Transformer", "Transformer", "Transformador", 2017, "B", "encoder-decoder", "i4 h4 h4 o4", "direct", "translate"),
    ("SketchRNN", "SketchRNN", "SketchRNN", 2017, "B", "encoder-decoder", "i3 m3 ph2 m3 o3", "self", "sample"),
    ("cGAN", "Conditional adversarial network", "Red antagónica condicional", 2016, "C", "adversarial", "k3 cp3 k3 cp3 mio1", "forward", "translate"),
    ("FaceGAN", "Person who does not exist", "Persona que no existe", 2018, "C", "adversarial", "bi2 h3 cp3 k4 mio1", "forward", "sample"),
    ("B&K", "Auto-associative perceptron", "Perceptrón autoasociativo", 1988, "A", "encoder-decoder", "i4 h2 mio4", "direct", "compress"),
)
# fmt: on


def places(cards: Mapping[str, Card]) -> list[Place]:
    """All places of the chart, in its order, and behind them the networks that are not on it.

    Args:
        cards: Of the networks that are built, by code.
    """
    built = {code: place_of(card) for code, card in cards.items()}
    on = [built.get(code, place) for code, place in CHART.items()]
    return on + [place for code, place in built.items() if code not in CHART]


def place_of(card: Card) -> Place:
    """A card's place: its own word for everything, the chart's for the Spanish name."""
    spanish = CHART[card.code].spanish if card.code in CHART else card.name
    return Place(
        card.code,
        card.name,
        spanish,
        card.papers[0].year,
        card.tier,
        card.family,
        card.layers,
        card.links,
        card.verb,
        card.departs,
    )
