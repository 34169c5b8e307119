"""Picture files are read exactly, and damaged ones refused."""

import builtins
import io

import numpy as np
import pytest

from neurarium.datasets.pictures import read_idx, read_jpeg, read_pnm, unit


def test_an_idx_file_is_read_in_the_order_of_its_axes():
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    header = b"\0\0\x08\x03" + b"".join(length.to_bytes(4, "big") for length in values.shape)
    assert np.array_equal(read_idx(header + values.tobytes()), values)


@pytest.mark.parametrize("content", [b"", b"\0\0\x08\x01\0\0", b"\0\0\x0d\x01\0\0\0\1a", b"\0\0\x08\x01\0\0\0\2a"])
def test_another_idx_file_is_refused(content):
    with pytest.raises(ValueError, match="IDX"):
        read_idx(content)


def test_a_colour_picture_with_remarks_is_read():
    values = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)  # 10 and 32 among them are no blanks
    content = b"P6\n# made\n# by hand\n3 2\n255\n" + values.tobytes()
    assert np.array_equal(read_pnm(content), values)


@pytest.mark.parametrize(
    "content", [b"", b"P4 1 1\n", b"P5 1 1 65535\nab", b"P5 2 2 255\nabc", b"P5 999999 999999 255\na"]
)
def test_another_picture_is_refused(content):
    with pytest.raises(ValueError, match="picture"):
        read_pnm(content)


def test_bytes_become_floats_from_0_to_1():
    floats = unit(np.arange(256, dtype=np.uint8))
    assert floats.dtype == np.float32
    assert np.allclose(floats * 255, np.arange(256))
    assert floats.max() == 1


class TestJpeg:
    @pytest.fixture
    def picture(self) -> bytes:
        image = pytest.importorskip("PIL.Image", reason="pillow is an extra")
        content = io.BytesIO()
        image.new("RGB", (6, 4), (255, 0, 0)).save(content, "JPEG", quality=95)
        return content.getvalue()

    def test_a_picture_is_read(self, picture):
        pixels = read_jpeg(picture, rows=4, columns=6)
        assert pixels.shape == (4, 6, 3)
        assert np.allclose(pixels[0, 0], [255, 0, 0], atol=3)

    def test_a_picture_of_another_size_or_kind_is_refused(self, picture):
        with pytest.raises(ValueError, match="Expected a picture of 6 x 4; got 4 x 6"):
            read_jpeg(picture, rows=6, columns=4)
        with pytest.raises(ValueError, match="damaged"):
            read_jpeg(picture[:300], rows=4, columns=6)
        with pytest.raises(ValueError, match="damaged"):
            read_jpeg(b"GIF89a", rows=4, columns=6)

    def test_without_pillow_the_extra_is_named(self, monkeypatch):
        real = builtins.__import__

        def without_pillow(name, *rest):
            if name.startswith("PIL"):
                raise ImportError(name)
            return real(name, *rest)

        monkeypatch.setattr(builtins, "__import__", without_pillow)
        with pytest.raises(ImportError, match=r"neurarium\[images\]"):
            read_jpeg(b"", rows=1, columns=1)
