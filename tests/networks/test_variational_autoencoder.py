"""The variational autoencoder: both terms of its bound, the likelihood under it, what it draws, and its limits."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from neurarium.networks.autoencoder import Autoencoder
from neurarium.networks.variational_autoencoder import VariationalAutoencoder, VariationalAutoencoderModule
from neurarium.tour.digits import split

SHARED = Path(__file__).parents[3] / "shared" / "data"
OF_IMAGES = {"shape": (1, 4, 3), "hidden": (3,), "architecture": "convolutional"}


def drawn(shape=(5,), hidden=(4,), n_codes=2, **options):
    torch.manual_seed(0)
    module = VariationalAutoencoderModule(shape, hidden, n_codes, activation="tanh", **options).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    if module.noise is not None:
        nn.init.constant_(module.noise, -0.07)
    module.scaling.fit(torch.rand(20, *shape).double() * 4)
    return module.eval()


def linear(n_columns=6, n_codes=2, *, exact):
    """Probabilistic PCA as a module, x = W z + m + σ ε with orthogonal columns W; its density, as SciPy has it.

    With W'W diagonal the true posterior is N(M⁻¹ W'(x - m), σ² M⁻¹), M = W'W + σ², whose variance is diagonal: the
    coder is set to it, or near it.
    """
    module = drawn((n_columns,), (), n_codes)
    W = torch.linalg.qr(torch.randn(n_columns, n_codes).double())[0] * torch.tensor([2.0, 1.0]).double()
    with torch.no_grad():
        module.decoder.maps[0].weight.copy_(W.T)
        offset = module.decoder.maps[0].bias
        noise = module.log_noise().exp()
        M = (W.T @ W).diagonal() + noise
        mean, log_variance = W.T / M[:, None], (noise / M).log()
        if not exact:
            mean, log_variance = mean * 0.8, log_variance + 0.3
        coder = module.encoder.maps[0]
        coder.weight.copy_(torch.cat([mean, torch.zeros_like(mean)]))
        coder.bias.copy_(torch.cat([-mean @ offset, log_variance]))
        scale = module.scaling.scale
        covariance = (W @ W.T + noise * torch.eye(n_columns).double()) * scale[:, None] * scale
        centre = module.scaling.inverse(offset[None])[0]
    law = multivariate_normal(centre.detach().numpy(), covariance.numpy())
    rows = torch.from_numpy(law.rvs(50, random_state=0))
    return module, rows, law.logpdf(rows.numpy())


def log_likelihood(module, rows, draws):
    with torch.no_grad():
        weights = module.log_weights(rows, torch.randn(len(rows), draws, module.n_codes).double())
    return (weights.logsumexp(1) - np.log(draws)).numpy()


def test_with_the_true_posterior_every_single_draw_gives_the_exact_likelihood():
    module, rows, exact = linear(exact=True)
    for _ in range(3):
        np.testing.assert_allclose(log_likelihood(module, rows, 1), exact, rtol=1e-9)


def test_the_bound_is_below_the_exact_likelihood_by_the_divergence_of_the_posteriors_and_draws_close_the_gap():
    module, rows, exact = linear(exact=False)
    best, _, _ = linear(exact=True)
    with torch.no_grad():
        (m, log_s2), (true_m, true_log_s2) = module.posterior(rows), best.posterior(rows)
        q, p = Normal(m, (0.5 * log_s2).exp()), Normal(true_m, (0.5 * true_log_s2).exp())
        gap = kl_divergence(q, p).sum(1).numpy()
        terms = module.bound(rows.repeat(4_000, 1))
        bounds = (terms.reconstruction - terms.divergence).numpy().reshape(4_000, 50)
    wrong = bounds.std(0) / np.sqrt(len(bounds))
    assert (np.abs(bounds.mean(0) - (exact - gap)) < 5 * wrong).all()
    assert bounds.mean() < exact.mean() - 0.9 * gap.mean()  # the control: the bound alone is too low
    means = [np.mean([log_likelihood(module, rows, k) for _ in range(20)]) for k in (1, 4, 16, 256, 2048)]
    assert means == sorted(means)
    assert means[0] == pytest.approx((exact - gap).mean(), abs=0.1)
    assert means[-1] == pytest.approx(exact.mean(), abs=0.005)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("kind", [{}, OF_IMAGES], ids=["dense", "convolutional"])
def test_the_terms_are_torchs_own_distributions(likelihood, kind):
    module = drawn(likelihood=likelihood, **kind)
    rows, noise = torch.rand(7, *kind.get("shape", (5,))).double(), torch.randn(7, 2).double()
    rows = rows.round() if likelihood == "bernoulli" else rows
    with torch.no_grad():
        terms = module.bound(rows, noise)
        mean, log_variance = module.posterior(rows)
        q, prior = Normal(mean, (0.5 * log_variance).exp()), Normal(torch.zeros_like(mean), 1.0)
        code = mean + q.scale * noise
        decoded = module.decode(code)
        spread = (0.5 * module.log_noise()).exp() * module.scaling.scale if likelihood == "gaussian" else None
        law = Bernoulli(decoded) if likelihood == "bernoulli" else Normal(decoded, spread)
        reconstruction = law.log_prob(rows).flatten(1).sum(1)
        torch.testing.assert_close(terms.reconstruction, reconstruction)
        torch.testing.assert_close(terms.divergence, kl_divergence(q, prior).sum(1))
        weights = reconstruction + (prior.log_prob(code) - q.log_prob(code)).sum(1)
        torch.testing.assert_close(module.log_weights(rows, noise[:, None])[:, 0], weights)
        samples = q.sample((20_000,))
        guess = (q.log_prob(samples) - prior.log_prob(samples)).sum(2)
        assert ((guess.mean(0) - terms.divergence).abs() < 5 * guess.std(0) / 20_000**0.5).all()


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("kind", [{}, OF_IMAGES], ids=["dense", "convolutional"])
def test_the_slopes_are_finite_differences(likelihood, kind):
    module = drawn(likelihood=likelihood, **kind)
    rows, noise = torch.rand(4, *kind.get("shape", (5,))).double(), torch.randn(4, 2).double()

    def bound():
        terms = module.bound(rows, noise)
        return (terms.reconstruction - terms.divergence).mean()

    bound().backward()
    chance = np.random.default_rng(0)
    for name, parameter in module.named_parameters():
        at = tuple(chance.integers(size) for size in parameter.shape)
        values = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                parameter[at] += step
                values.append(float(bound()))
                parameter[at] -= step
        assert float(parameter.grad[at]) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5, abs=1e-6), name


def test_the_slope_of_a_draw_is_on_average_the_slope_of_the_mean():
    """Reparameterisation: the mean over draws has a closed form where the decoder is linear."""
    module, rows, _ = linear(exact=False)
    W, noise = module.decoder.maps[0].weight, module.log_noise().exp().detach()
    mean, log_variance = module.posterior(rows)
    error = module.scaling(rows) - module._outputs(mean)
    loss = 0.5 * (error.square().sum(1) + log_variance.exp() @ W.square().sum(1)) / noise
    coder = module.encoder.maps[0].weight
    (exact,) = torch.autograd.grad(loss.mean(), coder)
    many, slopes = rows.repeat(100, 1), []
    for _ in range(40):
        (slope,) = torch.autograd.grad(-module.bound(many).reconstruction.mean(), coder)
        slopes.append(slope)
    wrong = torch.stack(slopes).std(0) / 40**0.5
    assert ((torch.stack(slopes).mean(0) - exact).abs() < 5 * wrong + 1e-12).all()


# What a fit finds.


def cloud(n=400, seed=0):
    chance = np.random.default_rng(seed)
    return chance.normal(size=(n, 2)) @ (chance.normal(size=(2, 6)) * 2) + chance.normal(size=(n, 6)) + 3


@pytest.fixture(scope="module")
def straight():
    X = cloud()
    options = {"n_components": 2, "hidden": (), "epochs": 400, "batch_size": 200, "learning_rate": 0.03}
    return VariationalAutoencoder(random_state=0, **options).fit(X), X


def test_without_hidden_layers_it_finds_probabilistic_pca(straight):
    """Tipping and Bishop's likelihood at its maximum is the most that any bound can reach."""
    vae, X = straight
    most = PCA(2).fit(X).score(X)
    terms = vae.bound(X, 100, random_state=0)
    assert most - 0.05 < (terms.reconstruction - terms.divergence).mean() < most + 0.01
    assert vae.log_likelihood(X, 100, random_state=0).mean() == pytest.approx(most, abs=0.02)


