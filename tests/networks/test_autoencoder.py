"""The autoencoder: its formulas and slopes, the principal plane, alarms at a given rate, and what it is not for."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from torch.nn.functional import binary_cross_entropy

from neurarium.networks._autoencoder_layers import BatchNorm, Coder, Decoder
from neurarium.networks.autoencoder import Autoencoder, AutoencoderModule
from neurarium.tour.digits import split

SHARED = Path(__file__).parents[3] / "shared" / "data"
FUNCTIONS = {
    "relu": lambda a: np.maximum(a, 0),
    "elu": lambda a: np.where(a > 0, a, np.expm1(a)),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
}
OF_IMAGES = {"shape": (2, 5, 4), "hidden": (3, 4), "architecture": "convolutional"}


def drawn(shape=(6,), hidden=(5, 4), n_codes=3, **options):
    torch.manual_seed(0)
    module = AutoencoderModule(shape, hidden, n_codes, **options).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    module.scaling.fit(torch.rand(20, *shape).double())
    return module.eval()


def cost(module, rows):
    with torch.no_grad():
        return module.cost(rows)


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
def test_the_answer_and_its_cost_are_the_formula(activation, tied, loss):
    module, f = drawn(activation=activation, tied=tied, loss=loss), FUNCTIONS[activation]
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    rows = np.random.default_rng(0).random((7, 6))
    values = x = (rows - state["scaling.mean"]) / state["scaling.scale"]
    for layer in range(3):
        values = values @ state[f"encoder.maps.{layer}.weight"].T + state[f"encoder.maps.{layer}.bias"]
        values = f(values) if layer < 2 else values
    code = values
    for layer in range(3):
        weight = state[f"encoder.maps.{2 - layer}.weight" if tied else f"decoder.maps.{layer}.weight"]
        values = values @ weight + state[f"decoder.maps.{layer}.bias"]
        values = f(values) if layer < 2 else values
    if loss == "squared":
        answer, costs = values * state["scaling.scale"] + state["scaling.mean"], ((values - x) ** 2).sum(1)
    else:
        answer = 1 / (1 + np.exp(-values))
        costs = -(rows * np.log(answer) + (1 - rows) * np.log(1 - answer)).sum(1)
    given = torch.from_numpy(rows)
    with torch.no_grad():
        np.testing.assert_allclose(module.encode(given).numpy(), code, rtol=1e-10)
        np.testing.assert_allclose(module(given).numpy(), answer, rtol=1e-10)
    np.testing.assert_allclose(cost(module, given).numpy(), costs, rtol=1e-10)


@pytest.mark.parametrize("kind", [{}, OF_IMAGES], ids=["dense", "convolutional"])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
def test_the_slopes_are_finite_differences(kind, tied, batch_norm, loss):
    module = drawn(activation="tanh", tied=tied, batch_norm=batch_norm, loss=loss, **kind).train()
    rows = torch.rand(4, *kind.get("shape", (6,))).double()
    module.cost(rows).mean().backward()
    chance = np.random.default_rng(0)
    for name, parameter in module.named_parameters():
        at = tuple(chance.integers(size) for size in parameter.shape)
        slopes = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                parameter[at] += step
                slopes.append(float(cost(module, rows).mean()))
                parameter[at] -= step
        assert float(parameter.grad[at]) == pytest.approx((slopes[0] - slopes[1]) / 2e-6, abs=2e-7, rel=1e-5), name


@pytest.mark.parametrize("size", [(1, 5), (2, 2), (5, 4), (8, 8), (7, 9)])
@pytest.mark.parametrize("hidden", [(), (3,), (3, 4, 2)])
def test_the_way_back_through_a_map_is_its_transpose_at_every_size(size, hidden):
    """<W x, y> = <x, Wᵀ y> for the whole linear chain, which holds for no other way back."""
    torch.manual_seed(0)
    options = {"architecture": "convolutional", "activation": "relu", "batch_norm": False}
    coder = Coder((2, *size), hidden, 6, **options).double()
    decoder = Decoder(coder, 6, tied=True, batch_norm=False).double()
    x, y = torch.randn(1, 2, *size).double(), torch.randn(1, 6).double()
    with torch.no_grad():
        there_and_back(coder, decoder, x, y)


def there_and_back(coder, decoder, x, y):
    there = x
    for layer in coder.maps[:-1]:
        there = layer(there) - layer.bias[:, None, None]
    there = coder.maps[-1](there.flatten(1)) - coder.maps[-1].bias
    back = y
    for layer, of in zip(decoder.maps, list(coder.maps)[::-1], strict=True):
        back = layer(back, of.weight)  # its bias is still zero
    assert back.shape == x.shape
    assert float((there * y).sum()) == pytest.approx(float((x * back).sum()), rel=1e-12)


def test_tied_weights_are_learnt_once():
    free, tied = drawn(), drawn(tied=True)
    weights = sum(each.weight.numel() for each in free.encoder.maps)
    assert sum(p.numel() for p in free.parameters()) - sum(p.numel() for p in tied.parameters()) == weights


def test_batch_norm_is_torchs_own_and_takes_a_single_row():
    torch.manual_seed(0)
    ours, theirs = BatchNorm(3), nn.BatchNorm1d(3)
    for _ in range(3):
        rows = torch.randn(8, 3) * 2 + 1
        torch.testing.assert_close(ours(rows), theirs(rows))
    one = torch.randn(1, 3)
    said = ours(one)
    torch.testing.assert_close(said, theirs.eval()(one))
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)
    assert ours.training
    X = np.random.default_rng(0).normal(size=(33, 4))  # 32 rows and a single one
    assert np.isfinite(Autoencoder(batch_norm=True, epochs=2, random_state=0).fit(X).transform(X)).all()


# Bourlard and Kamp 1988: with straight outputs the optimum is the principal plane.


def bent_cloud(n=600, n_columns=12, seed=0):
    """Rows near a bent surface of two dimensions among twelve columns, with an offset, and no two variances alike."""
    chance = np.random.default_rng(seed)
    u, v = chance.uniform(-2, 2, (2, n))
    surface = np.c_[2 * u, 1.5 * v, u * v, np.sin(2 * u), np.cos(2 * v), u**2 / 2]
    return surface @ chance.normal(size=(6, n_columns)) + 0.05 * chance.normal(size=(n, n_columns)) + 5


def loss_and_cosine(estimator, X, k):
    """The squared error as a share of PCA's, and the least cosine of the angles between the two planes."""
    pca = PCA(k, svd_solver="covariance_eigh").fit(X)
    least = ((pca.inverse_transform(pca.transform(X)) - X) ** 2).sum()
    codes = np.r_[np.zeros((1, k)), np.eye(k)].astype(X.dtype)
    origin, *corners = estimator.inverse_transform(codes).reshape(k + 1, -1)
    cosine = np.cos(subspace_angles((np.array(corners) - origin).T.astype(float), pca.components_.T)).min()
    return ((estimator.reconstruct(X) - X) ** 2).sum() / least, cosine


