from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans

from neurarium.core.batches import Batch
from neurarium.networks._lattice import Lattice
from neurarium.rules.competitive import BatchMap, Falling, OnlineMap, Search, influence, nearest_two

KINDS = ("gaussian", "cut gaussian", "bubble")


def a_map(lattice, rows, seed=0):
    """A map of random points, and the rule's view of its lattice."""
    generator = torch.Generator().manual_seed(seed)
    features = rows.shape[1]
    module = SimpleNamespace(
        codebook=torch.randn(lattice.n_units, features, generator=generator, dtype=rows.dtype),
        centre=rows.nanmean(0).nan_to_num(0.0),
        spread=torch.ones((), dtype=rows.dtype),
        known=torch.ones(features, dtype=rows.dtype),
    )
    return module, {"distances": lattice.distances(), "touching": lattice.touching()}


def some_rows(n=200, features=5, seed=1, gaps=0.0):
    generator = torch.Generator().manual_seed(seed)
    rows = 3 + 2 * torch.randn(n, features, generator=generator, dtype=torch.float64)
    if gaps:
        missing = torch.rand(n, features, generator=generator) < gaps
        missing[:, 0] = False
        rows[missing] = torch.nan
    return rows


def h(kind, distance, radius):
    """The neighbourhood, once more and plainly."""
    if kind == "bubble":
        return float(distance <= radius + 1e-9)
    if radius == 0:
        return float(distance == 0)
    value = np.exp(-(distance**2) / (2 * radius**2))
    return value * float(distance <= radius + 1e-9) if kind == "cut gaussian" else value


def squared_distances(row, codebook):
    there = ~np.isnan(row)
    return ((row[there] - codebook[:, there]) ** 2).sum(1)


def batch_by_loops(rows, weights, codebook, distances, kind, radius):
    units, features = codebook.shape
    above, below = np.zeros((units, features)), np.zeros((units, features))
    for row, weight in zip(rows, weights, strict=True):
        winner = squared_distances(row, codebook).argmin()
        for unit in range(units):
            for feature in range(features):
                if not np.isnan(row[feature]):
                    above[unit, feature] += weight * h(kind, distances[winner, unit], radius) * row[feature]
                    below[unit, feature] += weight * h(kind, distances[winner, unit], radius)
    return np.where(below > 0, above / np.where(below > 0, below, 1), codebook)


