"""A text to see gates work on: who a sentence is about decides its verb and its pronoun, some words later.

It is the example that lectures give: a cell holds the number and the gender of the subject, and forgets them when a
new subject comes.
"""

import random

OPENING = "the girl near the boys laughs because she is happy. the boys near the dog"

_NOUNS = (("girl", "girls", "she"), ("boy", "boys", "he"), ("dog", "dogs", "it"))
_VERBS = (("laughs", "laugh"), ("sings", "sing"), ("sleeps", "sleep"), ("runs", "run"))
_MOODS = ("happy", "tired", "hungry")


def story(n_sentences: int = 800, seed: int = 0) -> str:
    """Sentences drawn at random, behind `OPENING`.

    Args:
        n_sentences: How many.
        seed: The same for the same text.

    Example:
        >>> story(1)[:77]
        'the girl near the boys laughs because she is happy. the boys near the dog run'
    """
    draw = random.Random(seed)
    sentences = []
    for _ in range(n_sentences):
        one, many, pronoun = draw.choice(_NOUNS)
        plural = draw.random() < 0.5
        sentence = f"the {many if plural else one}"
        if draw.random() < 0.6:
            sentence += f" near the {draw.choice(_NOUNS)[draw.random() < 0.5]}"
        sentence += f" {draw.choice(_VERBS)[plural]}"
        if draw.random() < 0.7:
            sentence += f" because {'they are' if plural else f'{pronoun} is'} {draw.choice(_MOODS)}"
        sentences.append(f"{sentence}.")
    return f"{OPENING} run. {' '.join(sentences)}"
