"""What every test can rely on."""

import os
import signal

import pytest

from browsing import CHROMIUM, FLAGS

# Tests run two at a time on as few cores: threads of torch and of BLAS beside another busy process wait for each other,
# which made some tests six times slower. What is read once, when those are loaded, is said here, before they are.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_is_heard():
    """A shell starts its background jobs deaf to Ctrl-C, and a fit respects that; the tests want to be heard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; what needs it is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield running
        running.close()