def test_what_it_draws_has_the_mean_and_the_covariance_of_its_own_law(straight):
    """x = m + W z + σ ε: W from what comes back of single codes, σ from what was learnt."""
    vae, X = straight
    origin, *corners = vae.inverse_transform([[0, 0], [1, 0], [0, 1]])
    W, scale = (np.array(corners) - origin).T, vae.module_.scaling.scale.numpy()
    law = W @ W.T + vae.module_.log_noise().exp().item() * np.diag(scale**2)
    drawn_rows = vae.sample(200_000, random_state=0)
    np.testing.assert_allclose(drawn_rows.mean(0), origin, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn_rows.T), law, atol=0.01 * law.max())
    np.testing.assert_allclose(origin, X.mean(0), atol=0.2)


def test_the_density_of_a_bent_one_integrates_to_one_and_lies_where_the_rows_are():
    chance = np.random.default_rng(0)
    angle = chance.uniform(0, np.pi, 400)
    X = np.c_[np.cos(angle), np.sin(angle)] + 0.1 * chance.normal(size=(400, 2))
    vae = VariationalAutoencoder(n_components=1, hidden=(32,), learning_rate=0.02, batch_size=100, epochs=100)
    vae.set_params(random_state=0).fit(X)
    edge = np.linspace(-2.5, 2.5, 60)
    grid = np.stack(np.meshgrid(edge, edge), -1).reshape(-1, 2)
    density = np.exp(vae.log_likelihood(grid, 300, random_state=0))
    assert density.sum() * (edge[1] - edge[0]) ** 2 == pytest.approx(1, abs=0.03)
    assert vae.score_samples(X).mean() > vae.score_samples([[0.0, 0.0], [0.0, -1.0], [2.0, 0.0]]).max()
    far = np.abs(np.hypot(*vae.sample(500, random_state=0).T) - 1)
    assert np.median(far) < 0.15


