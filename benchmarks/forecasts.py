"""What the recurrent networks foretell, beside answers that cost nothing: a table, with a verdict in each row.

    python benchmarks/forecasts.py            all of it, some minutes on two cores
    python benchmarks/forecasts.py airline    one of airline, laser, ett, shakespeare

Each number of a network is the median of the seeds 0, 1 and 2, all else as it comes. The last value and the last season
know nothing of what they foretell; a network that does not beat them both is called what it is.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

import neurarium as nr
from neurarium.datasets import shelf

SEEDS = (0, 1, 2)


class Row(NamedTuple):
    """One line of the table; less is better."""

    data: str
    ahead: str
    measure: str
    naive: dict[str, float]
    networks: dict[str, float]

    def verdict(self) -> str:
        name, best = min(self.naive.items(), key=lambda pair: pair[1])
        beaten = [network for network, value in self.networks.items() if value < best]
        missed = [network for network in self.networks if network not in beaten]
        said = [f"{' and '.join(beaten)} better than the {name}"] if beaten else []
        return "; ".join(said + ([f"{' and '.join(missed)} NOT better than the {name}"] if missed else []))


def medians(measured: dict[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in measured.items()}


def airline() -> Iterator[Row]:
    """The last twelve months of 144, the networks on logarithms, since seasons grow with the level."""
    y = shelf.load("series_airline").data[:, 0]
    past, future = y[:132], y[132:]
    month = np.eye(12)[np.arange(144) % 12]

    def error(said: np.ndarray) -> float:
        return 100 * float(np.abs(said / future - 1).mean())

    naive = {"last value": error(np.full(12, past[-1])), "last season": error(past[-12:])}
    alone = {
        kind.__name__: [error(np.exp(kind(random_state=seed).fit(np.log(past)).forecast(12))) for seed in SEEDS]
        for kind in (nr.LSTMForecaster, nr.EchoStateForecaster)
    }
    yield Row("airline passengers", "12 months", "MAPE, %", naive, medians(alone))

    def told(seed: int) -> float:
        network = nr.LSTMForecaster(random_state=seed).fit(np.log(past), control=month[:132])
        return error(np.exp(network.forecast(12, control=month[132:])))

    yield Row(
        "airline, month as control",
        "12 months",
        "MAPE, %",
        naive,
        medians({"LSTMForecaster": [told(seed) for seed in SEEDS]}),
    )


def laser() -> Iterator[Row]:
    """A thousand values learnt from; then a hundred in one free run, and a thousand one at a time."""
    y = shelf.load("series_laser").data[:, 0]
    past, season = y[:1000], period(y[:1000])
    free: dict[str, list[float]] = {}
    one: dict[str, list[float]] = {}
    starts = np.arange(1000, 1100)
    histories = np.stack([y[start - 500 : start] for start in starts])[..., None]
    for kind in (nr.LSTMForecaster, nr.EchoStateForecaster):
        for seed in SEEDS:
            network = kind(random_state=seed).fit(past)
            free.setdefault(kind.__name__, []).append(nmse(network.forecast(100), y[1000:1100]))
            said = network.forecast(1, history=histories)[:, 0, 0]
            one.setdefault(kind.__name__, []).append(nmse(said, y[1000:1100]))
    naive = {
        "last value": nmse(np.full(100, past[-1]), y[1000:1100]),
        "last season": nmse(np.resize(past[-season:], 100), y[1000:1100]),
    }
    yield Row("Santa Fe laser", "100 in a free run", "NMSE", naive, medians(free))
    naive = {
        "last value": nmse(y[999:1099], y[1000:1100]),
        "last season": nmse(y[1000 - season : 1100 - season], y[1000:1100]),
    }
    yield Row("Santa Fe laser", "1, a hundred times", "NMSE", naive, medians(one))


def nmse(said: np.ndarray, truth: np.ndarray) -> float:
    return float(((said - truth) ** 2).mean() / truth.var())


def period(y: np.ndarray) -> int:
    """The lag at which a series is most like itself, once it has been unlike."""
    z = y - y.mean()
    alike = np.correlate(z, z, "full")[len(z) - 1 :]
    first = int(np.argmax(alike < 0))
    return first + int(np.argmax(alike[first : len(z) // 2]))


def ett() -> Iterator[Row]:
    """ETTh1, 7 variables, the usual split: 12 months, 4, 4; standardised by the first part. A window in every 24 hours
    of the test, 336 hours known and 96 foretold: 1 of 24 windows of the published figures."""
    data = shelf.load("ett").data
    months = 30 * 24
    scaled = (data - data[: 12 * months].mean(0)) / data[: 12 * months].std(0)
    past, test = scaled[: 12 * months], np.arange(16 * months, 20 * months - 96, 24)
    histories = np.stack([scaled[start - 336 : start] for start in test])
    truth = np.stack([scaled[start : start + 96] for start in test])
    for ahead in (1, 96):

        def error(said: np.ndarray, ahead: int = ahead) -> float:
            return float(((said[:, :ahead] - truth[:, :ahead]) ** 2).mean())

        naive = {
            "last value": error(histories[:, -1:].repeat(96, 1)),
            "last season": error(np.tile(histories[:, -24:], (1, 4, 1))),
        }
        if ahead == 1:
            said = {
                kind.__name__: [kind(random_state=seed).fit(past).forecast(96, history=histories) for seed in SEEDS]
                for kind in (nr.LSTMForecaster, nr.EchoStateForecaster)
            }
        networks = medians({kind: [error(each) for each in said[kind]] for kind in said})
        yield Row("ETTh1", f"{ahead} hour{'s' if ahead > 1 else ''}", "MSE", naive, networks)


def shakespeare() -> Iterator[Row]:
    """Nine tenths learnt from, the last tenth judged, in bits per character; the naive ones count characters."""
    text = shelf.load("tiny_shakespeare").data
    cut = int(0.9 * len(text))
    naive = {
        f"chain of order {order}": nr.MarkovChain(order=order).fit(text[:cut]).bits_per_character(text[cut:])
        for order in (1, 4, 6)
    }
    network = nr.LSTMLanguageModel(epochs=2, random_state=0).fit(text[:cut])  # one seed: a minute and more
    yield Row(
        "tiny Shakespeare", "1 character", "bits", naive, {"LSTMLanguageModel": network.bits_per_character(text[cut:])}
    )


PARTS = (airline, laser, ett, shakespeare)


def main(wanted: list[str]) -> None:
    print("| data | ahead | measure | naive | networks | verdict | s |\n|---|---|---|---|---|---|---|")
    for part in PARTS:
        if wanted and part.__name__ not in wanted:
            continue
        begun = time.perf_counter()
        for row in part():
            naive, networks = (
                ", ".join(f"{name} {value:.3g}" for name, value in pairs.items()) for pairs in (row.naive, row.networks)
            )
            seconds = time.perf_counter() - begun
            line = (row.data, row.ahead, row.measure, naive, networks, row.verdict(), f"{seconds:.0f}")
            print("| " + " | ".join(line) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
