"""A text to look for a memory in: what somebody says stands between quotation marks, and must be closed again.

Outside and inside the same words stand in the same order, so that nothing near tells the two apart: whoever is to
know, at the end of a sentence, whether a mark or a full stop comes next, has to remember that one was opened.
"""

import random

_NOUNS = ("girl", "boy", "dog", "cat")
_VERBS = ("sings", "runs", "sleeps", "waits")
_PLACES = ("near", "behind")


def story(n_sentences: int = 800, seed: int = 0) -> str:
    """Sentences drawn at random, half of them said by somebody.

    Args:
        n_sentences: How many.
        seed: The same for the same text.

    Example:
        >>> story(4)[45:]
        'the dog near the dog runs. the girl says "the dog near the dog waits".'
    """
    draw = random.Random(seed)
    sentences = []
    for _ in range(n_sentences):
        said = draw.random() < 0.5
        speaker = f"the {draw.choice(_NOUNS)} says " if said else ""
        clause = _clause(draw)
        sentences.append(f'{speaker}"{clause}".' if said else f"{clause}.")
    return " ".join(sentences)


def _clause(draw: random.Random) -> str:
    clause = f"the {draw.choice(_NOUNS)}"
    if draw.random() < 0.5:
        clause += f" {draw.choice(_PLACES)} the {draw.choice(_NOUNS)}"
    return f"{clause} {draw.choice(_VERBS)}"
