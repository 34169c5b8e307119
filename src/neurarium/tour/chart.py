# ruff: noqa: E501  # a table reads best a row a line
"""The chart: all 37 networks that neurarium means to have, so that those not built yet can be shown as such.

The first 27 are those of the "mostly complete chart of neural networks" (van Veen, 2016), the other ten stand around
it. For a network in the catalogue its own card counts; this table is for the others, and holds the Spanish names.
"""

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
    """

    code: str
    name: str
    spanish: str
    year: int
    tier: Tier
    family: Family
    layers: Layers
    links: Links


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


def _rows(*rows: tuple[str, str, str, int, Tier, Family, str, Links]) -> dict[str, Place]:
    return {row[0]: Place(*row[:6], cells(row[6]), row[7]) for row in rows}


# fmt: off
CHART = _rows(
    ("P", "Perceptron", "Perceptrón", 1958, "B", "feed-forward", "i2 o1", "forward"),
    ("FF", "Feed-forward network", "Red prealimentada", 1986, "A", "feed-forward", "i2 h2 o1", "forward"),
    ("RBF", "Radial basis network", "Red de base radial", 1988, "A", "feed-forward", "i2 h2 o1", "forward"),
    ("DFF", "Deep feed-forward network", "Red prealimentada profunda", 1986, "B", "feed-forward", "i3 h4 h4 o2", "forward"),
    ("RNN", "Recurrent neural network", "Red neuronal recurrente", 1990, "B", "recurrent", "i3 r3 r3 o2", "self"),
    ("LSTM", "Long short-term memory", "Larga memoria a corto plazo", 1997, "B", "recurrent", "i3 m3 m3 o2", "self"),
    ("GRU", "Gated recurrent unit", "Unidad recurrente con compuertas", 2014, "B", "recurrent", "i3 dm3 dm3 o2", "self"),
    ("AE", "Autoencoder", "Autocodificador", 1988, "A", "encoder-decoder", "i4 h2 mio4", "forward"),
    ("VAE", "Variational autoencoder", "Autocodificador variacional", 2013, "A", "encoder-decoder", "i4 ph2 mio4", "forward"),
    ("DAE", "Denoising autoencoder", "Autocodificador que elimina ruido", 2008, "A", "encoder-decoder", "ni4 h2 mio4", "forward"),
    ("SAE", "Sparse autoencoder", "Autocodificador disperso", 2006, "A", "encoder-decoder", "i2 h4 mio2", "forward"),
    ("MC", "Markov chain", "Cadena de Márkov", 1913, "B", "chain", "ph6", "complete"),
    ("HN", "Hopfield network", "Red de Hopfield", 1982, "A", "energy", "bi6", "complete"),
    ("BM", "Boltzmann machine", "Máquina de Boltzmann", 1985, "B", "energy", "bi3 ph3", "complete"),
    ("RBM", "Restricted Boltzmann machine", "Máquina de Boltzmann restringida", 1986, "A", "energy", "bi4 ph3", "forward"),
    ("DBN", "Deep belief network", "Red de creencia profunda", 2006, "A", "energy", "bi4 ph3 h4 ph3 mio4", "forward"),
    ("DCN", "Deep convolutional network", "Red convolucional profunda", 1998, "B", "convolutional", "k4 cp3 cp3 h3 o2", "forward"),
    ("DN", "Deconvolutional network", "Red deconvolucional", 2010, "C", "convolutional", "i2 h3 cp3 cp3 k4", "forward"),
    ("DCIGN", "Deep convolutional inverse graphics network", "Red convolucional profunda de gráficos inversos", 2015, "C", "encoder-decoder", "k4 cp3 ph3 cp3 k4", "forward"),
    ("GAN", "Generative adversarial network", "Red generativa antagónica", 2014, "B", "adversarial", "bi3 h4 mio3 h4 mio2", "forward"),
    ("LSM", "Liquid state machine", "Máquina de estado líquido", 2002, "B", "reservoir", "i3 sh5 o2", "random"),
    ("ELM", "Extreme learning machine", "Máquina de aprendizaje extremo", 2006, "A", "feed-forward", "i3 h5 o2", "random"),
    ("ESN", "Echo state network", "Red de estados de eco", 2001, "A", "reservoir", "i3 r5 o2", "random"),
    ("DRN", "Deep residual network", "Red residual profunda", 2015, "B", "feed-forward", "i3 h3 h3 h3 o2", "direct"),
    ("KN", "Kohonen network", "Red de Kohonen", 1982, "A", "map", "i2 h5", "forward"),
    ("SVM", "Support vector machine", "Máquina de vectores de soporte", 1995, "B", "feed-forward", "i3 h4 o1", "forward"),
    ("NTM", "Neural Turing machine", "Máquina de Turing neuronal", 2014, "C", "recurrent", "i3 h3 m4 h3 o2", "self"),
    ("CNN", "Convolutional neural network", "Red neuronal convolucional", 1989, "B", "convolutional", "k4 cp3 h3 o2", "forward"),
    ("MLP", "Multilayer perceptron", "Perceptrón multicapa", 1986, "A", "feed-forward", "i3 h4 o2", "forward"),
    ("BiRNN", "Bidirectional recurrent network", "Red recurrente bidireccional", 1997, "B", "recurrent", "i3 r3 r3 o3", "self"),
    ("BiLSTM", "Bidirectional LSTM", "LSTM bidireccional", 2005, "B", "recurrent", "i3 m3 m3 o3", "self"),
    ("seq2seq", "Encoder-decoder", "Codificador-decodificador", 2014, "B", "encoder-decoder", "i3 m3 h1 m3 o3", "self"),
    ("Transformer", "Transformer", "Transformador", 2017, "B", "encoder-decoder", "i4 h4 h4 o4", "direct"),
    ("SketchRNN", "SketchRNN", "SketchRNN", 2017, "B", "encoder-decoder", "i3 m3 ph2 m3 o3", "self"),
    ("cGAN", "Conditional adversarial network", "Red antagónica condicional", 2016, "C", "adversarial", "k3 cp3 k3 cp3 mio1", "forward"),
    ("FaceGAN", "Person who does not exist", "Persona que no existe", 2018, "C", "adversarial", "bi2 h3 cp3 k4 mio1", "forward"),
    ("B&K", "Auto-associative perceptron", "Perceptrón autoasociativo", 1988, "A", "encoder-decoder", "i4 h2 mio4", "direct"),
)
# fmt: on


def place_of(card: Card) -> Place:
    """A card's place: its own word for everything, the chart's for the Spanish name."""
    spanish = CHART[card.code].spanish if card.code in CHART else card.name
    return Place(card.code, card.name, spanish, card.papers[0].year, card.tier, card.family, card.layers, card.links)
