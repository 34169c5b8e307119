"""Kanji: Chinese characters as they are written, stroke by stroke."""

from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.places import Files
from neurarium.datasets.sketches import load_sketches


def load(files: Files) -> Dataset:
    """Kanji as pen strokes, simplified to few points.

    Returns:
        `data`, `valid_data`, `test_data`: lists of drawings, each (points, 3) float32: the step to the right, the step
        down, and 1 where the pen is lifted after it.

    Raises:
        ValueError: If the file is damaged.
    """
    return load_sketches(files, CARD)


CARD = DatasetCard(
    name="sketch_kanji",
    title="Kanji as pen strokes (short version)",
    kind="real",
    task=("drawing", "sequences"),
    shape="10,000 + 600 + 500 characters of at most 88 points",
    address="https://github.com/hardmaru/sketch-rnn-datasets",
    licence="CC BY-SA 3.0",
    citation="U. Apel, KanjiVG; D. Ha, Recurrent net dreams up fake Chinese characters, 2015.",
    folder="sketch",
    note="its own file, in the folder kanji",
    limits=Limits(members=3, member_bytes=3_200_000, total_bytes=3_800_000),
    files=(
        RemoteFile(
            "kanji/short_kanji.npz", "f6855ba03d58f44830499dd98e7cb99f46c970651f4f16f2d886398f34709914", 1_439_856
        ),
    ),
)
