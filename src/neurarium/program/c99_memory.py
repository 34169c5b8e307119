"""Where the numbers of a program lie in C: a block of working memory for each kind of number, used again and again."""

from dataclasses import dataclass, field, replace

from neurarium.program.c99_loops import C_TYPES, SCRATCH
from neurarium.program.operations import Program, Step, Value


@dataclass(frozen=True)
class Slot:
    """A stretch of the working memory.

    Args:
        value: What lies there.
        start: Where it begins, in numbers of its kind.
    """

    value: Value
    start: int


@dataclass
class Layout:
    """The working memory of a program, and of those of its loops.

    Args:
        slots: Where results lie, by their name.
        same: Values that lie where others do, by name: reshaped ones, and what comes into a loop.
        sizes: Numbers of each kind that are needed.
    """

    slots: dict[str, Slot] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(C_TYPES, 0))

    def root(self, name: str) -> str:
        """The value in whose place another lies."""
        while name in self.same:
            name = self.same[name]
        return name


def lay_out(program: Program) -> Layout:
    """Give each result its place, free again after its last use."""
    layout = Layout()
    for step in program.steps:
        if stays(step):
            layout.same[step.result.name] = step.values()[0].name
    end = len(program.steps)
    last = {layout.root(value.name): number for number, step in enumerate(program.steps) for value in step.values()}
    last |= {layout.root(value.name): end for value in program.outputs.values()}
    taken: dict[str, list[tuple[int, int, int]]] = {dtype: [] for dtype in C_TYPES}  # start, end, last use

    def place(dtype: str, size: int, number: int, until: int) -> int:
        """Where so many numbers find a place from a step until another."""
        taken[dtype] = [each for each in taken[dtype] if each[2] >= number]
        start = 0
        for first, stop, _ in sorted(taken[dtype]):
            if first - start >= size:
                break
            start = max(start, stop)
        taken[dtype].append((start, start + size, until))
        layout.sizes[dtype] = max(layout.sizes[dtype], start + size)
        return start

    for number, step in enumerate(program.steps):
        for value in step.results:
            if value.name not in layout.same:
                until = last.get(value.name, number)
                layout.slots[value.name] = Slot(value, place(value.dtype, max(1, value.count()), number, until))
        if step.operation == "solve":
            matrix = step.values()[0]
            start = place(matrix.dtype, max(1, matrix.count()), number, number)
            layout.slots[f"{SCRATCH}{step.result.name}"] = Slot(matrix, start)
        if step.operation == "loop":
            inner = _laid_out_turn(step)
            starts = {dtype: place(dtype, size, number, number) if size else 0 for dtype, size in inner.sizes.items()}
            layout.same |= inner.same
            for name, slot in inner.slots.items():
                layout.slots[name] = replace(slot, start=slot.start + starts[slot.value.dtype])
    return layout


def stays(step: Step) -> bool:
    """Whether the numbers of a result, for one row, are those of the input in the same order."""
    if step.operation != "transpose":
        return step.operation == "reshape"
    (x,) = step.values()
    moved = [axis for axis in step.numbers("axes") if x.shape_of(1)[axis] != 1]
    return moved == sorted(moved)


def _laid_out_turn(step: Step) -> Layout:
    """One turn of a loop: its states lie where the loop's last states will, what all turns share where it lies."""
    body, states, first = step.body(), step.number("states"), step.number("states") + step.number("sequences")
    layout = lay_out(body)
    for value, result in zip(body.inputs[:states], step.results[:states], strict=True):
        layout.same[value.name] = result.name
    for value, given in zip(body.inputs[first:], step.values()[first:], strict=True):
        layout.same[value.name] = given.name
    for value in crossing(step, layout):  # room for a new state that would be lost while the others move
        layout.slots[next_of(value)] = Slot(value, layout.sizes[value.dtype])
        layout.sizes[value.dtype] += max(1, value.count())
    return layout


def crossing(step: Step, layout: Layout) -> list[Value]:
    """The states of a loop that become what another state was before."""
    pairs = list(zip(step.results, step.body().inputs, step.body().outputs.values(), strict=False))
    pairs = pairs[: step.number("states")]
    old = {result.name for result, _, _ in pairs}
    return [state for result, state, new in pairs if layout.root(new.name) in old - {result.name}]


def next_of(state: Value) -> str:
    """What the place for a state's next numbers is called."""
    return f"NEXT_{state.name}"
