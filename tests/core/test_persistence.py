"""Files are written whole or not at all, and a bad one ends in one clear error."""

import json
import os

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from mutants import mutations
from neurarium.core import persistence
from neurarium.core.persistence import DamagedFile, pack, read, unpack, write

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_what_is_packed_comes_back(state):
    tensors, skeleton = pack(state)
    assert unpack(tensors, json.loads(json.dumps(skeleton))) == state


def test_tensors_arrays_and_tuples_come_back_with_their_kinds():
    state = {
        "t": (torch.arange(3), [torch.tensor(0.5, dtype=torch.float64)]),
        "labels": np.array(["a", "bc"]),
        "mixed": np.array(["a", 1, None], dtype=object),
        "flags": np.array([[True], [False]]),
    }
    tensors, skeleton = pack(state)
    back = unpack(tensors, json.loads(json.dumps(skeleton)))
    assert torch.equal(back["t"][0], state["t"][0])
    assert back["t"][1][0].dtype is torch.float64
    for name in ("labels", "mixed", "flags"):
        assert back[name].dtype == state[name].dtype
        assert back[name].tolist() == state[name].tolist()


def test_what_cannot_be_kept_is_refused_by_its_kind():
    with pytest.raises(TypeError, match="a function cannot be kept"):
        pack({"f": pack})
    with pytest.raises(TypeError, match="label of type bytes"):
        pack({"f": np.array([b"x", None], dtype=object)})


@pytest.mark.parametrize(
    "skeleton",
    [{"tensor": "t9"}, {"array": {"kind": "object", "shape": [1], "values": [[1]]}}, {"code": "1"}, {}, {"dict": 3}],
)
def test_a_skeleton_of_another_form_is_refused(skeleton):
    with pytest.raises(DamagedFile):
        unpack({}, skeleton)


def test_an_array_of_objects_that_would_need_pickle_is_refused():
    with pytest.raises(DamagedFile):
        unpack({}, {"array": {"kind": "|V8", "shape": [1], "values": ["x"]}})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "net"
    write(path, {"a": torch.arange(6.0).reshape(2, 3), "b": torch.zeros((), dtype=torch.int64)}, {"k": [1, "two", 0.1]})
    return path


def test_what_is_written_is_read(file):
    tensors, header = read(file)
    assert torch.equal(tensors["a"], torch.arange(6.0).reshape(2, 3))
    assert header == {"k": [1, "two", 0.1]}


def fuzz(path, how_many):
    """Every mutant is either refused with DamagedFile or says exactly what the whole file says."""
    tensors, header = read(path)
    refused = 0
    for mutant in mutations(path.read_bytes(), how_many):
        path.write_bytes(mutant)
        try:
            theirs, their_header = read(path)
        except DamagedFile:
            refused += 1
        else:
            assert their_header == header
            assert all(torch.equal(theirs[name], tensor) for name, tensor in tensors.items())
    return refused


def test_a_thousand_mutated_files_are_refused_or_unharmed(file):
    assert fuzz(file, 1_000) > 900


@pytest.mark.slow
def test_ten_thousand_mutated_files_are_refused_or_unharmed(file):
    assert fuzz(file, 10_000) > 9_000


def test_without_the_digest_a_changed_number_would_pass(file, monkeypatch):
    """The control: it is the digest that finds a changed weight."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedFile):
        read(file)
    assert len(safetensors.torch.load(bytes(content))) == 2


@pytest.mark.parametrize("entry", ['{"neurarium": 3}', "[" * 100_000, '{"neurarium": {"sha256": {}}}'])
def test_a_header_made_up_is_refused(tmp_path, entry):
    path = tmp_path / "net"
    path.write_bytes(safetensors.torch.save({"a": torch.zeros(2)}, metadata={"neurarium": entry}))
    with pytest.raises(DamagedFile, match="damaged or cut short"):
        read(path)


def test_a_bomb_is_refused_at_once(tmp_path):
    head = json.dumps({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    path = tmp_path / "bomb"
    path.write_bytes(len(head).to_bytes(8, "little") + head)
    with pytest.raises(DamagedFile):
        read(path)


def test_a_failed_write_leaves_the_older_file_and_no_litter(file, monkeypatch):
    before = file.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot write .*net \(\d+ bytes\): No space left"):
        write(file, {"a": torch.ones(2)}, {})
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_missing_folder_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="the folder .*nowhere does not exist"):
        write(tmp_path / "nowhere" / "net", {}, {})
    with pytest.raises(FileNotFoundError, match="is not a file"):
        read(tmp_path / "net")


def test_a_format_of_the_future_is_named(file, monkeypatch):
    monkeypatch.setattr(persistence, "FORMAT", 2)
    with pytest.raises(DamagedFile, match="format 1; this version of neurarium reads format 2"):
        read(file)
