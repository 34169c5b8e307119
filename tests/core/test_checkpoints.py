"""A fit keeps its place: whatever happens to the process, the same call ends with the same bytes."""

import numpy as np
import pytest

from kill import killed_and_resumed
from neurarium.core.checkpoints import Checkpoint
from neurarium.core.persistence import DamagedFile
from tiny import Descent, LineClassifier


@pytest.fixture
def table():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return X, X @ [1.0, -2.0, 0.5] > 0


def test_a_fit_killed_twenty_times_at_random_moments_ends_with_the_same_bytes(tmp_path):
    script = tmp_path / "make.py"
    script.write_text(
        "import numpy as np\n"
        "from tiny import LineClassifier\n"
        "def make():\n"
        "    X = np.random.default_rng(0).normal(size=(200, 3))\n"
        "    return LineClassifier(epochs=100, batch_size=8, random_state=0, early_stopping=True, n_iter_no_change=100)"
        ", X, X[:, 0] > 0\n"
    )
    killed_and_resumed(script, tmp_path, kills=20)
    assert (tmp_path / "disturbed").read_bytes() == (tmp_path / "undisturbed").read_bytes()


def test_every_step_can_be_the_last_one_written_down(table, tmp_path, monkeypatch):
    """Resumed from each of its steps in turn, a fit of two passes ends with the same weights."""
    whole = LineClassifier(epochs=2, batch_size=20, random_state=0).fit(*table)
    plain = Descent.step
    for last in range(1, 7):
        count = 0

        def dying(self, batch, last=last):
            nonlocal count
            count += 1
            if count > last:
                raise MemoryError
            return plain(self, batch)

        monkeypatch.setattr(Descent, "step", dying)
        monkeypatch.setattr(Checkpoint, "_due", property(lambda self: 0.0, lambda self, value: None), raising=False)
        estimator = LineClassifier(epochs=2, batch_size=20, random_state=0)
        if last < 6:
            with pytest.raises(MemoryError):
                estimator.fit(*table, checkpoint=tmp_path / str(last))
        monkeypatch.setattr(Descent, "step", plain)
        resumed = estimator.fit(*table, checkpoint=tmp_path / str(last))
        assert np.array_equal(resumed.module_.weight.detach(), whole.module_.weight.detach())
        assert resumed.history_ == whole.history_


def test_an_interrupted_fit_without_a_seed_goes_on_with_the_seed_it_began_with(table, tmp_path):
    first = LineClassifier(epochs=2).fit(*table, checkpoint=tmp_path)
    again = LineClassifier(epochs=2).fit(*table, checkpoint=tmp_path)
    assert first.seed_ == again.seed_
    assert np.array_equal(first.module_.weight.detach(), again.module_.weight.detach())


def test_the_checkpoint_of_another_fit_is_refused_by_name(table, tmp_path):
    LineClassifier(epochs=2, random_state=0).fit(*table, checkpoint=tmp_path)
    with pytest.raises(
        ValueError, match="holds the checkpoint of another fit .other parameters.; give this fit a folder"
    ):
        LineClassifier(epochs=3, random_state=0).fit(*table, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="other data"):
        LineClassifier(epochs=2, random_state=0).fit(table[0] + 1, table[1], checkpoint=tmp_path)


def test_a_damaged_checkpoint_is_one_clear_error(table, tmp_path):
    LineClassifier(epochs=2, random_state=0).fit(*table, checkpoint=tmp_path)
    path = tmp_path / "fit.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="damaged or cut short"):
        LineClassifier(epochs=2, random_state=0).fit(*table, checkpoint=tmp_path)


def test_what_a_kill_left_in_the_middle_of_a_write_is_swept_up(table, tmp_path):
    stray = tmp_path / ".fit.safetensors.abc.part"
    stray.write_bytes(b"half")
    LineClassifier(epochs=1).fit(*table, checkpoint=tmp_path)
    assert not stray.exists()
