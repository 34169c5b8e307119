"""Chain: a walker goes from state to state, by counts and chance; where it is in the long run, and how soon."""

from typing import Any

import numpy as np

from neurarium.networks._markov_module import MarkovChainModule
from neurarium.page.controls import Choice, Control, Noise, Number
from neurarium.page.scene import Scene
from neurarium.page.words import Text
from neurarium.views.chain_law import LongRun, long_run
from neurarium.views.chain_panels import VIEWS, long_run_panels, walk_panels
from neurarium.views.chain_tables import Tables, within_reach
from neurarium.views.chain_walk import WalkModule
from neurarium.views.looking import CannotLook
from neurarium.views.shown import Shown
from neurarium.views.transitions import drawn, visible

NAME = "chain"
TITLE = Text("Chain", "Cadena")
ORDER = 110

_STARTS = 60
_CHARACTERS, _WORDS = 100, 40  # that are written out
_FIRST = 30  # step that is shown at first


def can(fitted: Any) -> bool:
    """Whether it holds counts of what followed what."""
    return isinstance(getattr(fitted, "module_", None), MarkovChainModule) and hasattr(fitted, "states_")


def example(code: str) -> Any:
    """Letters of a small text, each by the two before it."""
    from neurarium.networks.markov_chain import MarkovChain
    from neurarium.views.gates_story import story

    return (MarkovChain(order=2, random_state=0), story(), None) if code == "MC" else None


def scene(fitted: Any, rows: Shown) -> Scene:
    """A walk of a chain.

    Args:
        fitted: A Markov chain.
        rows: Nothing that this look needs.
    """
    reach = within_reach(fitted.module_)
    if reach is None:
        raise CannotLook(f"the look {NAME!r} has no room for {len(fitted.states_)} states; fit a chain with fewer.")
    text = fitted.unit_ != "symbol"
    tables = Tables(reach, silent=int(text))
    seen = _seen(reach)
    kept = drawn(seen).tolist()
    window = _CHARACTERS if fitted.unit_ == "character" else _WORDS
    live = WalkModule(tables, kept, window, tempered=text).eval()
    run = long_run(fitted)
    names = [visible(str(state)) if text else str(state) for state in fitted.states_.tolist()]
    begins = _begins(tables, seen) if reach.order else []
    constants: dict[str, Any] = {
        "starts": np.array([0, *(context for _, context in begins)]),
        **({"law": np.zeros((1, 0))} if run is None else _of_long_run(run, kept, begins)),
    }
    if not text:
        constants["temperature"] = np.array(1.0)
    if not begins:
        constants["start"] = np.array(0)
    if run is None:
        constants["view"] = np.array(0)
    return Scene(
        look=NAME,
        title=Text("A walk of a Markov chain", "Un paseo de una cadena de Markov"),
        sentence=_sentence(len(names) - tables.silent, int(fitted.order), reach.order, run, text=text),
        panels=[
            *walk_panels(
                len(kept),
                int((seen > 0).sum()) - len(kept),
                text=text,
                order=reach.order,
                smoothing=fitted.smoothing_,
            ),
            *([] if run is None else long_run_panels(run.kind, text=text)),
        ],
        controls=_controls(live, bool(begins), run is not None, text=text),
        lists={
            "symbols": names,
            "states": [names[code] for code in kept],
            "begins": [Text("nothing", "nada"), *(names[code] for code, _ in begins)],
        },
        constants=constants,
        module=live,
    )


def _seen(module: MarkovChainModule) -> Any:
    """How often each symbol was counted."""
    seen = np.zeros(module.n_symbols)
    single = slice(1, 1 + module.sizes[1])
    seen[module.key[single].numpy()] = module.counts[single].numpy()
    return seen


def _begins(tables: Tables, seen: Any) -> list[tuple[int, int]]:
    """States to start from, the most frequent ones, each with its context."""
    codes = np.sort(np.argsort(-seen, kind="stable")[:_STARTS])
    place = {int(key): number for number, key in enumerate(tables.key.tolist()) if 0 < number < tables.n_contexts}
    return [(code, place[code]) for code in codes.tolist() if seen[code] and code in place]


def _of_long_run(run: LongRun, kept: list[int], begins: list[tuple[int, int]]) -> dict[str, Any]:
    """The numbers of the long run; those of states that one cannot start from left out."""
    rows = [0, *(1 + code for code, _ in begins)]
    law, distance = (each[rows] if len(each) > 1 else each for each in (run.law, run.distance))
    return {
        "law": law[:, kept],
        "distance": distance,
        "eigenvalue": np.array(run.eigenvalue),
        "power": run.power,
    }


def _controls(live: WalkModule, begins: bool, run: bool, *, text: bool) -> list[Control]:
    controls: list[Control] = []
    if run:
        controls.append(Choice("view", Text("look at", "mirar"), VIEWS, tabs=True))
    controls += [
        Number("t", Text("step t", "paso t"), _FIRST, 0, live.turns - 1, whole=True, plays=True),
        Noise("noise", Text("another walk", "otro paseo"), (live.turns,)),
    ]
    if begins:
        controls.append(Choice("start", Text("just before it", "justo antes"), "begins"))
    if text:
        controls.append(Number("temperature", Text("temperature", "temperatura"), 1, 0.2, 2, 0.1))
    return controls


def _sentence(n_states: int, order: int, reach: int, run: LongRun | None, *, text: bool) -> Text:
    english = (
        f"A chain of {n_states} states that goes by the last {order}. In step {{t}} the number {{u:.4f}} chose "
        "“{chosen|symbols}”, which had followed {chosen_count} of {counted} times (p = {chosen_share:.3f})."
    )
    spanish = (
        f"Una cadena de {n_states} estados que se guía por los últimos {order}. En el paso {{t}} el número {{u:.4f}} "
        "eligió «{chosen|symbols}», que había seguido {chosen_count} de {counted} veces (p = {chosen_share:.3f})."
    )
    if reach < order:
        english += f" Its table is too large for a page: here it goes by the last {reach}."
        spanish += f" Su tabla es demasiado grande para una página: aquí se guía por los últimos {reach}."
    if run is not None:
        return Text(f"{english} {run.kind.en}", f"{spanish} {run.kind.es}")
    return Text(
        english + " Its contexts are too many for a matrix, so that its long run is not worked out.",
        spanish + " Tiene demasiados contextos para una matriz, así que no se calcula su reparto a la larga.",
    )
