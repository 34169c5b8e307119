"""Fashion-MNIST: clothes in the format of MNIST, and harder than digits."""

from neurarium.datasets.card import Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.pictures import mnist_like
from neurarium.datasets.places import Files

HOME = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load(files: Files) -> Dataset:
    """Pieces of clothing as grey images.

    Returns:
        `data` (60000, 28, 28) float32 in [0, 1], `target` the class; `test_data` (10000, 28, 28), `test_target`.

    Raises:
        ValueError: If a file is damaged.
    """
    return mnist_like("fashion_mnist", files, CLASSES)


CARD = DatasetCard(
    name="fashion_mnist",
    title="Fashion-MNIST",
    kind="real",
    task=("classification", "images", "reconstruction", "sampling"),
    shape="60,000 + 10,000 test images of 28 x 28 grey values",
    address="https://github.com/zalandoresearch/fashion-mnist",
    licence="MIT",
    citation="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine "
    "learning algorithms, arXiv:1708.07747, 2017.",
    limits=Limits(members=1, member_bytes=47_040_016, total_bytes=47_040_016),
    files=(
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            26_421_880,
            HOME + "train-images-idx3-ubyte.gz",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            29_515,
            HOME + "train-labels-idx1-ubyte.gz",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            4_422_102,
            HOME + "t10k-images-idx3-ubyte.gz",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            5_148,
            HOME + "t10k-labels-idx1-ubyte.gz",
        ),
    ),
)
