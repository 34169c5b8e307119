"""A process that fits with a checkpoint and is killed with SIGKILL again and again, until it comes through.

Run as `python kill.py SCRIPT FOLDER KILLS SEED`: SCRIPT is a Python file with `make() -> (estimator, X, y)`. It forks
children from one warm process (importing torch costs seconds), kills KILLS of them at random moments of their fit,
lets the last one end, and writes FOLDER/disturbed and FOLDER/undisturbed for the caller to compare.
"""

import os
import random
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path


def child(make, folder: Path, out: Path, started: int, checkpoint: bool) -> None:
    estimator, X, y = make()
    os.write(started, b"x")
    estimator.fit(X, y, **({"checkpoint": folder / "checkpoint"} if checkpoint else {})).save(out)
    os._exit(0)


def run(make, folder: Path, out: Path, patience: float | None, *, checkpoint: bool = True) -> bool:
    """Whether the child ended by itself; it is killed `patience` seconds into its fit."""
    heard, started = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            child(make, folder, out, started, checkpoint)
        finally:
            os._exit(1)
    os.close(started)
    os.read(heard, 1)
    os.close(heard)
    if patience is not None:
        time.sleep(patience)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the child failed with {os.WEXITSTATUS(status)}")
    return os.WIFEXITED(status)


def killed_and_resumed(script: Path, folder: Path, kills: int) -> None:
    """Run this file as a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, str(script), str(folder), str(kills), "0"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or done.stdout != f"{kills} kills landed\n":
        raise AssertionError(done.stdout + done.stderr)


def main(script: str, where: str, kills: str, seed: str) -> None:
    make, folder, wanted = runpy.run_path(script)["make"], Path(where), int(kills)
    chance = random.Random(int(seed))
    begun = time.monotonic()
    run(make, folder, folder / "undisturbed", None, checkpoint=False)
    whole = time.monotonic() - begun
    landed = came_through = 0
    while landed < wanted:
        if came_through:  # the fit was finished before all kills were spent: start another
            (folder / "checkpoint" / "fit.safetensors").unlink()
        # Short lives: most kills meet the fit in the middle of a step, some in the middle of a write.
        came_through = run(make, folder, folder / "disturbed", chance.uniform(0, whole / 3))
        landed += not came_through
    if not came_through:
        run(make, folder, folder / "disturbed", None)
    sys.stdout.write(f"{landed} kills landed\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
