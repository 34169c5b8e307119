"""WikiText-2: good Wikipedia articles, word by word."""

from neurarium.datasets.card import Dataset, DatasetCard, RemoteFile
from neurarium.datasets.places import Files


def load(files: Files) -> Dataset:
    """Articles as text. Words are separated by blanks, rare ones replaced by `<unk>`; a line's end counts as a word.

    Returns:
        `data`, `valid_data` and `test_data`, texts of 2,088,628, 217,646 and 245,569 words, 33,278 different.

    Raises:
        ValueError: If a file is damaged.
    """
    training, validation, test = (files.text(f"wiki.{part}.tokens") for part in ("train", "valid", "test"))
    return Dataset("wikitext2", training, valid_data=validation, test_data=test)


CARD = DatasetCard(
    name="wikitext2",
    title="WikiText-2, word level",
    kind="real",
    task=("language model", "text"),
    shape="2,088,628 + 217,646 validation + 245,569 test words, 33,278 different",
    address="https://blog.salesforceairesearch.com/the-wikitext-long-term-dependency-language-modeling-dataset/",
    licence="CC BY-SA 3.0 (Wikipedia)",
    citation="S. Merity, C. Xiong, J. Bradbury and R. Socher, Pointer sentinel mixture models, arXiv:1609.07843, 2016.",
    folder="wikitext-2",
    note="the unpacked files of wikitext-2-v1.zip, in which they have the same names",
    files=(
        RemoteFile("wiki.train.tokens", "9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f", 10_797_148),
        RemoteFile("wiki.valid.tokens", "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8", 1_121_681),
        RemoteFile("wiki.test.tokens", "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0", 1_256_449),
    ),
)
