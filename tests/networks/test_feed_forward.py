"""The feed-forward network: its formula and its slopes, what it was founded on, and what it is not for."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn.functional import cross_entropy

from neurarium.core.batches import Batch, Batches
from neurarium.core.learning import Learning
from neurarium.core.randomness import Randomness
from neurarium.networks.feed_forward import (
    FeedForwardClassifier,
    FeedForwardClassifierModule,
    FeedForwardRegressor,
    FeedForwardRegressorModule,
)
from neurarium.rules.gradient import Gradient
from neurarium.rules.optimisers import Descent

SHARED = Path(__file__).parents[3] / "shared" / "data"
XOR = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
ODD = torch.tensor([[0.0], [1], [1], [0]])


def drawn(kind, n_inputs=3, n_hidden=4, n_outputs=2, **options):
    torch.manual_seed(0)
    module = kind(n_inputs, n_hidden, n_outputs, **options).double()
    module.scaling.fit(torch.randn(20, n_inputs).double() * 3 + 1)
    if isinstance(module, FeedForwardRegressorModule):
        module.units.fit(torch.randn(20, n_outputs).double() * 5)
    return module.eval()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("direct_links", [False, True])
def test_the_answer_is_the_formula(activation, direct_links):
    module = drawn(FeedForwardClassifierModule, activation=activation, direct_links=direct_links)
    f = {"tanh": np.tanh, "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "relu": lambda a: np.maximum(a, 0)}[activation]
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    inputs = np.random.default_rng(0).normal(size=(7, 3))
    x = (inputs - state["scaling.mean"]) / state["scaling.scale"]
    y = f(x @ state["inner.weight"].T + state["inner.bias"]) @ state["outer.weight"].T + state["outer.bias"]
    if direct_links:
        y = y + x @ state["direct.weight"].T
    with torch.no_grad():
        np.testing.assert_allclose(module(torch.from_numpy(inputs)).numpy(), y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", [FeedForwardClassifierModule, FeedForwardRegressorModule])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("direct_links", [False, True])
def test_the_jacobian_in_closed_form_is_autograds(kind, activation, direct_links):
    module = drawn(kind, activation=activation, direct_links=direct_links)
    inputs = torch.randn(5, 3).double()
    answers, jacobian = module.linearise(inputs)
    for row in range(5):
        for output in range(2):
            module.zero_grad()
            module(inputs[row : row + 1])[0, output].backward()
            slope = torch.cat([parameter.grad.flatten() for parameter in module.parameters()])
            torch.testing.assert_close(jacobian[row, output].detach(), slope, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(answers, module(inputs))


class PaperModule(nn.Module):
    """Rumelhart's units: every hidden and output unit is a sigmoid; direct links where asked for."""

    def __init__(self, n_inputs, n_hidden, *, direct):
        super().__init__()
        self.inner = nn.Linear(n_inputs, n_hidden) if n_hidden else None
        self.outer = nn.Linear(n_hidden + n_inputs * direct, 1)
        self.has_direct = direct
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1, 1)

    def forward(self, x):
        parts = [self.inner(x).sigmoid()] if self.inner is not None else []
        return self.outer(torch.cat([*parts, x] if self.has_direct else parts, 1)).sigmoid()


def half_squares(answer, batch):
    return 0.5 * ((answer - batch.targets) ** 2).sum(1)


def sweeps(module, inputs, targets, most, *, eta=0.5, alpha=0.9, within=0.5):
    """Full-batch sweeps of the paper's gradient descent until every output lies that near its target, or None."""
    # The paper adds the slopes of all patterns up; ours is their mean.
    rule = Gradient(module, half_squares, Descent(module, eta * len(inputs), momentum=alpha))
    batches = Batches(Batch(inputs, targets), len(inputs))
    for report in Learning(module, rule, batches, most, Randomness(0)):
        with torch.no_grad():
            if bool(((module(inputs) - targets).abs() < within).all()):
                return report.step
    return None


def test_back_propagation_solves_xor_with_one_hidden_unit_and_direct_links():
    solved = []
    for seed in range(30):
        torch.manual_seed(seed)
        solved.append(sweeps(PaperModule(2, 1, direct=True), XOR, ODD, 5_000))
    assert sum(each is not None for each in solved) >= 28


