"""What follows from a matrix of transition probabilities: classes, the long run, and how long things take."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path

Matrix = Float[NDArray[np.float64], "n n"]


class Class(NamedTuple):
    """States that lead to each other.

    Attributes:
        members: Their numbers.
        closed: Whether the chain, once in, stays.
        period: The greatest common divisor of all ways back; 0 for a state that never returns.
    """

    members: NDArray[np.int64]
    closed: bool
    period: int


def classes(P: Matrix) -> list[Class]:
    """The communicating classes of a chain, in the order of their first members."""
    links = csr_array(P > 0)
    n_classes, label = connected_components(links, connection="strong")
    source, target = links.nonzero()
    leaves = np.zeros(n_classes, bool)
    leaves[label[source[label[source] != label[target]]]] = True
    found = [Class(members := np.flatnonzero(label == c), not leaves[c], _period(P, members)) for c in range(n_classes)]
    return sorted(found, key=lambda each: int(each.members[0]))


def _period(P: Matrix, members: NDArray[np.int64]) -> int:
    inner = csr_array(P[np.ix_(members, members)] > 0)
    depth = shortest_path(inner, unweighted=True, indices=0)
    source, target = inner.nonzero()
    return int(np.gcd.reduce((depth[source] + 1 - depth[target]).astype(np.int64))) if len(source) else 0


def irreducible_law(P: Matrix) -> Float[NDArray[np.float64], "n"]:
    """The stationary law of a chain of one class, each entry right to its last digits however rare the state.

    States are taken out one by one, and nothing is ever subtracted.

    Source: W. Grassmann, M. Taksar and D. Heyman, Regenerative analysis and steady state distributions for Markov
    chains, Operations Research 33, 1985.
    """
    A = P.copy()
    for n in range(len(A) - 1, 0, -1):
        A[:n, n] /= A[n, :n].sum()
        A[:n, :n] += np.outer(A[:n, n], A[n, :n])
    law = np.ones(len(A))
    for n in range(1, len(A)):
        law[n] = law[:n] @ A[:n, n]
    return law / law.sum()


def long_run(P: Matrix, start: Float[NDArray[np.float64], "n"]) -> Float[NDArray[np.float64], "n"]:
    """The share of time that a chain spends in each state in the long run, from a law of its first state.

    It exists for every finite chain, with several closed classes or periods too.
    """
    closed = [each for each in classes(P) if each.closed]
    inside = np.concatenate([each.members for each in closed])
    passing = np.setdiff1d(np.arange(len(P)), inside)
    visits = np.linalg.solve(np.eye(len(passing)) - P[np.ix_(passing, passing)].T, start[passing])
    arrives = start.copy()
    arrives[inside] += visits @ P[np.ix_(passing, inside)]
    law = np.zeros(len(P))
    for each in closed:
        law[each.members] = arrives[each.members].sum() * irreducible_law(P[np.ix_(each.members, each.members)])
    return law


def mixing_time(P: Matrix, law: Float[NDArray[np.float64], "n"], epsilon: float) -> int:
    """The first t at which, from every start, the law is within `epsilon` (total variation) of the stationary one."""

    def far(power: Matrix) -> bool:
        return bool(np.abs(power - law).sum(1).max() / 2 > epsilon)

    if not far(np.eye(len(P))):
        return 0
    powers = [P]  # to the power of 1, 2, 4, ...
    while far(powers[-1]):
        powers.append(powers[-1] @ powers[-1])
    # The distance never grows with time: the last t that is still far is found bit by bit.
    t, reached = 0, np.eye(len(P))
    for bit in range(len(powers) - 2, -1, -1):
        if far(further := reached @ powers[bit]):
            t, reached = t + 2**bit, further
    return t + 1


def hitting_times(P: Matrix, target: Bool[NDArray[np.bool_], "n"]) -> Float[NDArray[np.float64], "n"]:
    """Steps until the chain is in `target`, on average; infinite from where it may never come there."""
    distance = shortest_path(csr_array(P > 0).T, unweighted=True, indices=np.flatnonzero(target)).min(0)
    never = np.isinf(distance)
    free = ~target
    # From where one can reach a state without a way to the target, without passing the target, the mean is infinite.
    risky = never.copy()
    while (more := free & ~risky & ((P > 0) @ risky)).any():
        risky |= more
    ask = np.flatnonzero(free & ~risky)
    times = np.where(target, 0.0, math.inf)
    times[ask] = np.linalg.solve(np.eye(len(ask)) - P[np.ix_(ask, ask)], np.ones(len(ask)))
    return times


def dispersion(
    P: Matrix, law: Float[NDArray[np.float64], "n"], of: Float[NDArray[np.float64], "n functions"]
) -> Float[NDArray[np.float64], "functions"]:
    """The variance of long sums of functions of the state, over that of as many independent draws.

    With f centred and Z = (I - P + 1 law)^-1 it is 2 <f, Z f> / <f, f> - 1; for two states
    (1 + d) / (1 - d) with d = p(1|1) - p(1|0), as in Markov's paper.
    """
    f = of - law @ of
    Z_f = np.linalg.solve(np.eye(len(P)) - P + law, f)
    with np.errstate(invalid="ignore"):
        return 2 * (law @ (f * Z_f)) / (law @ f**2) - 1
