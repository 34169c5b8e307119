"""War and Peace in English: one long novel, for models of text and for counting letters."""

from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """The novel, with Project Gutenberg's header and licence around it.

    Returns:
        `data` a text of 3,227,579 characters.

    Raises:
        ValueError: If the file is damaged.
    """
    return Dataset("war_and_peace", files.text("warandpeace.txt"))


CARD = DatasetCard(
    name="war_and_peace",
    title="War and Peace",
    kind="real",
    task=("language model", "text"),
    shape="3,227,579 characters",
    address="https://www.gutenberg.org/ebooks/2600",
    licence="public domain in the USA; Project Gutenberg licence in the file",
    citation="L. Tolstoy, War and Peace, translated by L. and A. Maude, Project Gutenberg.",
    note="one of its editions: Project Gutenberg has changed the file since",
    files=(
        RemoteFile("warandpeace.txt", "bf5b273d9246268f96663c43c00a1055ae2e42c2262be32f7e43b48dd123451a", 3_293_492),
    ),
)