@pytest.mark.slow
def test_without_direct_links_two_hidden_units_mostly_solve_xor_and_sometimes_rest_in_a_bad_bottom():
    """2-2-1: the paper met two of these bottoms; with weights drawn from [-1, 1] about one start in six leads there."""
    solved, stuck = 0, []
    for seed in range(30):
        torch.manual_seed(seed)
        module = PaperModule(2, 2, direct=False)
        if sweeps(module, XOR, ODD, 5_000) is not None:
            solved += 1
            continue
        error = half_squares(module(XOR), Batch(XOR, ODD)).mean()
        stuck.append(max(float(slope.abs().max()) for slope in torch.autograd.grad(error, list(module.parameters()))))
    assert solved >= 20
    assert stuck
    assert max(stuck) < 1e-3  # flat: more sweeps would not help


def test_without_a_hidden_unit_xor_is_never_solved():
    """The control: what a perceptron lacks."""
    for seed in range(5):
        torch.manual_seed(seed)
        assert sweeps(PaperModule(2, 0, direct=True), XOR, ODD, 400) is None


@pytest.mark.slow
def test_symmetry_is_found_with_antisymmetric_weights_in_the_ratio_one_two_four_or_its_other_solution():
    """6-2-1, 64 patterns, eta .1, alpha .9, weights from [-.3, .3], until every output is within .1.

    Where we differ from the paper, which shows one run of 1,425 sweeps with 1:2:4: of 60 starts 56 end with 64 of 64
    right, 38 of these with 1:1.99:3.96 and the others with 1:1.53:2.04, which tells the patterns apart as well.
    """
    inputs = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 6)
    targets = (inputs == inputs.flip(1)).all(1, keepdim=True).float()
    solved, doubling = 0, 0
    for seed in range(10):
        torch.manual_seed(seed)
        module = PaperModule(6, 2, direct=False)
        for parameter in module.parameters():
            nn.init.uniform_(parameter, -0.3, 0.3)
        if sweeps(module, inputs, targets, 25_000, eta=0.1, within=0.1) is None:
            continue
        solved += 1
        w = module.inner.weight.detach()
        assert float((w + w.flip(1)).abs().max()) < 0.01 * float(w.abs().max())
        halves = w[:, :3].abs().sort(1).values
        misses = [
            float((halves / halves[:, :1] / torch.tensor(ratio) - 1).abs().max())
            for ratio in ([1.0, 2.0, 4.0], [1.0, 1.53, 2.04])
        ]
        assert min(misses) < 0.1
        doubling += misses[0] < 0.1
    assert solved >= 8
    assert doubling >= 1


def split(seed):
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.2, stratify=y, random_state=seed)


@pytest.mark.slow
def test_the_digits_untuned():
    scores = []
    for seed in range(5):
        learn, unseen, labels, truth = split(seed)
        scores.append(FeedForwardClassifier(random_state=seed).fit(learn, labels).score(unseen, truth))
    assert min(scores) > 0.94
    assert np.median(scores) >= 0.965


def mnist(part):
    folder = SHARED / "mnist"
    if not folder.is_dir():
        pytest.skip(f"MNIST is not at {folder}")
    images = gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    rows = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255
    return rows, np.frombuffer(labels, np.uint8, offset=8).astype(int)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_three_hundred_units_on_mnist_err_no_more_than_published(seed):
    network = FeedForwardClassifier(n_hidden=300, activation="relu", trainer="adam", epochs=10, random_state=seed)
    network.fit(*mnist("train"))
    assert 1 - network.score(*mnist("t10k")) <= 0.047


def test_do_not_use_it_when_the_boundary_winds():
    """Two spirals of four turns: the nearest neighbours know better than one hidden layer with its defaults."""
    draw = np.random.default_rng(0)
    angle = np.sqrt(draw.random(800)) * 8 * np.pi
    sign = np.repeat([1, -1], 400)
    X = np.c_[np.cos(angle), np.sin(angle)] * (angle * sign)[:, None] + draw.normal(0, 0.2, (800, 2))
    learn, unseen, labels, truth = train_test_split(X, sign, test_size=0.5, random_state=0)
    ours = FeedForwardClassifier(random_state=0).fit(learn, labels).score(unseen, truth)
    assert KNeighborsClassifier().fit(learn, labels).score(unseen, truth) > ours + 0.05


@pytest.mark.parametrize(
    ("rows", "columns", "trainer"), [(100, 4, "levenberg-marquardt"), (1_500, 64, "lbfgs"), (60_000, 784, "adam")]
)
def test_the_trainer_follows_the_arithmetic(rows, columns, trainer):
    estimator = FeedForwardClassifier()
    estimator.shape_in_, estimator.shape_out_ = (columns,), (10 if columns > 4 else 2,)
    assert estimator._trainer(rows) == trainer


