"""What the tests of the data sets share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"  # beside the checkout


@pytest.fixture(autouse=True)
def _own_shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test has a cache of its own, no other folders, and no network beyond this machine."""
    monkeypatch.setenv("NEURARIUM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NEURARIUM_OFFLINE", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("NEURARIUM_DATA", raising=False)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data sets, which the shelf then finds."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: real data sets are not tested")
    monkeypatch.setenv("NEURARIUM_DATA", str(SHARED))
    return SHARED
