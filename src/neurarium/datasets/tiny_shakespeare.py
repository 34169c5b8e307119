"""Tiny Shakespeare: a megabyte of plays, for models that write letter by letter."""

from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Pieces of Shakespeare's plays. By custom the last tenth is for validation.

    Returns:
        `data` a text of 1,115,394 characters, 65 different.

    Raises:
        ValueError: If the file is damaged.
    """
    return Dataset("tiny_shakespeare", files.text("input.txt"))


CARD = DatasetCard(
    name="tiny_shakespeare",
    title="Tiny Shakespeare",
    kind="real",
    task=("language model", "text"),
    shape="1,115,394 characters, 65 different",
    address="https://github.com/karpathy/char-rnn",
    licence="the text is in the public domain; its repository states none",
    citation="A. Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.",
    files=(
        RemoteFile(
            "input.txt",
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            1_115_394,
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        ),
    ),
)
