"""Arrays of arrays are read as data: a pickle that wants something done is refused, and nothing is done."""

import io
import pickle

import numpy as np
import pytest

from neurarium.datasets.object_arrays import read_object_array


def written(arrays, protocol=2):
    outer = np.empty(len(arrays), object)
    outer[:] = arrays
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": outer.shape})
    # As numpy 1 wrote it: the same words under the module's old name.
    return file.getvalue() + pickle.dumps(outer, protocol).replace(b"numpy._core", b"numpy.core")


def test_what_numpy_pickles_is_read_without_unpickling():
    arrays = [np.arange(6, dtype=np.int16).reshape(2, 3), np.ones((1, 3), np.float64)]
    back = read_object_array(written(arrays))
    for one, other in zip(arrays, back, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("something in the file was run",))


@pytest.mark.parametrize("bad", [[Bomb()], [np.array(["text"])], [{"a": 1}], [np.array([Bomb()], object)], [3]])
def test_anything_else_is_refused_and_not_run(bad):
    with pytest.raises(ValueError, match="damaged, or holds other things than numbers"):
        read_object_array(written(bad))


def test_a_file_cut_short_or_changed_is_refused_or_still_arrays():
    whole = written([np.arange(12, dtype=np.int16).reshape(4, 3)] * 3)
    for place in range(len(whole)):
        for mutant in (whole[:place], whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]):
            try:
                back = read_object_array(mutant)
            except ValueError:
                continue
            assert all(isinstance(each, np.ndarray) for each in back)
