"""Every estimator of the catalogue, printed once for all tests of the printers."""

import warnings
from dataclasses import fields

import pytest

from found import FOUND, rows_for
from neurarium.program.export import write

_SMALL = {"n_units": 12, "n_hidden": 10, "n_neurons": 12, "epochs": 3}


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Each estimator, small, fitted once and printed in every language."""
    folder, known = tmp_path_factory.mktemp("exported"), {}

    def export(name):
        if name not in known:
            kind = FOUND[name]
            X, y = rows_for(kind)
            names = {field.name for field in fields(kind)}
            small = {key: value for key, value in _SMALL.items() if key in names}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                estimator = kind(random_state=0, **small).fit(X, y)
            sheet = estimator._printable()
            for ending in (".py", ".c", ".onnx"):
                write(folder / f"{name}{ending}", sheet)
            known[name] = estimator, X, folder / name
        return known[name]

    return export
