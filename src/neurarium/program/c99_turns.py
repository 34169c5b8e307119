"""The steps of a program as C, one after the other, and its loops around those of theirs."""

from neurarium.program.c99_loops import Lines, Place
from neurarium.program.c99_memory import Layout, crossing, next_of, stays
from neurarium.program.c99_steps import step_lines
from neurarium.program.operations import Program, Step, Value


def lines_of(program: Program, places: dict[str, Place], layout: Layout, depth: int = 0) -> Lines:
    """All steps.

    Args:
        program: Whose.
        places: Where every value lies; entries of sequences are added.
        layout: Of the function that this is part of.
        depth: Loops around it.
    """
    lines = []
    for step in program.steps:
        if stays(step):
            continue
        lines += _loop(step, places, layout, depth) if step.operation == "loop" else step_lines(step, places)
    return lines


def _loop(step: Step, places: dict[str, Place], layout: Layout, depth: int) -> Lines:
    body, states, sequences = step.body(), step.number("states"), step.number("sequences")
    counter = f"turn{depth or ''}"
    lines, declared = [], []
    for start, state in zip(step.values()[:states], body.inputs[:states], strict=True):
        lines += _copy(state, places[state.name].name, places[start.name].name)
    for entry, given in zip(body.inputs[states : states + sequences], step.values()[states:], strict=False):
        source = places[given.name]
        places[entry.name] = Place(entry.name, source.kind)
        declared.append(f"const {source.kind} *const {entry.name} = {source.name} + {counter} * {entry.count()};")
    for name in layout.same:
        if layout.root(name) in places:
            places[name] = places[layout.root(name)]
    inside = lines_of(body, places, layout, depth + 1)
    outputs = list(body.outputs.values())
    for value, result in zip(outputs[states:], step.results[states:], strict=True):
        inside += _copy(value, f"({places[result.name].name} + {counter} * {value.count()})", places[value.name].name)
    inside += _moved(step, places, layout)
    head = f"for (int {counter} = 0; {counter} < {step.number('turns')}; {counter}++) {{"
    return [*lines, head, *(f"    {line}" for line in [*declared, *inside]), "}"]


def _moved(step: Step, places: dict[str, Place], layout: Layout) -> Lines:
    """The new states put where the states lie: first aside those that are what another was before."""
    first, then = [], []
    aside = [state.name for state in crossing(step, layout)]
    for state, new in zip(step.body().inputs[: step.number("states")], step.body().outputs.values(), strict=False):
        source = places[new.name].name
        if state.name in aside:
            first += _copy(state, places[next_of(state)].name, source)
            source = places[next_of(state)].name
        if source != places[state.name].name:
            then += _copy(state, places[state.name].name, source)
    return [*first, *then]


def _copy(value: Value, target: str, source: str) -> Lines:
    if not value.count():
        return []
    return [f"for (int i = 0; i < {value.count()}; i++)", f"    {target}[i] = {source}[i];"]
