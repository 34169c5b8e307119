"""Aaron's sheep: ten thousand people drew one each."""

from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.places import Files
from neurarium.datasets.sketches import load_sketches


def load(files: Files) -> Dataset:
    """Sheep drawn for the Sheep Market.

    Returns:
        `data`, `valid_data`, `test_data`: lists of drawings, each (points, 3) float32: the step to the right, the step
        down, and 1 where the pen is lifted after it.

    Raises:
        ValueError: If the file is damaged.
    """
    return load_sketches(files, CARD)


CARD = DatasetCard(
    name="sketch_sheep",
    title="Sheep of the Sheep Market as pen strokes",
    kind="real",
    task=("drawing", "sequences"),
    shape="7,400 + 300 + 300 drawings of at most 250 points",
    address="https://github.com/hardmaru/sketch-rnn-datasets",
    licence="CC BY-NC 4.0",
    citation="A. Koblin, The Sheep Market, 2006; "
    "D. Ha and D. Eck, A neural representation of sketch drawings, ICLR 2018.",
    folder="sketch",
    note="its own file, in the folder aaron_sheep",
    limits=Limits(members=3, member_bytes=6_500_000, total_bytes=7_500_000),
    files=(
        RemoteFile(
            "aaron_sheep/aaron_sheep.npz", "65f8e51e43587661798ac137a204c9e049e0d11dcd50cba372ae3ca32de8b54c", 2_287_653
        ),
    ),
)
