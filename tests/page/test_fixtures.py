"""Whether the numbers that the page's executor is tested against are still torch's, and the programs still ours."""

import base64
import json
import zlib

import numpy as np
import pytest
import torch

from neurarium.program.building import identifier
from page.fixtures import FIXTURES, FOLDER, every_case, given_rows, plain
from program.test_operations import EveryCase

STALE = "is stale: run tests/page/fixtures.py, then `make frontend`"
STORED = {"f2": np.float16, "f4": np.float32, "f8": np.float64, "i4": np.int32, "b1": np.bool_}


def committed(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def arrays(packed):
    """Constants by name; whatever the compression of this machine makes of them, their numbers are the same."""
    octets = zlib.decompress(base64.b64decode(packed["blob"]))
    entries = packed["constants"].items()
    return {
        name: np.frombuffer(octets, STORED[each["stored"]], int(np.prod(each["shape"])), each["at"]).reshape(
            each["shape"]
        )
        for name, each in entries
    }


def assert_same(ours, theirs, name):
    assert ours.keys() == theirs.keys(), f"{name} {STALE}"
    for key, array in ours.items():
        np.testing.assert_allclose(theirs[key], array, 1e-6, 1e-6, err_msg=f"{key} of {name} {STALE}")


def assert_fresh(name, made):
    there = committed(name)
    for part in ("given", "wanted"):
        assert_same(arrays(made[part]), arrays(there[part]), name)
    for ours, theirs in zip(constants(made["program"]), constants(there["program"]), strict=True):
        assert_same(ours, theirs, name)
    for each in (made, there):
        del each["program"]["blob"]
    assert made["program"] == there["program"], f"{name} {STALE}"


def constants(program, blob=None):
    """Those of a program, then those of its loops."""
    blob = blob or program["blob"]
    yield arrays({"constants": program["constants"], "blob": blob})
    for step in program["steps"]:
        if step["op"] == "loop":
            yield from constants(step["attributes"]["step"], blob)


@pytest.mark.parametrize("name", sorted(FIXTURES.keys() - {"every_case", "noise"}))
def test_a_fixture_is_what_its_module_is_now(name):
    assert_fresh(name, FIXTURES[name]())


@pytest.mark.slow
def test_the_program_of_every_case_is_what_it_is_now():
    assert_fresh("every_case", every_case())


def test_torch_still_answers_every_case_as_the_fixture_says():
    with torch.no_grad():
        answers = {identifier(name): plain(answer) for name, answer in EveryCase()(*given_rows()).items()}
    assert_same(answers, arrays(committed("every_case")["wanted"]), "every_case")


def test_the_noise_of_the_page_is_ours():
    assert committed("noise") == FIXTURES["noise"]()


def test_the_fixtures_stay_small_and_none_is_left_over():
    files = {file.stem: file.stat().st_size for file in FOLDER.iterdir()}
    assert files.keys() == FIXTURES.keys()
    assert sum(files.values()) <= 200_000
