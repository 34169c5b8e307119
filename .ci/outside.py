"""What an engineer and a teacher take away, made by the package alone: sixteen exports, eight looks and two labs.

    python outside.py exports FOLDER
    python outside.py pages FOLDER

Each network of the chart is fitted on the data that it comes with (in two passes: what is checked here is the way out),
printed as NumPy and C99 source, and the NumPy file checks itself in a Python that is told to forget torch.
"""

import subprocess
import sys
import warnings
from pathlib import Path

from neurarium import catalogue
from neurarium.page.saving import save
from neurarium.views.examples import example, scenes
from neurarium.views.laboratory import lab

PAGES = {
    "network": "P",
    "margin": "ELM",
    "features": "DCN",
    "heatmap": "FF",
    "gates": "LSTM",
    "plane": "AE",
    "map": "KN",
    "energy": "HN",
}
LABS = ("convolution", "playground")
ALONE = "import runpy, sys; sys.modules['torch'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"


def quick(estimator):
    if hasattr(estimator, "epochs"):
        estimator.epochs = 2


def exports(folder):
    """Sixteen networks as source code; each file checks itself."""
    files = []
    for code in catalogue.cards():
        estimator, X, y = example(code)
        quick(estimator)
        estimator.fit(X) if y is None else estimator.fit(X, y)
        for ending in ("py", "c"):
            estimator.export(folder / f"{code.lower()}.{ending}")
        files.append(folder / f"{code.lower()}.py")
        check = subprocess.run([sys.executable, "-c", ALONE, str(files[-1])], capture_output=True, text=True)
        if check.returncode:
            raise SystemExit(f"{files[-1].name} does not agree with its network:\n{check.stdout}{check.stderr}")
    print(f"{len(files)} networks as NumPy and as C99, in {folder.name}")


def pages(folder):
    """Eight looks and two labs as pages."""
    for look, code in PAGES.items():
        save(list(scenes(code, [look], fitting=quick)), folder / f"{look}.html")
    for name in LABS:
        save([lab(name)], folder / f"lab {name}.html")
    print(f"{len(PAGES) + len(LABS)} pages, in {folder.name}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # advice on fits that are too short
    {"exports": exports, "pages": pages}[sys.argv[1]](Path(sys.argv[2]))
