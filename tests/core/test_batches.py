"""Batches: each row once a pass; sequences in company of their own length; and going on where a fit was cut short."""

import pytest
import torch

from neurarium.core.batches import Batch, Batches


def sequences(n=103, longest=60, *, every=False, seed=0):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, longest + 1, (n,), generator=generator)
    lengths[0] = longest
    real = torch.arange(longest) < lengths[:, None]
    inputs = torch.randn(n, longest, 2, generator=generator) * real[..., None]
    targets = torch.arange(n)[:, None, None].expand(n, longest, 1) * real[..., None] if every else torch.arange(n)
    return Batch(inputs, targets, torch.arange(n), lengths)  # a row's weight is its number


def rows_of(batches):
    return [tuple(batch.weights.tolist()) for batch in batches]


def test_every_row_comes_once_a_pass_in_a_new_order():
    torch.manual_seed(0)
    batches = Batches(sequences(), 10)
    first, second = rows_of(batches), rows_of(batches)
    for each in (first, second):
        assert sorted(row for batch in each for row in batch) == list(range(103))
        assert [len(batch) for batch in each] == [10] * 10 + [3]
    assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in second}  # other company too


def test_the_batches_come_in_no_order_of_length():
    torch.manual_seed(0)
    batches = Batches(sequences(n=1000), 10)
    longest = torch.tensor([float(batch.lengths.max()) for batch in batches])
    assert abs(float(torch.corrcoef(torch.stack([longest, torch.arange(100.0)]))[0, 1])) < 0.3


def test_company_of_one_length_and_a_trim_save_nearly_all_of_the_padding():
    torch.manual_seed(0)
    data = sequences(n=1000)
    computed = sum(batch.inputs.shape[0] * batch.inputs.shape[1] for batch in Batches(data, 10))
    real = int(data.lengths.sum())
    assert computed < 1.1 * real
    assert data.inputs.shape[0] * data.inputs.shape[1] > 1.9 * real  # what it would be without


def test_a_trim_cuts_padding_alone_from_inputs_and_from_targets_at_every_step():
    data = sequences(every=True)
    for batch in Batches(data, 10):
        longest = int(batch.lengths.max())
        assert batch.inputs.shape[1] == batch.targets.shape[1] == longest
        whole = data.select(batch.weights)
        assert torch.equal(whole.inputs[:, :longest], batch.inputs)
        assert torch.equal(whole.targets[:, :longest], batch.targets)
        assert not whole.inputs[:, longest:].any()


def test_targets_of_a_whole_sequence_stay_whole_even_when_they_are_as_many_as_there_are_steps():
    data = sequences(longest=7)._replace(targets=torch.randn(103, 7))
    assert all(batch.targets.shape[1] == 7 for batch in Batches(data, 10))


def test_more_padding_changes_no_batch():
    data = sequences(every=True)
    more = data._replace(
        inputs=torch.nn.functional.pad(data.inputs, (0, 0, 0, 40), value=99.0),
        targets=torch.nn.functional.pad(data.targets, (0, 0, 0, 40), value=99),
    )
    torch.manual_seed(3)
    plain = list(Batches(data, 10))
    torch.manual_seed(3)
    for one, other in zip(plain, Batches(more, 10), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("ragged", [False, True])
def test_a_pass_cut_short_goes_on_with_the_same_batches(ragged):
    data = sequences() if ragged else sequences()._replace(lengths=None)
    torch.manual_seed(1)
    whole = rows_of(Batches(data, 10))
    torch.manual_seed(1)
    cut = Batches(data, 10)
    going = iter(cut)
    begun = [tuple(next(going).weights.tolist()) for _ in range(4)]
    later = Batches(data, 10)
    later.load_state_dict(cut.state_dict())
    assert begun + rows_of(later) == whole


def test_rows_of_one_length_are_ordered_as_they_always_were():
    """A fit of plain tables is the same to the byte, whatever is done for sequences."""
    data = sequences()._replace(lengths=None)
    torch.manual_seed(2)
    order = torch.randperm(103)
    torch.manual_seed(2)
    assert rows_of(Batches(data, 10)) == [tuple(rows.tolist()) for rows in order.split(10)]