def online_by_loops(rows, weights, codebook, distances, kind, rate, radius):
    codebook = codebook.copy()
    for t, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        winner = squared_distances(row, codebook).argmin()
        share = t / len(rows)
        a = rate[0] * (rate[1] / rate[0]) ** share
        r = radius[0] * (radius[1] / radius[0]) ** share
        for unit in range(len(codebook)):
            pull = 1 - (1 - a * h(kind, distances[winner, unit], r)) ** weight
            there = ~np.isnan(row)
            codebook[unit, there] += pull * (row[there] - codebook[unit, there])
    return codebook


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_the_batch_rule_equals_a_plain_loop(kind, gaps):
    rows, lattice = some_rows(gaps=gaps), Lattice(3, 4, hexagonal=True)
    weights = torch.rand(len(rows), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    module, shared = a_map(lattice, rows)
    before = module.codebook.numpy().copy()
    rule = BatchMap(module, passes=1, neighbourhood=kind, radius=Falling(1.3, 1.3), **shared)
    rule.step(Batch(rows, weights=weights))
    rule.end_pass()
    wanted = batch_by_loops(rows.numpy(), weights.numpy(), before, lattice.distances().numpy(), kind, 1.3)
    np.testing.assert_allclose(module.codebook.numpy(), wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_the_online_rule_equals_a_plain_loop(kind, gaps):
    rows, lattice = some_rows(gaps=gaps), Lattice(3, 4, torus=True)
    weights = torch.rand(len(rows), generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 2
    module, shared = a_map(lattice, rows)
    before = module.codebook.numpy().copy()
    rate, radius = (0.5, 0.02), (2.0, 0.5)
    rule = OnlineMap(
        module, rate=Falling(*rate), updates=len(rows), neighbourhood=kind, radius=Falling(*radius), **shared
    )
    for first in range(0, len(rows), 70):  # of a size that the rule's own blocks do not divide
        rule.step(Batch(rows[first : first + 70], weights=weights[first : first + 70]))
    distances = lattice.distances().numpy()
    wanted = online_by_loops(rows.numpy(), weights.numpy(), before, distances, kind, rate, radius)
    np.testing.assert_allclose(module.codebook.numpy(), wanted, rtol=1e-12, atol=1e-12)
    assert rule.progress == pytest.approx(1.0)


def test_online_errors_are_those_of_the_map_that_each_row_met():
    rows, lattice = some_rows(), Lattice(3, 4)
    module, shared = a_map(lattice, rows)
    codebook, total = module.codebook.numpy().copy(), 0.0
    rule = OnlineMap(
        module, rate=Falling(0.3, 0.3), updates=200, neighbourhood="gaussian", radius=Falling(1.0, 1.0), **shared
    )
    for row in rows.numpy():
        total += np.sqrt(squared_distances(row, codebook).min())
        one = online_by_loops(
            row[None], [1.0], codebook, lattice.distances().numpy(), "gaussian", (0.3, 0.3), (1.0, 1.0)
        )
        codebook = one
    loss = rule.step(Batch(rows))["loss"]
    assert float(loss) == pytest.approx(total / len(rows), rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_batch_rule_without_a_neighbourhood_is_lloyds_step(kind):
    rows, lattice = some_rows(), Lattice(2, 4)
    module, shared = a_map(lattice, rows)
    start = rows[:8].clone()
    module.codebook.copy_(start)
    rule = BatchMap(module, passes=3, neighbourhood=kind, radius=Falling(0.0, 0.0), **shared)
    rule.step(Batch(rows))
    rule.end_pass()
    # One iteration of scikit-learn's: its centres are the means of the rows nearest to the start.
    lloyd = KMeans(8, init=start.numpy(), n_init=1, max_iter=1, algorithm="lloyd", tol=0).fit(rows.numpy())
    np.testing.assert_allclose(module.codebook.numpy(), lloyd.cluster_centers_, rtol=1e-12, atol=1e-12)


def test_steps_of_any_size_give_the_same_batch_update():
    rows, lattice = some_rows(gaps=0.1), Lattice(3, 3)
    ends = []
    for size in (200, 7):
        module, shared = a_map(lattice, rows)
        rule = BatchMap(module, passes=1, neighbourhood="gaussian", radius=Falling(1.0, 1.0), **shared)
        for part in rows.split(size):
            rule.step(Batch(part))
        rule.end_pass()
        ends.append(module.codebook)
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-13, atol=1e-13)


def test_a_unit_that_no_row_reaches_stays_where_it_is():
    rows, lattice = some_rows(), Lattice(1, 12)
    module, shared = a_map(lattice, rows)
    module.codebook[6:] += 1000
    before = module.codebook.clone()
    rule = BatchMap(module, passes=1, neighbourhood="bubble", radius=Falling(1.0, 1.0), **shared)
    rule.step(Batch(rows))
    rule.end_pass()
    assert torch.equal(module.codebook[7:], before[7:])
    assert not torch.equal(module.codebook[:7], before[:7])


def test_a_rule_goes_on_from_its_state_to_the_bit():
    rows, lattice = some_rows(gaps=0.1), Lattice(3, 3)

    def rules(module, shared):
        falling = {"neighbourhood": "gaussian", "radius": Falling(2.0, 0.5), **shared}
        return BatchMap(module, passes=4, **falling), OnlineMap(module, rate=Falling(0.5, 0.1), updates=400, **falling)

    for kind in (0, 1):
        module, shared = a_map(lattice, rows)
        rule = rules(module, shared)[kind]
        rule.step(Batch(rows[:100]))
        other = SimpleNamespace(**{name: value.clone() for name, value in vars(module).items()})
        resumed = rules(other, shared)[kind]
        resumed.load_state_dict(deepcopy(rule.state_dict()))
        for each in (rule, resumed):
            each.step(Batch(rows[100:]))
            each.end_pass()
        assert torch.equal(module.codebook, other.codebook)
        assert rule.progress == resumed.progress


def test_the_search_through_a_subspace_finds_the_same_units_but_for_rounding():
    lattice, features = Lattice(20, 20), 300
    generator = torch.Generator().manual_seed(0)
    smooth = influence("gaussian", lattice.distances(), torch.tensor(4.0, dtype=torch.float64))
    codebook = (smooth @ torch.randn(400, features, generator=generator, dtype=torch.float64)).float()
    rows = codebook[torch.randint(400, (300,), generator=generator)] + torch.randn(300, features, generator=generator)
    search = Search(codebook, smooth=True)
    assert len(search._factors) == 2, "this codebook is smooth; the search should have found its subspace"
    exact = ((rows.double()[:, None] - codebook.double()) ** 2).sum(-1) - (rows.double() ** 2).sum(1, keepdim=True)
    plain, clever = (each.scores(rows, None).double() for each in (Search(codebook), search))
    assert (clever - exact).abs().max() < 4 * (plain - exact).abs().max()
    found = nearest_two(clever.float())[1][:, 0]
    gap = exact.gather(1, found[:, None])[:, 0] - exact.amin(1)
    assert gap.max() < 4 * (plain - exact).abs().max()


def test_a_codebook_of_full_rank_is_multiplied_as_it_is():
    codebook = torch.randn(40, 100, generator=torch.Generator().manual_seed(0))
    assert len(Search(codebook, smooth=True)._factors) == 1


def test_large_numbers_keep_their_digits_in_single_precision():
    lattice = Lattice(4, 4)
    rows = (some_rows() + 10_000).float()
    module, shared = a_map(lattice, rows)
    module.codebook += module.centre
    rule = BatchMap(module, passes=1, neighbourhood="gaussian", radius=Falling(1.0, 1.0), **shared)
    exact = ((rows.double()[:, None] - module.codebook.double()) ** 2).sum(-1).amin(1).sqrt().mean()
    assert float(rule.step(Batch(rows))["loss"]) == pytest.approx(float(exact), rel=1e-3)
    assert float(rule.evaluate(Batch(rows))) == pytest.approx(float(exact), rel=1e-3)


def test_a_falling_number_goes_by_equal_factors_or_evenly_to_zero():
    assert Falling(8.0, 0.5).at(torch.tensor([0.0, 0.5, 1.0, 2.0])).tolist() == pytest.approx([8, 2, 0.5, 0.5])
    assert Falling(4.0, 0.0).at(torch.tensor([0.0, 0.25, 1.0])).tolist() == [4, 3, 0]