def test_partial_fit_is_there_for_adam_and_hidden_for_trainers_that_need_all_rows():
    assert hasattr(FeedForwardClassifier(), "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        FeedForwardRegressor(trainer="lbfgs").partial_fit([[1.0]], [1.0])


def test_too_many_units_do_no_harm_where_the_evidence_chooses_the_decay():
    """Noisy sinc, 60 rows: 30 units without decay fit the noise; with the evidence's they do not."""
    draw = np.random.default_rng(0)
    X = draw.uniform(-10, 10, (60, 1))
    y = np.sinc(X[:, 0] / np.pi) + draw.normal(0, 0.2, 60)
    grid = np.linspace(-9.5, 9.5, 400)[:, None]
    truth = np.sinc(grid[:, 0] / np.pi)

    def error(**settings):
        network = FeedForwardRegressor(trainer="levenberg-marquardt", random_state=0, **settings).fit(X, y)
        return float(np.sqrt(((network.predict(grid) - truth) ** 2).mean()))

    chosen, none = error(), error(weight_decay=0.0)
    assert chosen < 0.15
    assert none > 1.5 * chosen


def test_what_passes_the_stages_is_the_formula_step_by_step():
    X = np.random.default_rng(0).normal(size=(40, 3)) * [1, 10, 100]
    network = FeedForwardClassifier(random_state=0).fit(X, (X[:, 0] > 0).astype(int))
    seen, state = network.stages(X), network.module_.state_dict()
    assert list(seen) == ["scaled", "sum", "hidden", "output", "probability", "answer"]
    np.testing.assert_allclose(seen["scaled"].std(0), 1)
    np.testing.assert_allclose(
        seen["sum"], seen["scaled"] @ state["inner.weight"].numpy().T + state["inner.bias"].numpy()
    )
    np.testing.assert_allclose(seen["hidden"], np.tanh(seen["sum"]))
    np.testing.assert_allclose(seen["probability"], network.predict_proba(X))
    numbers = FeedForwardRegressor(random_state=0).fit(X, X[:, 0] * 7 + 100).stages(X)
    assert list(numbers) == ["scaled", "sum", "hidden", "output", "answer"]
    assert abs(numbers["output"].mean()) < 0.01
    assert numbers["answer"].mean() == pytest.approx(100, abs=3)


@pytest.mark.parametrize("trainer", ["levenberg-marquardt", "lbfgs", "adam"])
def test_every_trainer_learns_stops_early_and_says_what_it_was(trainer):
    draw = np.random.default_rng(0)
    X = draw.normal(size=(300, 3))
    y = np.c_[np.sin(X[:, 0]) + X[:, 1] ** 2, X[:, 2]]
    network = FeedForwardRegressor(trainer=trainer, learning_rate=0.01, random_state=0).fit(X, y)
    assert network.score(X, y) > 0.95
    assert network.predict(X).shape == (300, 2)
    assert network.trainer_ == trainer
    noisy = y + draw.normal(size=y.shape)
    early = FeedForwardRegressor(
        trainer=trainer, early_stopping=True, n_iter_no_change=3, weight_decay=0.0, random_state=0
    ).fit(X, noisy)
    assert early.n_iter_ < 200
    held_out = [entry["held_out"] for entry in early.history_]
    best = int(np.argmin(held_out))
    assert len(held_out) - 1 - best <= 3


@pytest.mark.parametrize("trainer", ["levenberg-marquardt", "lbfgs"])
def test_trainers_that_see_all_rows_end_where_the_loss_of_the_formula_is_flat(trainer):
    draw = np.random.default_rng(0)
    X = draw.normal(size=(60, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    network = FeedForwardClassifier(n_hidden=4, trainer=trainer, weight_decay=0.01, epochs=2000, random_state=0)
    module = network.fit(X, y).module_
    decay = sum((each**2).sum() for each in module.parameters() if each.dim() > 1)
    loss = cross_entropy(module(torch.from_numpy(X)), torch.from_numpy(y)) + 0.005 * decay
    assert network.n_iter_ < 2000
    assert network.history_[-1]["loss"] == pytest.approx(float(loss.detach()), rel=1e-6)
    assert max(float(slope.abs().max()) for slope in torch.autograd.grad(loss, list(module.parameters()))) < 1e-3


@pytest.mark.parametrize("trainer", ["levenberg-marquardt", "lbfgs"])
@pytest.mark.parametrize("kind", [FeedForwardClassifier, FeedForwardRegressor])
def test_a_row_of_weight_two_is_two_rows_and_one_of_weight_zero_is_none(kind, trainer):
    draw = np.random.default_rng(0)
    X, weights = draw.normal(size=(40, 3)) * 10, draw.integers(0, 4, 40)
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    settings = {"trainer": trainer, "epochs": 30, "n_hidden": 5, "random_state": 0}
    weighted = kind(**settings).fit(X, y, sample_weight=weights)
    repeated = kind(**settings).fit(X.repeat(weights, 0), y.repeat(weights))
    ask = "predict_proba" if kind is FeedForwardClassifier else "predict"
    np.testing.assert_allclose(getattr(weighted, ask)(X), getattr(repeated, ask)(X), rtol=1e-5, atol=1e-7)


def test_with_adam_the_size_of_all_weights_together_means_nothing():
    draw = np.random.default_rng(0)
    X, weights = draw.normal(size=(50, 3)), draw.random(50)
    y = (X[:, 0] > 0).astype(int)
    settings = {"trainer": "adam", "epochs": 3, "batch_size": 10, "random_state": 0}
    small = FeedForwardClassifier(**settings).fit(X, y, sample_weight=weights * 1e-6)
    large = FeedForwardClassifier(**settings).fit(X, y, sample_weight=weights * 1e6)
    np.testing.assert_allclose(small.predict_proba(X), large.predict_proba(X), rtol=1e-9)


def test_rows_that_keep_coming_are_learnt_by_adam_also_after_another_trainer():
    X, y = load_digits(return_X_y=True)
    stream = FeedForwardClassifier(learning_rate=0.01, random_state=0)
    for first in range(0, 1500, 100):
        stream.partial_fit(X[first : first + 100], y[first : first + 100], classes=np.arange(10))
    assert stream.trainer_ == "adam"
    assert stream.score(X[1500:], y[1500:]) > 0.75
    network = FeedForwardClassifier(random_state=0).fit(X[:200], y[:200])
    before = network.score(X[1000:], y[1000:])
    for first in range(200, 1000, 100):
        network.partial_fit(X[first : first + 100], y[first : first + 100])
    assert network.trainer_ == "adam"
    assert network.score(X[1000:], y[1000:]) > before


def test_xor_and_parity_are_learnt_with_the_defaults():
    for bits in (2, 3, 4):
        X = (np.arange(2**bits)[:, None] >> np.arange(bits)) & 1
        y = X.sum(1) % 2
        for seed in range(5):
            assert FeedForwardClassifier(random_state=seed).fit(X, y).score(X, y) == 1
            assert FeedForwardRegressor(random_state=seed).fit(X, y.astype(float)).score(X, y) > 0.99


def rival_and_ours(X, y, unseen, truth, seed):
    """Root mean square errors of scikit-learn's MLP, each column and the target standardised for it, and of ours."""
    rival = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), MLPRegressor(max_iter=1000, random_state=seed)), transformer=StandardScaler()
    )
    nets = rival, FeedForwardRegressor(random_state=seed, trainer="levenberg-marquardt")
    return [root_mean_squared_error(truth, net.fit(X, y).predict(unseen)) for net in nets]


