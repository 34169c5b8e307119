"""The JSON of a program holds all of it: read back, it is the same program, and says the same."""

import base64
import json
import zlib

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.program.loop import Loop
from neurarium.program.operations import Program, Rows, Step, Value
from neurarium.program.page_json import page_json
from neurarium.program.trace import trace
from program.computing import computed

STORED = {"f4": "<f4", "f8": "<f8", "f2": "<f2", "i4": "<i4", "b1": "?"}


def read(page):
    """The program of a page, by what stands in the contract alone."""
    octets = zlib.decompress(base64.b64decode(page["blob"]))

    def number(given):
        return float(given["number"]) if isinstance(given, dict) else given

    def value(entry):
        sizes = [Rows(size["rows"]) if isinstance(size, dict) else size for size in entry["shape"]]
        return Value(entry["name"], tuple(sizes), entry["dtype"])

    def constant(entry):
        assert entry["at"] % 8 == 0
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(octets, STORED[entry["stored"]], count, entry["at"])
        return array.astype(entry["dtype"]).reshape(entry["shape"])

    def program(entry):
        constants = {name: constant(each) for name, each in entry["constants"].items()}
        known = {name: Value(name, array.shape, array.dtype.name) for name, array in constants.items()}
        known |= {each["name"]: value(each) for each in entry["inputs"]}
        steps = []
        for each in entry["steps"]:
            results = tuple(value(result) for result in each.get("results", [each.get("result")]))
            given = tuple(known[name] if isinstance(name, str) else number(name) for name in each["in"])
            attributes = {
                name: program(some) if name == "step" and each["op"] == "loop" else number(some)
                for name, some in each["attributes"].items()
            }
            attributes = {name: tuple(some) if isinstance(some, list) else some for name, some in attributes.items()}
            steps.append(Step(results, each["op"], given, attributes))
            known |= {result.name: result for result in results}
        outputs, stages = ({name: known[some] for name, some in entry[kind].items()} for kind in ("outputs", "stages"))
        return Program(tuple(value(each) for each in entry["inputs"]), constants, tuple(steps), outputs, stages)

    return program(page)


def same(one, other):
    """Whether two programs are the same, their constants by their bytes."""
    assert [one.inputs, dict(one.outputs), dict(one.stages)] == [other.inputs, dict(other.outputs), dict(other.stages)]
    assert list(one.constants) == list(other.constants)
    for name, array in one.constants.items():
        assert array.dtype == other.constants[name].dtype
        np.testing.assert_array_equal(array, other.constants[name])
    for mine, theirs in zip(one.steps, other.steps, strict=True):
        assert [mine.results, mine.operation] == [theirs.results, theirs.operation]
        assert repr(mine.inputs) == repr(theirs.inputs)  # by their text, so that nan is nan
        assert repr({**mine.attributes, "step": 0}) == repr({**theirs.attributes, "step": 0})
        if mine.operation == "loop":
            same(mine.body(), theirs.body())
    return True


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 3) / 3)
        self.register_buffer("order", torch.tensor([2, 0, 1]))

    def forward(self, state, entry, infinite):
        mixed = torch.tanh(state @ self.weight + entry)[:, self.order]
        return mixed, torch.where(mixed > 0, mixed, torch.inf).amin(1)


