"""The ISOMAP faces: one computed head, seen under changing light and from changing sides."""

from io import BytesIO

import numpy as np

from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Faces of which the three causes of their looks are known.

    Returns:
        `data` (698, 32, 32) float32 in [0, 1]; `target` (698, 3) float32, light direction, pan and tilt, each with
        mean 0 and standard deviation 1.

    Raises:
        ValueError: If the file is damaged.
    """
    from scipy.io import loadmat  # not at the top: listing the shelf must stay cheap

    matrices = loadmat(BytesIO(files.read("face_1024.mat")), variable_names=["dataY", "dataT"])
    columns_first = matrices["dataY"].T.reshape(-1, 32, 32)  # as MATLAB writes
    return Dataset(
        "isomap_faces",
        np.ascontiguousarray(columns_first.swapaxes(1, 2), np.float32),
        np.ascontiguousarray(matrices["dataT"].T, np.float32),
        target_names=("light", "pan", "tilt"),
    )


CARD = DatasetCard(
    name="isomap_faces",
    title="ISOMAP faces at 32 x 32",
    kind="real",
    task=("regression on images", "disentangling", "reconstruction"),
    shape="698 images of 32 x 32 grey values with 3 real factors",
    address="https://web.mit.edu/cocosci/isomap/datasets.html",
    licence="none stated",
    citation="J. B. Tenenbaum, V. de Silva and J. C. Langford, A global geometric framework for nonlinear "
    "dimensionality reduction, Science 290, 2000.",
    note="a file derived from its face_data.mat, whose images are of 64 x 64",
    files=(RemoteFile("face_1024.mat", "f375b7b3a46afea330157bee5811298efb58a24eece870de9a9b154367a9e96f", 2_123_336),),
)