@pytest.mark.slow
def test_on_noisy_sinc_it_errs_less_than_scikit_learns_network():
    results = []
    for seed in range(5):
        draw = np.random.default_rng(seed)
        X, unseen = draw.uniform(-10, 10, (2, 500, 1))
        y = np.sinc(X[:, 0] / np.pi) + draw.uniform(-0.2, 0.2, 500)
        results.append(rival_and_ours(X, y, unseen, np.sinc(unseen[:, 0] / np.pi), seed))
    rival, ours = np.median(results, 0)
    assert ours < 0.03
    assert ours < rival / 2


@pytest.mark.slow
def test_on_abalone_it_errs_no_more_than_scikit_learns_network():
    path = SHARED / "uci" / "abalone.data"
    if not path.is_file():
        pytest.skip(f"abalone is not at {path}")
    table = [line.split(",") for line in path.read_text().split()]
    X = np.array([[*(float(row[0] == sex) for sex in "MFI"), *map(float, row[1:8])] for row in table])
    y = np.array([float(row[8]) for row in table])
    results = []
    for seed in range(5):
        learn, unseen, told, truth = train_test_split(X, y, test_size=0.2, random_state=seed)
        results.append(rival_and_ours(learn, told, unseen, truth, seed))
    rival, ours = np.median(results, 0)
    assert ours <= rival