LINEAR = {"epochs": 80, "batch_size": 150, "learning_rate": 0.03}


@pytest.mark.parametrize("tied", [False, True])
def test_a_linear_autoencoder_spans_the_principal_plane(tied):
    X = bent_cloud()
    for seed in range(5):
        linear = Autoencoder(n_components=3, hidden=(), tied=tied, random_state=seed, **LINEAR).fit(X)
        share, cosine = loss_and_cosine(linear, X, 3)
        assert share <= 1.01
        assert cosine > 0.99


class Uncentred(Autoencoder):
    """The control: rows as they come, and no constants that could centre them."""

    def _start(self, module, data):
        super()._start(module, data)
        module.scaling.mean.zero_()
        for layer in (*module.encoder.maps, *module.decoder.maps):
            layer.bias.requires_grad_(False)


def test_without_centring_or_with_too_little_learning_it_does_not():
    """The controls."""
    X = bent_cloud()
    uncentred = Uncentred(n_components=3, hidden=(), random_state=0, **LINEAR).fit(X)
    share, cosine = loss_and_cosine(uncentred, X, 3)
    assert share > 1.01
    assert cosine < 0.99
    hasty = Autoencoder(n_components=3, hidden=(), random_state=0, **{**LINEAR, "epochs": 3}).fit(X)
    assert loss_and_cosine(hasty, X, 3)[0] > 1.01