class Everything(nn.Module):
    """Constants of all kinds, the same one twice, infinity, and a loop."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.load_state_dict(self.first.state_dict())
        self.turns = Loop(Cell(), states=1, sequences=1, turns=4)
        self.register_buffer("chosen", torch.tensor([[True, False, True]]))
        self.register_buffer("precise", torch.tensor([0.1, torch.nan, 1e300], dtype=torch.float64))

    def forward(self, rows, line):
        h = self.second(self.first(rows).clamp(-torch.inf, 2.5))
        last, lows = self.turns(h, line[:, None] * rows, line.sum())
        kept = torch.where(self.chosen, last, -torch.inf)
        return {"answer": {"kept": kept.amax(1), "lows": lows, "precise": last.double() * self.precise}, "seen": h}


@pytest.fixture(scope="module")
def traced():
    torch.manual_seed(0)
    module, rows, line = Everything().eval(), torch.randn(2, 3), torch.randn(4, 1)
    return module, (rows, line), trace(module, (rows, line), fixed=True)


def test_a_program_read_back_is_the_same(traced):
    page = json.loads(json.dumps(page_json(traced[2]), allow_nan=False))
    assert same(read(page), traced[2].pruned(stages=True))
    assert set(page["stages"]) == {"seen"}


def test_a_program_read_back_says_what_torch_says(traced):
    module, inputs, program = traced
    said = computed(read(page_json(program)), *inputs)
    for name, right in module(*inputs)["answer"].items():
        np.testing.assert_allclose(said[name], right.detach(), rtol=1e-5, atol=1e-6)


def test_sizes_that_are_rows_say_so():
    program = trace(nn.Sequential(nn.Unflatten(1, (2, 2)), nn.Flatten(0, 1)).eval(), (torch.zeros(3, 4),))
    page = page_json(program)
    assert page["inputs"][0]["shape"] == [{"rows": 1}, 4]
    assert page["steps"][-1]["result"]["shape"] == [{"rows": 2}, 2]
    assert same(read(page), program)


def test_equal_constants_are_stored_once(traced):
    constants = page_json(traced[2])["constants"]
    octets = zlib.decompress(base64.b64decode(page_json(traced[2])["blob"]))
    assert {entry["stored"] for entry in constants.values()} >= {"f4", "f8", "b1"}
    everything = [entry for program in pages(page_json(traced[2])) for entry in program["constants"].values()]
    places = {entry["at"]: int(np.prod(entry["shape"])) * int(entry["stored"][1]) for entry in everything}
    assert len(octets) <= sum(count + 7 for count in places.values())


def pages(page):
    yield page
    for step in page["steps"]:
        if step["op"] == "loop":
            yield from pages(step["attributes"]["step"])


def test_constants_named_as_halves_take_half_and_keep_three_digits(traced):
    whole, halved = page_json(traced[2]), page_json(traced[2], half={"first_weight", "weight"})
    assert halved["constants"]["first_weight"]["stored"] == "f2"
    assert halved["constants"]["first_weight"]["dtype"] == "float32"
    assert len(halved["blob"]) < len(whole["blob"])
    exact, near = (read(page).constants["first_weight"] for page in (whole, halved))
    np.testing.assert_allclose(near, exact, rtol=1e-3)
    assert not np.array_equal(near, exact)


def test_halves_must_be_constants_of_real_numbers(traced):
    with pytest.raises(ValueError, match=r"half names chosen, nothing: no constants of real numbers"):
        page_json(traced[2], half={"nothing", "chosen"})


class Large(nn.Module):
    def __init__(self, number):
        super().__init__()
        self.register_buffer("number", number)

    def forward(self, x):
        return x + self.number


def test_numbers_too_large_for_what_they_are_stored_in_are_stored_wider_or_refused():
    whole = torch.tensor([2**40, 1])
    page = page_json(trace(Large(whole), (torch.zeros(2, dtype=torch.long),), fixed=True))
    assert page["constants"]["number"] == {"shape": [2], "dtype": "int64", "stored": "f8", "at": 0}
    np.testing.assert_array_equal(read(page).constants["number"], whole)
    with pytest.raises(ValueError, match="number holds numbers that are too large"):
        page_json(trace(Large(whole * 2**20 + 1), (torch.zeros(2, dtype=torch.long),), fixed=True))
    with pytest.raises(ValueError, match="too large to be stored as f2"):
        page_json(trace(Large(torch.tensor([1e5, 1])), (torch.zeros(2),), fixed=True), half={"number"})
