"""Members of archives, read into memory by name; nothing is ever written to disk.

An archive is refused whole, before any member is used, when it names a place outside itself, holds a link or a device,
names a member twice, or is larger than the card of its data set allows.
"""

import gzip
import re
import stat
import tarfile
import zipfile
import zlib
from io import BytesIO
from pathlib import PureWindowsPath

from neurarium.datasets.card import Limits


def gunzip(packed: bytes, limit: int) -> bytes:
    """Unpack one gzip file.

    Args:
        packed: The file's bytes.
        limit: Bytes it may unpack to.

    Raises:
        ValueError: If it is damaged or unpacks to more than `limit` bytes.

    Example:
        >>> gunzip(gzip.compress(b"abc"), limit=3)
        b'abc'
    """
    try:
        with gzip.GzipFile(fileobj=BytesIO(packed)) as file:
            unpacked = file.read(limit + 1)  # one more than allowed shows the excess without unpacking it all
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"The gzip file is damaged: {error}.") from error
    if len(unpacked) > limit:
        raise ValueError(f"The gzip file unpacks to more than the {limit:,} bytes expected: refused.")
    return unpacked


def read_tar(packed: bytes, wanted: str, limits: Limits) -> dict[str, bytes]:
    """Read the wanted members of an uncompressed tar archive.

    Args:
        packed: The archive's bytes.
        wanted: Regular expression that the whole name of a member must match.
        limits: How many members, and how large, the archive may hold, wanted or not.

    Returns:
        Contents by name, in the order of the names.

    Raises:
        ValueError: If the archive is damaged, hostile, too large, or holds none of the wanted members.
    """
    census = _Census(limits)
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=BytesIO(packed), mode="r:") as archive:
            for member in archive:
                if not (member.isreg() or member.isdir()) or member.issparse():
                    raise ValueError(f"Archive member {member.name!r} is a link, a device or sparse: refused.")
                census.admit(member.name, member.size)
                if member.isreg() and re.fullmatch(wanted, member.name):
                    file = archive.extractfile(member)
                    found[member.name] = file.read() if file else b""
    except tarfile.TarError as error:
        raise ValueError(f"The tar archive is damaged: {error}.") from error
    return _sorted(found, wanted)


def read_zip(packed: bytes, wanted: str, limits: Limits) -> dict[str, bytes]:
    """Read the wanted members of a zip archive; arguments, result and errors as for `read_tar`."""
    census = _Census(limits)
    # counted before zipfile builds an object for each: a directory of a million entries costs gigabytes
    if packed.count(b"PK\x01\x02") > limits.members:
        raise ValueError(f"The archive holds more than the {limits.members:,} members expected: refused.")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            for member in archive.infolist():
                mode = stat.S_IFMT(member.external_attr >> 16)
                if mode not in (0, stat.S_IFREG, stat.S_IFDIR) or member.flag_bits & 1:
                    raise ValueError(f"Archive member {member.filename!r} is a link, a device or encrypted: refused.")
                census.admit(member.orig_filename, member.file_size)
            for member in archive.infolist():
                if not member.is_dir() and re.fullmatch(wanted, member.filename):
                    with archive.open(member) as file:
                        found[member.filename] = file.read(member.file_size + 1)
                    if len(found[member.filename]) != member.file_size:
                        raise ValueError(f"Archive member {member.filename!r} has another size than it says: refused.")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise ValueError(f"The zip archive is damaged: {error}.") from error
    return _sorted(found, wanted)


class _Census:
    """Counts the members of one archive and turns away what does not belong there."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names: set[str] = set()
        self._bytes = 0

    def admit(self, name: str, size: int) -> None:
        parts = PureWindowsPath(name)  # knows both slashes and drive letters, on every system
        if parts.is_absolute() or parts.drive or parts.root or ".." in parts.parts or "\0" in name or "\\" in name:
            raise ValueError(f"Archive member {name!r} points outside the archive: refused.")
        if name in self._names:
            raise ValueError(f"Archive member {name!r} occurs twice: refused.")
        self._names.add(name)
        self._bytes += size
        if len(self._names) > self._limits.members:
            raise ValueError(f"The archive holds more than the {self._limits.members:,} members expected: refused.")
        if size > self._limits.member_bytes:
            raise ValueError(
                f"Archive member {name!r} unpacks to {size:,} bytes, more than the "
                f"{self._limits.member_bytes:,} expected: refused."
            )
        if self._bytes > self._limits.total_bytes:
            raise ValueError(
                f"The archive unpacks to more than the {self._limits.total_bytes:,} bytes expected: refused."
            )


def _sorted(found: dict[str, bytes], wanted: str) -> dict[str, bytes]:
    if not found:
        raise ValueError(f"The archive holds no member whose name matches {wanted!r}.")
    return dict(sorted(found.items()))
