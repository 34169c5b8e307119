"""Files changed, cut, stretched and made absurd, in the same ways at each run."""

import random
from collections.abc import Iterator


def mutations(content: bytes, how_many: int) -> Iterator[bytes]:
    """So many files that differ from `content`."""
    chance = random.Random(0)
    for _ in range(how_many):
        mutant = bytearray(content)
        kind = chance.randrange(4)
        if kind == 0:  # some bytes changed
            for _ in range(chance.randint(1, 8)):
                mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        elif kind == 1:  # cut short
            del mutant[chance.randrange(len(mutant)) :]
        elif kind == 2:  # a piece repeated or taken out
            first, last = sorted(chance.randrange(len(mutant)) for _ in range(2))
            mutant[first:last] = mutant[first:last] * chance.choice([0, 2])
        else:  # a length or an offset made absurd
            place = chance.randrange(min(len(mutant), 200))
            mutant[place : place + 8] = chance.choice([b"\xff" * 8, b"\0" * 8, b"9" * 8, b"[" * 8])
        if bytes(mutant) != content:
            yield bytes(mutant)
