"""Archives are read by name into memory; hostile ones are refused."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from neurarium.datasets.archives import gunzip, read_tar, read_zip
from neurarium.datasets.card import Limits

ROOMY = Limits(members=10, member_bytes=10_000, total_bytes=20_000)


def tar(*members: tuple[str, bytes], change: Callable[[tarfile.TarInfo], None] | None = None) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if change:
                change(info)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(*members: tuple[str, bytes], mode: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@pytest.mark.parametrize(("pack", "read"), [(tar, read_tar), (zipped, read_zip)])
class TestBothKindsOfArchive:
    def test_wanted_members_come_in_the_order_of_their_names(self, pack, read):
        packed = pack(("b/2.txt", b"two"), ("b/1.txt", b"one"), ("c.txt", b"other"))
        assert list(read(packed, r"b/\d\.txt", ROOMY).items()) == [("b/1.txt", b"one"), ("b/2.txt", b"two")]

    def test_a_name_must_match_as_a_whole(self, pack, read):
        with pytest.raises(ValueError, match="no member whose name matches"):
            read(pack(("a.txt.exe", b"")), r"a\.txt", ROOMY)

    @pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "..\\a", "a\\b", "\\\\host\\share"])
    def test_a_place_outside_is_refused_even_if_nobody_wants_it(self, pack, read, name):
        with pytest.raises(ValueError, match="outside the archive"):
            read(pack(("good", b"1"), (name, b"2")), "good", ROOMY)

    def test_too_many_members_are_refused(self, pack, read):
        with pytest.raises(ValueError, match="more than the 10 members"):
            read(pack(*((f"{i}", b"") for i in range(11))), "0", ROOMY)

    def test_a_large_member_is_refused(self, pack, read):
        with pytest.raises(ValueError, match="more than the 10,000 expected"):
            read(pack(("a", b"0" * 10_001)), "a", ROOMY)

    def test_a_large_total_is_refused_even_if_little_is_wanted(self, pack, read):
        with pytest.raises(ValueError, match="more than the 20,000 bytes"):
            read(pack(("a", b""), *((f"b{i}", b"0" * 9_000) for i in range(3))), "a", ROOMY)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_that_occurs_twice_is_refused(self, pack, read):
        with pytest.raises(ValueError, match="twice"):
            read(pack(("a", b"1"), ("a", b"2")), "a", ROOMY)

    def test_something_else_is_refused(self, pack, read):
        with pytest.raises(ValueError, match=r"damaged|no member"):
            read(b"nothing like an archive" * 100, "a", ROOMY)

    def test_a_cut_archive_is_refused(self, pack, read):
        packed = pack(("a", bytes(range(256)) * 30))
        with pytest.raises(ValueError, match="damaged"):
            read(packed[:5_000] if pack is tar else packed[:-30], "a", ROOMY)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_links_devices_and_sparse_files_in_a_tar_are_refused(kind):
    def disguise(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = kind, "/etc/passwd"

    with pytest.raises(ValueError, match="a link, a device or sparse"):
        read_tar(tar(("a", b""), change=disguise), "a", ROOMY)


def test_a_compressed_tar_is_not_unpacked_at_all():
    with pytest.raises(ValueError, match="damaged"):
        read_tar(gzip.compress(tar(("a", b"0" * 10_000_000))), "a", ROOMY)


def test_a_link_in_a_zip_is_refused():
    with pytest.raises(ValueError, match="a link"):
        read_zip(zipped(("a", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777), "a", ROOMY)


def test_an_encrypted_member_of_a_zip_is_refused():
    packed = bytearray(zipped(("a", b"1")))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ValueError, match="encrypted"):
        read_zip(bytes(packed), "a", ROOMY)


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    packed = bytearray(zipped(("a", b"0" * 10_000_000)))
    assert len(packed) < 10_000_000 / 900
    directory = packed.index(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = (9_000).to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"another size|damaged"):
        read_zip(bytes(packed), "a", ROOMY)


def test_a_gzip_bomb_is_refused_at_the_limit():
    bomb = gzip.compress(b"\0" * 10_000_000)
    assert len(bomb) < 10_000_000 / 900
    with pytest.raises(ValueError, match="more than the 10,000 bytes"):
        gunzip(bomb, limit=10_000)


@pytest.mark.parametrize("change", [lambda c: c[:-9], lambda c: b"x" + c, lambda c: c[:20] + b"!!!!" + c[24:]])
def test_a_damaged_gzip_file_is_refused(change):
    with pytest.raises(ValueError, match="damaged"):
        gunzip(change(gzip.compress(bytes(range(256)))), limit=1_000)