def test_more_draws_bring_the_likelihood_up_and_the_bound_stays_below():
    rows = split(0)
    vae = VariationalAutoencoder(epochs=3, random_state=0).fit(rows.seen)
    asked = rows.held_out[:100]
    estimates = [vae.log_likelihood(asked, k, random_state=0).mean() for k in (1, 10, 100, 1_000)]
    assert estimates == sorted(estimates)
    terms = vae.bound(asked, 50, random_state=0)
    assert (terms.reconstruction - terms.divergence).mean() < estimates[1]
    again = vae.log_likelihood(asked, 10, random_state=0)
    assert np.array_equal(again, vae.log_likelihood(asked, 10, random_state=0))
    assert again.dtype == np.float64


def test_both_terms_are_told_of_every_pass():
    X = np.random.default_rng(0).random((90, 4)).round()
    for beta in (1.0, 4.0):
        vae = VariationalAutoencoder(likelihood="bernoulli", beta=beta, epochs=5, random_state=0).fit(X)
        for entry in vae.history_:
            assert entry["loss"] == pytest.approx(beta * entry["divergence"] - entry["reconstruction"], rel=1e-9)
    weak, strong = (
        VariationalAutoencoder(
            beta=beta, n_components=2, hidden=(), epochs=100, batch_size=100, learning_rate=0.05, random_state=0
        )
        .fit(cloud(100))
        .bound(cloud(100), 20, random_state=0)
        for beta in (0.1, 10.0)
    )
    assert strong.divergence.mean() < 0.5 * weak.divergence.mean()
    assert strong.reconstruction.mean() < weak.reconstruction.mean()


def test_a_row_has_one_score_whatever_it_is_asked_with(straight):
    vae, X = straight
    whole = vae.score_samples(X)
    np.testing.assert_allclose(np.r_[vae.score_samples(X[:3]), vae.score_samples(X[3:])], whole, rtol=1e-9)
    assert vae.set_threshold(cloud(99), 0.1).is_anomaly(X.mean(0, keepdims=True) + 100).all()


def test_a_weight_of_two_is_two_rows_where_the_noise_is_the_same():
    X = cloud(20)
    vae = VariationalAutoencoder(epochs=1, batch_size=100, n_components=1, random_state=0)
    module = vae.fit(X).module_.train()
    rule, rows = vae._rule(module), torch.from_numpy(X)
    noise = torch.zeros(20, 1).double()
    terms = rule._cost(module.bound(rows, noise), vae._read(X, reset=False))
    assert terms.shape == (20,)
    some = VariationalAutoencoder(epochs=1, batch_size=100, random_state=0).fit(X, sample_weight=[1] * 10 + [0] * 10)
    np.testing.assert_allclose(some.module_.scaling.mean, X[:10].mean(0))


# Rows and codes.