class BentCode(Autoencoder):
    """One hidden layer in all, of tanh units: the code itself."""

    def _build(self, shape_in, shape_out):
        module = super()._build(shape_in, shape_out)
        module.code = nn.Tanh()
        return module


def test_one_layer_of_bent_units_is_never_below_the_principal_plane_but_layers_around_the_code_are():
    """The theorem, and that the rows are such that bending could help."""
    X = bent_cloud()
    for seed in range(5):
        bent = BentCode(n_components=2, hidden=(), random_state=seed, **LINEAR).fit(X)
        pca = PCA(2).fit(X)
        least = ((pca.inverse_transform(pca.transform(X)) - X) ** 2).sum()
        assert ((bent.reconstruct(X) - X) ** 2).sum() >= least * (1 - 1e-9)
    deep = Autoencoder(n_components=2, hidden=(64,), random_state=0, **{**LINEAR, "learning_rate": 0.01}).fit(X)
    assert ((deep.reconstruct(X) - X) ** 2).sum() < 0.5 * least


# Codes and rows in the caller's forms.


def test_a_code_drawn_again_is_what_reconstruct_says_in_the_form_of_the_rows():
    images = np.random.default_rng(0).random((20, 5, 7, 2)).astype(np.float32)
    forms = [images, images[..., 0], images.reshape(20, 70)]
    views = [None, None, (2, 5, 7)]
    for architecture in ("dense", "convolutional"):
        for X, view in zip(forms, views, strict=True):
            coder = Autoencoder(architecture=architecture, n_components=3, epochs=1, view=view, random_state=0).fit(X)
            codes = coder.transform(X)
            assert codes.shape == (20, 3)
            assert coder.reconstruct(X).shape == coder.inverse_transform(codes).shape == X.shape
            np.testing.assert_allclose(coder.inverse_transform(codes), coder.reconstruct(X), atol=1e-5)
    with pytest.raises(ValueError, match="a code has 3 numbers; got 2"):
        coder.inverse_transform(codes[:, :2])


def test_channels_come_back_where_they_were():
    flat = np.random.default_rng(0).random((300, 1, 1, 3)).astype(np.float32)
    X = np.broadcast_to(flat * [1, 10, 100], (300, 4, 4, 3)).astype(np.float32)
    coder = Autoencoder(
        architecture="convolutional", hidden=(8,), n_components=3, scaling="columns", epochs=30, random_state=0
    ).fit(X)
    assert np.abs(coder.reconstruct(X) - X).mean((0, 1, 2)) @ [1, 0.1, 0.01] < 0.3


def test_units_of_the_columns_do_not_count_where_each_is_scaled_by_itself():
    X = bent_cloud(200, 4)
    units = np.array([1e-6, 1.0, 1e3, 1e8])
    one, other = (
        Autoencoder(scaling="columns", epochs=3, random_state=0).fit(rows).reconstruct(rows) for rows in (X, X * units)
    )
    np.testing.assert_allclose(one, other / units, rtol=1e-6)


def test_a_weight_of_two_is_two_rows_and_a_weight_of_zero_none():
    X = bent_cloud(30, 4)
    weights = np.r_[np.full(10, 2.0), np.ones(10), np.zeros(10)]
    options = {"epochs": 20, "batch_size": 100, "random_state": 0}
    weighted = Autoencoder(**options).fit(X, sample_weight=weights)
    repeated = Autoencoder(**options).fit(np.r_[X[:10], X[:20]])
    np.testing.assert_allclose(weighted.reconstruct(X), repeated.reconstruct(X), rtol=1e-6)


def test_more_rows_can_follow_and_the_steps_stay_as_long():
    X = bent_cloud(400, 6)
    coder = Autoencoder(n_components=2, hidden=(32,), batch_size=100, learning_rate=3e-3, random_state=0)
    errors = []
    for _ in range(100):
        coder.partial_fit(X)
        errors.append(coder.history_[-1]["loss"])
    assert errors[-1] < 0.5 * errors[9] < 0.25 * errors[0]


