"""What the tour amounts to: one sentence, and the surprises, all of them computed from the figures."""

from collections.abc import Sequence

from neurarium.chart import place_of
from neurarium.core.messages import listed, say, seconds, share
from neurarium.tour.figures import Result

_NAMING = "accuracy"
_QUICK = 1.0  # seconds in which a fit counts as quick
_RATIO = 5.0  # times as long that makes a difference worth telling


def summary(results: Sequence[Result], speech: str) -> str:
    """How many are above their floor, how many level with their rival or ahead, and what it cost."""
    shown = [result for result in results if result.above_floor is not None]
    fitted = [result for result in shown if result.runs]
    even = [result for result in fitted if result.verdict in ("ahead", "level")]
    above = [result for result in shown if result.above_floor]
    seeds = max((result.seeds for result in fitted), key=len, default=())
    splits = (
        say("summary.seed", speech, seed=seeds[0])
        if len(seeds) == 1
        else say("summary.seeds", speech, number=len(seeds))
    )
    cost = sum(run.seconds for result in fitted for run in result.runs)
    parts = [
        say("summary.above", speech, above=len(above), asked=len(shown)),
        say("summary.rival", speech, even=len(even)),
        say("summary.cost", speech, seconds=seconds(cost, speech), seeds=splits),
    ]
    text = "; ".join(parts) + "."
    below = [result.card.code for result in shown if not result.above_floor]
    return text + (" " + say("summary.below", speech, codes=", ".join(below)) if below else "")


def surprises(results: Sequence[Result], speech: str) -> list[str]:
    """What nobody would have bet on, where the figures show it."""
    fitted = [result for result in results if result.runs and result.above_floor]
    naming = [result for result in fitted if result.runs[0].metric == _NAMING]
    found = [_quick(naming, speech), _once(naming, speech), _rows(naming, speech), _features(fitted, speech)]
    return [sentence for sentence in [*found, _map(fitted, speech)] if sentence]


def _holds_up(one: Result, other: Result) -> bool:
    """Whether one names as many digits as the other, or more, up to what chance explains."""
    chance = max(one.median("chance"), other.median("chance"))
    return one.median("ours") >= other.median("ours") - chance


def _quick(naming: list[Result], speech: str) -> str:
    """A quick fit that is level with one that took far longer: the pair with the largest ratio."""
    pairs = [
        (slow.median("seconds") / max(quick.median("seconds"), 1e-4), quick, slow)
        for quick in naming
        for slow in naming
        if quick.median("seconds") < _QUICK and quick.median("ours") >= slow.median("ours")
    ]
    ratio, quick, slow = max(pairs, key=lambda pair: (pair[0], pair[1].median("ours")), default=(0, None, None))
    if quick is None or slow is None or ratio < _RATIO:
        return ""
    return say(
        "surprise.quick",
        speech,
        quick=quick.card.code,
        quick_seconds=seconds(quick.median("seconds"), speech),
        quick_share=share(quick.median("ours"), speech),
        slow=slow.card.code,
        slow_share=share(slow.median("ours"), speech),
        ratio=round(ratio),
    )


def _once(naming: list[Result], speech: str) -> str:
    """Networks of one pass, in under a second, that hold up against every network of many passes."""
    many = [result for result in naming if result.runs[0].passes > 1]
    once = [
        result
        for result in naming
        if result.runs[0].passes == 1
        and result.median("seconds") < _QUICK
        and all(_holds_up(result, other) for other in many)
    ]
    return (
        say("surprise.once", speech, names=listed([each.card.code for each in once], speech)) if once and many else ""
    )


def _rows(naming: list[Result], speech: str) -> str:
    """A reader of rows that names as many digits as a network that saw them whole."""
    readers = [result for result in naming if result.card.verb == "classify rows"]
    seers = [result for result in naming if result.card.verb == "classify"]
    pairs = [(one, other) for one in readers for other in seers if _holds_up(one, other)]
    if not pairs:
        return ""
    one, other = max(pairs, key=lambda pair: (pair[0].median("ours"), pair[1].median("ours")))
    shares = {"share": share(one.median("ours"), speech), "other_share": share(other.median("ours"), speech)}
    return say("surprise.rows", speech, name=one.card.code, other=other.card.code, **shares)


def _features(fitted: list[Result], speech: str) -> str:
    """Features that leave fewer mistakes than the pixels."""
    found = [result for result in fitted if result.card.verb == "features"]
    if not found:
        return ""
    best = max(found, key=lambda result: result.median("ours"))
    wrong = {part: share(1 - best.median(part), speech) for part in ("ours", "floor")}
    return say("surprise.features", speech, name=best.card.code, **wrong)


def _map(fitted: list[Result], speech: str) -> str:
    """A map that sorts digits whose names it was never told."""
    found = [result for result in fitted if result.card.verb == "map"]
    if not found:
        return ""
    best = max(found, key=lambda result: result.median("ours"))
    return say("surprise.map", speech, name=best.card.code, share=share(best.median("ours"), speech))


def place_name(result: Result, speech: str) -> str:
    """A network's name in the language."""
    place = place_of(result.card)
    return place.spanish if speech == "es" else place.name