def test_codes_go_back_and_forth_in_the_form_of_the_rows_and_paths_join_two_of_them():
    X = np.random.default_rng(0).random((30, 5, 4)).astype(np.float32)
    for architecture in ("dense", "convolutional"):
        vae = VariationalAutoencoder(architecture=architecture, n_components=3, epochs=2, random_state=0).fit(X)
        np.testing.assert_allclose(vae.inverse_transform(vae.transform(X)), vae.reconstruct(X), atol=1e-5)
        path = vae.interpolate(X[0], X[1], 5)
        assert path.shape == (5, 5, 4)
        assert vae.sample(2, random_state=0).shape == (2, 5, 4)
        np.testing.assert_allclose(path[[0, -1]], vae.reconstruct(X[:2]), atol=1e-5)
        middle = vae.transform(X[:2]).mean(0, keepdims=True)
        np.testing.assert_allclose(path[2], vae.inverse_transform(middle)[0], atol=1e-5)
    with pytest.raises(ValueError, match="steps must be at least 2; got 1"):
        vae.interpolate(X[0], X[1], 1)


def test_bernoulli_rows_are_drawn_as_zeros_and_ones_and_others_are_refused():
    X = (np.random.default_rng(0).random((200, 3)) < [0.1, 0.5, 0.9]).astype(float)
    vae = VariationalAutoencoder(likelihood="bernoulli", hidden=(8,), random_state=0, learning_rate=0.01).fit(X)
    drawn_rows = vae.sample(4_000, random_state=0)
    assert set(np.unique(drawn_rows)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn_rows.mean(0), X.mean(0), atol=0.05)
    with pytest.raises(ValueError, match="from 0 to 1; these values go from 0 to 2"):
        vae.fit(2 * X)


def test_values_cannot_be_held_fast_and_it_says_so(straight):
    with pytest.raises(ValueError, match="no place for values held fast"):
        straight[0].sample(2, given=[0, 0, np.nan, 0, 0, 0])
    with pytest.raises(ValueError, match="n_samples must be at least 1; got 0"):
        straight[0].bound(straight[1], 0)


# Best when, and not when.


def error(coder, rows):
    again = coder.inverse_transform(coder.transform(rows))
    return float(((again - rows) ** 2).sum(1).mean())


def test_digits_come_back_better_than_from_as_many_principal_components():
    rows = split(0)
    vae = VariationalAutoencoder(epochs=8, random_state=0).fit(rows.seen)
    assert error(vae, rows.held_out) < 0.95 * error(PCA(8).fit(rows.seen), rows.held_out)


@pytest.mark.slow
def test_digits_come_back_better_than_from_as_many_principal_components_in_five_seeds_with_defaults():
    for seed in range(5):
        rows = split(seed)
        vae = VariationalAutoencoder(random_state=seed).fit(rows.seen)
        assert error(vae, rows.held_out) < 0.7 * error(PCA(8).fit(rows.seen), rows.held_out)


@pytest.mark.slow
def test_for_reconstructions_alone_an_autoencoder_is_the_sharper_one():
    """Do not use when."""
    for seed in range(3):
        rows = split(seed)
        plain = Autoencoder(n_components=16, random_state=seed).fit(rows.seen)
        vae = VariationalAutoencoder(n_components=16, random_state=seed).fit(rows.seen)
        assert error(plain, rows.held_out) < error(vae, rows.held_out)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_mnist_the_bound_and_the_likelihood_after_20_passes(seed):
    """784-400-20, tanh, batch 100, Adam 1e-3, digits drawn in black and white anew at each pass (Burda 2016)."""
    chance, images = np.random.default_rng(seed), {}
    for which in ("train", "t10k"):
        path = SHARED / "mnist" / f"{which}-images-idx3-ubyte.gz"
        if not path.exists():
            pytest.skip("MNIST is not there")
        with gzip.open(path) as file:
            images[which] = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784) / np.float32(255)
    seen, new = images["train"], (chance.random((10_000, 784)) < images["t10k"]).astype(np.float32)
    vae = VariationalAutoencoder(
        n_components=20,
        hidden=(400,),
        activation="tanh",
        likelihood="bernoulli",
        learning_rate=1e-3,
        batch_size=100,
        random_state=seed,
    )
    for _ in range(20):
        order = chance.permutation(len(seen))
        vae.partial_fit((chance.random(seen.shape, dtype=np.float32) < seen[order]).astype(np.float32))
    terms = vae.bound(new, random_state=0)
    assert (terms.reconstruction - terms.divergence).mean() >= -103
    assert -vae.log_likelihood(new, 100, random_state=0).mean() <= 98
