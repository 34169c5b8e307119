"""How long `import neurarium` and `neurarium --version` take, as ratios to `python -c pass` in the same run.

    python benchmarks/import_time.py

The budget is 0.3 s; neither loads torch (guarded by tests/test_front_door.py).
"""

import json
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import neurarium": ["-c", "import neurarium"],
    "neurarium --version": ["-m", "neurarium", "--version"],
    "neurarium --help": ["-m", "neurarium", "--help"],
    "neurarium data list": ["-m", "neurarium", "data", "list"],
}
REPEATS = 9


def seconds(arguments: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    taken = {name: [] for name in COMMANDS}
    for _ in range(REPEATS):  # by turns, so that a busy moment meets all of them
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    floor = statistics.median(taken["python -c pass"])
    rows = {name: round(statistics.median(times), 3) for name, times in taken.items()}
    print(
        json.dumps({name: {"seconds": time, "ratio": round(time / floor, 1)} for name, time in rows.items()}, indent=1)
    )


if __name__ == "__main__":
    main()
