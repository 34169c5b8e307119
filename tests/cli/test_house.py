"""The command line as a whole: what it loads, what it lists, how it speaks."""

import json
import subprocess
import sys
from typing import Any

import click
import pytest

import neurarium
from neurarium.cli.main import main
from neurarium.datasets import shelf

_HEAVY = ("torch", "sklearn", "numpy", "scipy", "rich", "pandas")


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["tour", "--help"], ["fit", "--help"]])
def test_version_and_help_load_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys\n"
        "from neurarium.cli.main import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit as ending:\n"
        "    print(ending.code)\n"
        f"print(sorted(set(sys.modules) & set({_HEAVY!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["0", "[]"]
    assert done.stderr == ""


def test_the_version_is_the_packages(run: Any) -> None:
    assert run("--version").stdout == f"neurarium {neurarium.__version__}\n"


def test_every_command_says_what_it_does_in_a_sentence() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (name, parameter.name)


def test_list_tells_of_every_network_and_what_is_missing(run: Any) -> None:
    entries = json.loads(run("list", "--json").stdout)
    assert [entry["code"] for entry in entries] == ["LN", "MN"]
    assert set(entries[0]) == {"code", "name", "family", "tier", "estimators", "missing"}
    assert entries[0]["estimators"] == ["LineClassifier", "LineRegressor", "LineEncoder"]
    assert all(isinstance(word, str) for word in entries[0]["missing"])
    plain = run("list")
    assert "LineClassifier, LineRegressor" in plain.stdout
    assert "not built yet" in plain.stderr


def test_list_all_shows_the_rest_of_the_chart_as_not_built(run: Any) -> None:
    entries = {entry["code"]: entry for entry in json.loads(run("list", "--all", "--json").stdout)}
    assert len(entries) == 2 + 37
    assert entries["NTM"]["estimators"] == []
    assert entries["NTM"]["missing"] == ["not built yet"]


def test_a_card_is_shown_whatever_the_case(run: Any) -> None:
    shown = run("card", "ln").stdout
    assert "Network LN, 1999" in shown
    assert "It claims little." in shown
    assert "https://example.org" in shown
    assert "2 input, 1 output (forward)" in shown


def test_an_unknown_card_is_a_wrong_call_and_an_unbuilt_one_says_so(run: Any) -> None:
    wrong = run("card", "LM")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "no network 'LM'" in wrong.stderr
    assert "Neural Turing machine (NTM) is on the chart, but not built yet." in run("card", "ntm").stderr


def test_data_sets_are_listed_and_found(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("NEURARIUM_CACHE", str(tmp_path))
    monkeypatch.setenv("NEURARIUM_DATA", "")
    monkeypatch.setenv("NEURARIUM_OFFLINE", "1")
    names = [entry["name"] for entry in json.loads(run("data", "list", "--json").stdout)]
    assert names == shelf.names()
    assert "digits" in run("data", "list").stdout
    assert "needs no files" in run("data", "get", "digits").stderr
    absent = run("data", "where", "mnist")
    assert (absent.exit_code, absent.stdout) == (1, "")
    assert "neurarium data get mnist" in absent.stderr
    assert run("data", "get", "mnist").exit_code == 1
    wrong = run("data", "get", "mnits")
    assert wrong.exit_code == 2
    assert "Did you mean mnist" in wrong.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completions_are_clicks_own(run: Any, shell: str) -> None:
    script = run("completion", shell)
    assert script.exit_code == 0
    assert "_NEURARIUM_COMPLETE" in script.stdout
    assert run("completion", "fish").exit_code == 2


def test_words_are_completed_from_the_catalogue_and_the_shelf(run: Any) -> None:
    from click.shell_completion import ShellComplete

    complete = ShellComplete(main, {}, "neurarium", "_NEURARIUM_COMPLETE")
    assert [item.value for item in complete.get_completions(["fit"], "Line")] == [
        "LineClassifier",
        "LineEncoder",
        "LineRegressor",
    ]
    assert "mnist" in [item.value for item in complete.get_completions(["fit", "LN"], "mni")]
    assert [item.value for item in complete.get_completions(["card"], "l")] == ["LN"]


def test_messages_are_spanish_when_the_environment_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURARIUM_LANG", "es_MX.UTF-8")
    assert "no hay ninguna red 'LM'" in run("card", "LM").stderr
