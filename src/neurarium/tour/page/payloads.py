"""What can be opened, as texts in the page, and which of it where there is not room for all."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from neurarium.page.html import together
from neurarium.tour.inside import Inside


def packed(insides: Sequence[Inside], room: int) -> list[tuple[Inside, str]]:
    """Networks and labs with their looks as text, in all no longer than there is room.

    As long as all are too long, the longest network gives its longest look away: so it is always those who take most
    that give, and a network added later costs the others no more than its share. The look that a network shares with
    the fewest others says most about it, and counts as half as long.

    Args:
        insides: What there is.
        room: Letters for all texts.
    """
    having = Counter(look for inside in insides for look in inside.parts)
    kept = [(inside, _text(inside)) for inside in insides]
    while sum(len(text) for _, text in kept) > room and any(text for _, text in kept):
        longest = max(range(len(kept)), key=lambda number: len(kept[number][1]))
        less = _lightened(kept[longest][0], having)
        kept[longest] = less, _text(less)
    return kept


def _text(inside: Inside) -> str:
    return together(list(inside.parts.values()), inside.title) if inside.parts else ""


def _lightened(inside: Inside, having: Mapping[str, int]) -> Inside:
    """Without the look that takes most; `having` says how many have each."""
    telling = min(inside.parts, key=having.__getitem__)

    def cost(name: str) -> float:
        return len(together([inside.parts[name]], inside.title)) * (0.5 if name == telling else 1.0)

    longest = max(inside.parts, key=cost)
    parts = {name: part for name, part in inside.parts.items() if name != longest}
    return dataclasses.replace(inside, parts=parts, left_out=(*inside.left_out, longest))