@pytest.mark.parametrize("values", [(-0.5, 1.0), (0.0, 16.0)])
def test_cross_entropy_refuses_what_is_no_share_and_says_what_to_do(values):
    X = np.random.default_rng(0).uniform(*values, size=(20, 3))
    with pytest.raises(ValueError, match=r"from 0 to 1; .* MinMaxScaler\(clip=True\) for one, or use loss='squared'"):
        Autoencoder(loss="cross-entropy").fit(X)
    good = Autoencoder(loss="cross-entropy", epochs=1, random_state=0).fit(np.random.default_rng(0).random((20, 3)))
    for verb in (good.transform, good.score_samples, good.partial_fit):
        with pytest.raises(ValueError, match="cross-entropy"):
            verb(X)


def test_scores_are_minus_the_squared_error_or_the_cross_entropy():
    X = np.random.default_rng(0).random((50, 4)) * [0.2, 1, 0.5, 0.1]
    squared = Autoencoder(n_components=1, epochs=2, random_state=0).fit(X)
    np.testing.assert_allclose(squared.score_samples(X), -((squared.reconstruct(X) - X) ** 2).sum(1), rtol=1e-6)
    crossed = Autoencoder(n_components=1, epochs=2, loss="cross-entropy", random_state=0).fit(X)
    given, said = torch.from_numpy(X), torch.from_numpy(crossed.reconstruct(X))
    costs = binary_cross_entropy(said, given, reduction="none").sum(1)
    np.testing.assert_allclose(crossed.score_samples(X), -costs.numpy(), rtol=1e-6)


# Alarms.


def ring(n, seed, *, noise=0.05):
    chance = np.random.default_rng(seed)
    angle = chance.uniform(0, 2 * np.pi, n)
    return np.c_[np.cos(angle), np.sin(angle)] + noise * chance.normal(size=(n, 2))


@pytest.fixture(scope="module")
def watchman():
    return Autoencoder(n_components=1, random_state=0).fit(ring(300, 0))


def test_the_false_alarm_rate_is_kept_whatever_the_rows_that_set_the_threshold(watchman):
    """Over 200 sets of 39 rows each the mean rate is 4/40, within three standard errors of the mean."""
    rates = [
        watchman.set_threshold(ring(39, seed), 0.1).is_anomaly(ring(200, 1_000 + seed)).mean() for seed in range(1, 201)
    ]
    assert abs(np.mean(rates) - 0.1) < 3 * np.std(rates) / np.sqrt(200)


def test_set_on_the_rows_it_has_learnt_from_the_threshold_gives_more_alarms_than_it_says():
    """The control: why the rows of a threshold must be new ones."""
    seen = ring(40, 0, noise=0.2)
    eager = Autoencoder(n_components=1, hidden=(64, 32), epochs=300, batch_size=40, learning_rate=0.01, random_state=0)
    eager.fit(seen)
    assert eager.set_threshold(seen, 0.1).is_anomaly(ring(2_000, 1, noise=0.2)).mean() > 0.15


def test_what_lies_off_the_bent_line_is_found_where_straight_lines_see_nothing(watchman):
    strange = np.random.default_rng(5).normal(size=(200, 2)) * 0.2  # inside the ring
    watchman.set_threshold(ring(200, 3), 0.05)
    assert watchman.is_anomaly(strange).mean() > 0.9
    line = PCA(1).fit(ring(300, 0))
    off = [((line.inverse_transform(line.transform(X)) - X) ** 2).sum(1) for X in (ring(200, 3), strange)]
    assert (off[1] > np.quantile(off[0], 0.95)).mean() < 0.1


