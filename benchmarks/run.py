"""Ours beside a rival, on the same work, in one run: seconds, quality and the ratio.

    python benchmarks/run.py                 every benchmark whose rival is installed
    python benchmarks/run.py kohonen rbm     some
    NEURARIUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/run.py    one thread for both

Each side runs in a process of its own, by turns, three times; medians are printed. Rivals that are not part of
neurarium's own environment: pip install -r benchmarks/requirements.txt
"""

import importlib
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"run", "import_time", "common", "forecasts"}
REPEATS = 3


def once(benchmark: str, side: str) -> dict:
    """One side, in a fresh process; the last line it prints is its result."""
    code = (
        "import json, time, importlib\n"
        f"side = getattr(importlib.import_module({benchmark!r}), {side!r})\n"
        "print(json.dumps(side()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        missing = "ModuleNotFoundError" in done.stderr and side == "rival"
        return {"missing": done.stderr.strip().splitlines()[-1]} if missing else {"failed": done.stderr[-500:]}
    return json.loads(done.stdout.splitlines()[-1])


def middle(results: list[dict]) -> dict:
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def measure(benchmark: str) -> dict:
    taken: dict[str, list[dict]] = {"rival": [], "ours": []}
    for _ in range(REPEATS):
        for side, results in taken.items():
            results.append(once(benchmark, side))
            if not results[-1].keys().isdisjoint({"missing", "failed"}):
                return {"benchmark": benchmark, side: results[-1]}
    module = importlib.import_module(benchmark)
    rival, ours = middle(taken["rival"]), middle(taken["ours"])
    row = {
        "benchmark": benchmark,
        "workload": module.WORKLOAD,
        "rival_name": module.RIVAL,
        "rival": rival,
        "ours": ours,
    }
    return {**row, "ratio": round(ours["seconds"] / rival["seconds"], 3)}


def main(wanted: list[str]) -> None:
    sys.path.insert(0, str(HERE))
    for benchmark in wanted or sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NOT_BENCHMARKS):
        print(json.dumps(measure(benchmark)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
