"""The front door: names without imports, and an editor's stub that says the same."""

import subprocess
import sys

import neurarium
from neurarium import catalogue


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_neurarium_loads_neither_torch_nor_scikit_learn_nor_numpy():
    assert not modules_after("import neurarium; neurarium.__version__") & {"torch", "sklearn", "numpy", "scipy", "rich"}


def test_every_estimator_is_found_by_name_and_nothing_else_is():
    for name, kind in catalogue.estimators().items():
        assert getattr(neurarium, name) is kind
        assert name in dir(neurarium)
    assert not hasattr(neurarium, "NoSuchNetwork")


def test_the_stub_for_editors_names_what_the_front_door_gives(request):
    import importlib.util

    spec = importlib.util.spec_from_file_location("hatch_build", request.config.rootpath / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stub = module.stub(request.config.rootpath / "src" / "neurarium")
    names = {line.split(" as ")[1] for line in stub.splitlines() if " as " in line}
    assert names | {"__version__"} == set(dir(neurarium))


def test_a_network_added_as_one_file_is_found_without_touching_anything_else(tmp_path, monkeypatch):
    (tmp_path / "throw_away.py").write_text(
        "from tiny import LineClassifier\n"
        "from neurarium.core.card import Card, Cell, Paper\n"
        "CARD = Card(code='TA', name='Throw-away', family='feed-forward', tier='C',\n"
        "    layers=((Cell.INPUT, 2), (Cell.OUTPUT, 1)), links='forward',\n"
        "    papers=(Paper('Nobody, N.', 'Nothing', 'Nowhere', 2026),), claim='It is thrown away.',\n"
        "    best_when='Testing.', do_not_use_when='Else.', verb='classify', estimators=(LineClassifier,))\n"
    )
    monkeypatch.setattr(catalogue.networks, "__path__", [*catalogue.networks.__path__, str(tmp_path)])
    catalogue.cards.cache_clear()
    try:
        assert catalogue.cards()["TA"].name == "Throw-away"
        assert neurarium.LineClassifier is catalogue.estimators()["LineClassifier"]
    finally:
        catalogue.cards.cache_clear()
        sys.modules.pop("neurarium.networks.throw_away", None)
