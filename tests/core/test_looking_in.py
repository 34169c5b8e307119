"""Stages, threads, devices and the progress bar: what surrounds the mathematics."""

import os
import pty
import sys
import time

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.core.devices import Threads, place, thread_count
from neurarium.core.scaling import Standardise, weighted_moments
from neurarium.core.stages import Stage, Staged, stage_names
from tiny import Descent, LineClassifier, LineModule


def test_a_stage_is_read_by_name_and_costs_nothing_computed_twice():
    module = LineModule(3, 2)
    runs = []
    module.scale.register_forward_hook(lambda *_: runs.append(1))
    x = torch.randn(5, 3)
    seen = Staged(module)(x)
    assert set(seen) == {"scaled", "answer"}
    assert torch.equal(seen["scaled"], module.scale(x))
    assert runs == [1, 1]  # one for Staged, one for this test's own
    assert stage_names(module) == ["scaled"]
    assert not module.scaled._forward_hooks


def test_a_stage_inside_a_part_carries_the_parts_name():
    outer = nn.Sequential(LineModule(3, 2), Stage())
    assert stage_names(outer) == ["0.scaled", "1"]


def test_threads_follow_the_work_and_the_callers_setting_comes_back(monkeypatch):
    monkeypatch.delenv("NEURARIUM_THREADS", raising=False)
    assert thread_count(1e6) == 1
    assert thread_count(1e12) == len(os.sched_getaffinity(0))
    before = torch.get_num_threads()
    with Threads(1e6, numpy_too=True):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    monkeypatch.setenv("NEURARIUM_THREADS", "3")
    with Threads(1e12):
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before


def test_a_device_that_is_not_here_is_named():
    assert place("auto", 1.0) == torch.device("cpu")
    for name in ("abacus", "cuda:77"):
        with pytest.raises(ValueError, match=f"device '{name}' cannot be used here; 'auto' and 'cpu' always can"):
            place(name, 1.0)


def test_scaling_counts_a_row_of_weight_two_as_two_rows():
    values = torch.randn(6, 2, dtype=torch.float64)
    twice = torch.cat([values, values[:3]])
    weighted = weighted_moments(values, torch.tensor([2.0, 2, 2, 1, 1, 1]))
    for one, other in zip(weighted, weighted_moments(twice), strict=True):
        torch.testing.assert_close(one, other)


def test_scaling_goes_there_and_back_and_leaves_constant_columns_alone():
    values = torch.tensor([[1.0, 0.1], [3.0, 0.1], [8.0, 0.1]], dtype=torch.float64)
    scale = Standardise((2,)).double()
    scale.fit(values)
    scaled = scale(values)
    torch.testing.assert_close(scaled.mean(0), torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(scaled[:, 0].std(correction=0), torch.tensor(1.0, dtype=torch.float64))
    assert scaled[:, 1].abs().max() < 1e-12
    torch.testing.assert_close(scale.inverse(scaled), values)


def shown(monkeypatch, *, verbose, slow=0.02, epochs=60):
    """What a fit draws on a terminal."""
    plain = Descent.step

    def slowly(self, batch):
        time.sleep(slow)
        return plain(self, batch)

    monkeypatch.setattr(Descent, "step", slowly)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        LineClassifier(epochs=epochs, verbose=verbose).fit(np.eye(4), [0, 1, 0, 1])
        terminal.flush()
        try:
            drawn = os.read(ours, 100_000).decode()
        except BlockingIOError:
            drawn = ""
    os.close(ours)
    return drawn


def test_a_long_fit_shows_a_bar_on_a_terminal_when_asked_to(monkeypatch):
    drawn = shown(monkeypatch, verbose=True)
    assert "LineClassifier" in drawn
    assert "of 60" in drawn
    assert "loss" in drawn


@pytest.mark.parametrize(("verbose", "slow"), [(False, 0.02), (True, 0.0)])
def test_a_fit_that_nobody_asked_about_or_that_is_soon_over_shows_none(monkeypatch, verbose, slow):
    assert shown(monkeypatch, verbose=verbose, slow=slow, epochs=40) == ""
