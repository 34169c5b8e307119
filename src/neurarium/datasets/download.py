"""Downloads: checked, capped in size, and either complete or not there at all."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pooch
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from neurarium.datasets.card import DatasetCard, RemoteFile
from neurarium.datasets.places import absent

RETRIES = 2  # after the first attempt, with pauses of 1 and 2 s
SILENCE = 30.0  # seconds without an answer or a byte until the server counts as gone


def download(card: DatasetCard, files: Iterable[RemoteFile], folder: Path, *, progress: bool) -> None:
    """Bring files of a data set into a folder.

    Each is written under a temporary name and takes its own name when it is complete and its sha256 is right, so that
    several processes may do this at once.

    Args:
        card: Of the data set.
        files: Those to bring; each must have an address.
        folder: The folder of the data set.
        progress: Whether to show how far it is, if stderr is a terminal.

    Raises:
        ConnectionError: If a server cannot be reached, breaks off, or does not have the file.
        ValueError: If what comes is not the file that the card describes.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not (progress and console.is_terminal)) as bars, _quiet():
        for file in files:
            _download_one(card, file, folder, bars)


def _download_one(card: DatasetCard, file: RemoteFile, folder: Path, bars: Progress) -> None:
    task = bars.add_task(f"{card.name}/{file.path}", total=file.size)
    try:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        keeper = pooch.create(
            path=folder,
            base_url="",
            registry={file.path: f"sha256:{file.sha256}"},
            urls={file.path: file.url},
            retry_if_failed=RETRIES,
        )
        keeper.fetch(file.path, downloader=_Downloader(file, lambda done: bars.update(task, completed=done)))
    except ValueError as error:  # pooch: the hash does not match
        raise ValueError(_wrong(card, file, "its sha256 is not the expected one")) from error
    except _RefusedError as error:
        if error.answer is None:
            raise ValueError(_wrong(card, file, f"it is longer than {file.size:,} bytes")) from error
        reason = f"{file.url} was answered with HTTP status {error.answer}"
        raise ConnectionError(absent(card, reason)) from error
    except PermissionError as error:
        raise PermissionError(
            f"Data set {card.name!r} cannot be stored in {folder}: {error}. "
            "Set the environment variable NEURARIUM_CACHE to a folder that may be written to."
        ) from error
    except OSError as error:  # what requests raises is an OSError too
        reason = f"the download of {file.url} failed ({error.strerror or type(error).__name__})"
        raise ConnectionError(absent(card, reason)) from error


def _wrong(card: DatasetCard, file: RemoteFile, finding: str) -> str:
    return (
        f"What came from {file.url} is not the file {file.path!r} of data set {card.name!r}: {finding}. It was "
        "damaged on the way, or the publisher now offers another version. Nothing was kept. Try again; if it fails "
        f"again, get the file of {file.size:,} bytes with sha256 {file.sha256} elsewhere (see {card.address})."
    )


class _RefusedError(Exception):
    """What trying again will not mend, so neither a ValueError nor an OSError: those make pooch try again."""

    def __init__(self, answer: int | None) -> None:
        super().__init__(answer)
        self.answer = answer  # HTTP status, or None if too much came


class _Downloader:
    """pooch's HTTP downloader with a cap, a progress bar, and no second try of what the server says it has not."""

    def __init__(self, file: RemoteFile, show: Callable[[int], None]) -> None:
        self._file = file
        self._show = show

    def __call__(self, url: str, output_file: str, keeper: Any) -> None:
        answers: list[Any] = []
        http = pooch.HTTPDownloader(
            chunk_size=2**16,
            timeout=SILENCE,
            headers={"Accept-Encoding": "identity"},  # or some servers would have a .gz file unpacked on the way
            hooks={"response": lambda answer, *_, **__: answers.append(answer)},
        )
        try:
            with Path(output_file).open("wb") as file:
                http(url, _Funnel(file, self._file.size, self._show), keeper)
        except OSError as error:
            status = getattr(getattr(error, "response", None), "status_code", 0)
            if 400 <= status < 500 and status not in (408, 429):  # 408, 429: "later", not "no"
                raise _RefusedError(status) from error
            raise
        finally:
            for answer in answers:  # pooch leaves the connection open when a transfer fails
                answer.close()


class _Funnel:
    """A file that lets only so many bytes through, so that no server can fill the disk."""

    def __init__(self, file: BinaryIO, limit: int, show: Callable[[int], None]) -> None:
        self._file = file
        self._limit = limit
        self._show = show
        self._passed = 0

    def write(self, chunk: bytes) -> int:
        self._passed += len(chunk)
        if self._passed > self._limit:
            raise _RefusedError(None)
        self._show(self._passed)
        return self._file.write(chunk)

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _quiet() -> Iterator[None]:
    """pooch reports each download to stderr; the progress bar does that here."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
