"""MNIST: the handwritten digits that every learner is tried on."""

from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import mnist_like
from neurarium.datasets.places import Files

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # the home page no longer hands out the files


def load(files: Files) -> Dataset:
    """Handwritten digits as grey images.

    Returns:
        `data` (60000, 28, 28) float32 in [0, 1], `target` the digit; `test_data` (10000, 28, 28), `test_target`.

    Raises:
        ValueError: If a file is damaged.
    """
    return mnist_like("mnist", files, tuple("0123456789"))


CARD = DatasetCard(
    name="mnist",
    title="MNIST handwritten digits",
    kind="real",
    task=("classification", "images", "reconstruction", "sampling"),
    shape="60,000 + 10,000 test images of 28 x 28 grey values",
    address="http://yann.lecun.com/exdb/mnist/",
    licence="none stated by the authors; freely redistributed by them and others for research and teaching",
    citation="Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86, 1998.",
    limits=Limits(members=1, member_bytes=47_040_016, total_bytes=47_040_016),
    files=(
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            9_912_422,
            MIRROR + "train-images-idx3-ubyte.gz",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            28_881,
            MIRROR + "train-labels-idx1-ubyte.gz",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            1_648_877,
            MIRROR + "t10k-images-idx3-ubyte.gz",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            4_542,
            MIRROR + "t10k-labels-idx1-ubyte.gz",
        ),
    ),
)
