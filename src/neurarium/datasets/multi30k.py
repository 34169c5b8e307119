"""Multi30k: descriptions of photographs in English, German and French, line by line the same."""

from typing import Literal

from neurarium.datasets import tables
from neurarium.datasets.archives import gunzip
from neurarium.datasets.card import Array, Dataset, DatasetCard, Limits, RemoteFile
from neurarium.datasets.places import Files

LANGUAGES = ("en", "de", "fr")
FOLDER = "data/task1/raw/"
HOME = "https://raw.githubusercontent.com/multi30k/dataset/master/"


def load(files: Files, source: Literal["en", "de", "fr"] = "de", target: Literal["en", "de", "fr"] = "en") -> Dataset:
    """Sentences and their translations.

    Args:
        source: Language of `data`.
        target: Language of `target`.

    Returns:
        `data` and `target` (29000,) texts; `valid_data`, `valid_target` (1014,); `test_data`, `test_target` (1000,),
        the Flickr test of 2016.

    Raises:
        ValueError: If a language is none of the three, or a file is damaged.
    """
    for language in (source, target):
        if language not in LANGUAGES:
            raise ValueError(f"Expected a language among {', '.join(LANGUAGES)}; got {language!r}.")

    def read(part: str, language: str) -> Array:
        text = gunzip(files.read(f"{FOLDER}{part}.{language}.gz"), CARD.limits.member_bytes).decode("utf-8")
        return tables.strings(text.rstrip("\n").split("\n"))

    return Dataset(
        "multi30k",
        read("train", source),
        read("train", target),
        valid_data=read("val", source),
        valid_target=read("val", target),
        test_data=read("test_2016_flickr", source),
        test_target=read("test_2016_flickr", target),
    )


def _file(name: str, sha256: str, size: int) -> RemoteFile:
    return RemoteFile(FOLDER + name, sha256, size, HOME + FOLDER + name)


CARD = DatasetCard(
    name="multi30k",
    title="Multi30k, task 1",
    kind="real",
    task=("translation", "text"),
    shape="29,000 + 1,014 validation + 1,000 test sentences in 3 languages",
    address="https://github.com/multi30k/dataset",
    licence="none stated; for research, to be cited",
    citation="D. Elliott, S. Frank, K. Sima'an and L. Specia, Multi30K: multilingual English-German image "
    "descriptions, 2016.",
    limits=Limits(members=1, member_bytes=4_000_000, total_bytes=4_000_000),
    files=(
        _file("train.en.gz", "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f", 568_929),
        _file("train.de.gz", "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6", 637_044),
        _file("train.fr.gz", "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c", 604_242),
        _file("val.en.gz", "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28", 21_650),
        _file("val.de.gz", "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a", 24_681),
        _file("val.fr.gz", "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9", 23_001),
        _file("test_2016_flickr.en.gz", "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9", 21_077),
        _file("test_2016_flickr.de.gz", "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8", 22_890),
        _file("test_2016_flickr.fr.gz", "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90", 22_310),
    ),
)