def test_a_rate_that_the_rows_cannot_tell_is_refused_and_the_threshold_travels_with_the_file(watchman, tmp_path):
    with pytest.raises(ValueError, match="rate of 0.01 can be told from 99 normal rows or more; got 60"):
        watchman.set_threshold(ring(60, 1), 0.01)
    with pytest.raises(ValueError, match="above 0 and below 1; got 5"):
        watchman.set_threshold(ring(60, 1), 5)
    with pytest.raises(ValueError, match="call set_threshold"):
        Autoencoder(epochs=1, random_state=0).fit(ring(60, 1)).is_anomaly(ring(60, 1))
    watchman.set_threshold(ring(99, 1), 0.01).save(tmp_path / "net")
    from neurarium import load

    assert np.array_equal(load(tmp_path / "net").is_anomaly(ring(60, 2)), watchman.is_anomaly(ring(60, 2)))


# Best when, and not when.


def error(coder, rows):
    again = coder.inverse_transform(coder.transform(rows))
    return float(((again - rows) ** 2).sum(1).mean())


def below_pca(seed, **options):
    rows = split(seed)
    coder = Autoencoder(random_state=seed, **options).fit(rows.seen)
    return error(coder, rows.held_out) / error(PCA(8).fit(rows.seen), rows.held_out)


def test_digits_come_back_better_than_from_as_many_principal_components():
    assert below_pca(0, epochs=6) < 0.8


@pytest.mark.slow
def test_digits_come_back_better_than_from_as_many_principal_components_in_five_seeds_with_defaults():
    assert max(below_pca(seed) for seed in range(5)) < 0.6
    assert max(below_pca(seed, architecture="convolutional") for seed in range(2)) < 0.8


def test_rows_that_hang_together_linearly_are_no_work_for_it():
    """Do not use when: principal components are as good, at once."""
    for seed in range(3):
        chance = np.random.default_rng(seed)
        mixing = chance.normal(size=(3, 10))
        seen, new = (chance.normal(size=(n, 3)) @ mixing + 0.3 * chance.normal(size=(n, 10)) for n in (100, 500))
        plain = error(PCA(3).fit(seen), new)
        assert error(Autoencoder(n_components=3, random_state=seed).fit(seen), new) > 1.1 * plain


def mnist(which):
    path = SHARED / "mnist" / f"{which}-images-idx3-ubyte.gz"
    if not path.exists():
        pytest.skip("MNIST is not there")
    with gzip.open(path) as file:
        return (np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784) / 255).astype(np.float32)


@pytest.mark.slow
def test_mnist_the_linear_autoencoder_is_pca_in_five_seeds():
    """Within 1 % of 13.87 on the 10,000 test images, every principal angle's cosine above .99."""
    seen, new = mnist("train"), mnist("t10k")
    pca = PCA(30, svd_solver="covariance_eigh").fit(seen)
    best = error(pca, new)
    assert best == pytest.approx(13.87, abs=0.02)
    for seed in range(5):
        linear = Autoencoder(n_components=30, hidden=(), epochs=20, batch_size=500, learning_rate=3e-3)
        linear.set_params(random_state=seed).fit(seen)
        assert error(linear, new) <= 1.01 * best
        assert loss_and_cosine(linear, seen, 30)[1] > 0.99


@pytest.mark.slow
def test_mnist_the_deep_autoencoder_with_batch_norm_comes_below_4_in_10_epochs():
    """784-1000-500-250-30 and back; Hinton and Salakhutdinov have 3.00 after pre-training and 200 epochs."""
    seen, new = mnist("train"), mnist("t10k")
    deep = Autoencoder(
        n_components=30, hidden=(1000, 500, 250), batch_norm=True, epochs=10, batch_size=100, random_state=0
    )
    assert error(deep.set_params(activation="relu").fit(seen), new) <= 4.0


@pytest.mark.slow
def test_a_code_of_two_numbers_tells_digits_apart_better_than_two_principal_components():
    digits = load_digits()
    X, y = digits.data.astype(np.float32) / 16, digits.target
    codes = Autoencoder(n_components=2, random_state=0).fit(X[:1400]).transform(X)
    plane = PCA(2).fit(X[:1400]).transform(X)
    right = [KNeighborsClassifier(1).fit(Z[:1400], y[:1400]).score(Z[1400:], y[1400:]) for Z in (codes, plane)]
    assert right[0] > right[1] + 0.1
