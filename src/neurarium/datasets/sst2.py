"""SST-2: sentences from film reviews, kind or unkind."""

from neurarium.datasets import tables
from neurarium.datasets.card import Array, Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Whole sentences of the Stanford Sentiment Treebank, the neutral ones left out, words separated by blanks.

    Returns:
        `data` (6920,) texts, `target` 0 (negative) or 1 (positive); `valid_data` (872,), `test_data` (1821,) and their
        targets.

    Raises:
        ValueError: If a file is damaged.
    """
    data, target = _part(files.text("train.tsv"))
    valid_data, valid_target = _part(files.text("dev.tsv"))
    test_data, test_target = _part(files.text("test.tsv"))
    return Dataset(
        "sst2",
        data,
        target,
        ("negative", "positive"),
        valid_data=valid_data,
        valid_target=valid_target,
        test_data=test_data,
        test_target=test_target,
    )


def _part(text: str) -> tuple[Array, Array]:
    lines = [line.rsplit("\t", 1) for line in text.split("\n") if line]
    return tables.strings([line[0] for line in lines]), tables.codes([line[1] for line in lines], "01")


CARD = DatasetCard(
    name="sst2",
    title="Stanford Sentiment Treebank, two classes",
    kind="real",
    task=("classification of text", "sentiment"),
    shape="6,920 + 872 validation + 1,821 test sentences, 2 classes",
    address="https://nlp.stanford.edu/sentiment/",
    licence="none stated; for research, to be cited",
    citation="R. Socher et al., Recursive deep models for semantic compositionality over a sentiment treebank, "
    "EMNLP 2013.",
    note="its whole sentences only, each followed by a tab and its class",
    files=(
        RemoteFile("train.tsv", "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920", 720_259),
        RemoteFile("dev.tsv", "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359", 92_057),
        RemoteFile("test.tsv", "831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7", 188_749),
    ),
)
