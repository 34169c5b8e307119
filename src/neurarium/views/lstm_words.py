"""The words of the lab "lstm": a small grammar in English and Spanish; a subject decides what comes words later.

A clause is: article, noun (the subject), verb, "because", pronoun, form of "to be", how they feel; clauses are joined
by "and". The noun's number decides the verb's form, its gender and number decide the pronoun.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

FOLLOWS = {
    "article": "noun",
    "noun": "verb",
    "verb": "because",
    "because": "pronoun",
    "pronoun": "be",
    "be": "mood",
    "mood": "and",
    "and": "article",
}
"""Which kind of word comes after which."""


@dataclass(frozen=True)
class Word:
    """A word.

    Attributes:
        text: As it is written.
        kind: A key of `FOLLOWS`.
        spanish: Whether it is Spanish.
        number: 1 plural, -1 singular, 0 neither.
        gender: 1 feminine, -1 masculine, 0 neither.
        lemma: What its forms have in common.
    """

    text: str
    kind: str
    spanish: bool
    number: int = 0
    gender: int = 0
    lemma: str = ""


def _forms(kind: str, spanish: bool, *groups: str) -> Iterator[Word]:
    """Words from "girl girls:f": the singular and the plural; a group of four has the feminine forms first."""
    for group in groups:
        words, _, letter = group.partition(":")
        texts = words.split()
        for i, text in enumerate(texts):
            gender = (1 if i < 2 else -1) if len(texts) == 4 else {"f": 1, "m": -1}.get(letter, 0)
            number = (-1, 1)[i % 2] if len(texts) > 1 else 0
            yield Word(text, kind, spanish, number, gender, texts[0])


WORDS = [
    Word("?", "", False),
    *_forms("article", False, "the"),
    *_forms("noun", False, "girl girls:f", "boy boys:m", "dog dogs"),
    *_forms("verb", False, "laughs laugh", "sings sing", "sleeps sleep", "runs run"),
    *_forms("because", False, "because"),
    Word("she", "pronoun", False, -1, 1),
    Word("he", "pronoun", False, -1, -1),
    Word("it", "pronoun", False, -1, 0),
    Word("they", "pronoun", False, 1, 0),
    *_forms("be", False, "is are"),
    *_forms("mood", False, "happy", "tired", "hungry"),
    *_forms("and", False, "and"),
    *_forms("article", True, "la las el los"),
    *_forms("noun", True, "niña niñas niño niños", "mujer mujeres:f", "hombre hombres:m"),
    *_forms("verb", True, "ríe ríen", "canta cantan", "duerme duermen", "corre corren"),
    *_forms("because", True, "porque"),
    *_forms("pronoun", True, "ella ellas él ellos"),
    *_forms("be", True, "está están"),
    *_forms("mood", True, "contenta contentas contento contentos", "cansada cansadas cansado cansados"),
    *_forms("and", True, "y"),
]
"""The vocabulary; word 0 stands for every other word."""

CODES = {word.text: code for code, word in enumerate(WORDS)}

SENTENCES = [
    "the girl laughs because she is happy and the boys sing because they are tired",
    "la niña ríe porque ella está contenta y los niños cantan porque ellos están cansados",
    "the dogs run because they are hungry and the girl sings because she is happy",
    "los hombres corren porque ellos están cansados y la mujer duerme porque ella está contenta",
    "the boy sings because he is happy and the girl runs because she is tired and the dog sleeps because it is hungry",
    "las niñas cantan porque ellas están contentas y el niño ríe porque él está contento y la mujer duerme porque ella "
    "está cansada",
]
"""Examples by seed; the first is the lecture's case: the girl, and then a new subject."""


def codes(sentence: str) -> list[int]:
    """A sentence as numbers of words."""
    return [CODES.get(word, 0) for word in sentence.split()]


def may_follow(before: Word, after: Word) -> bool:
    """Whether the grammar lets a word come after another, whatever was said before them."""
    if FOLLOWS.get(before.kind) != after.kind or before.spanish != after.spanish:
        return False
    agree = before.number * after.number >= 0 and before.gender * after.gender >= 0
    return agree or before.kind != "article"


def answers(word: Word) -> bool:
    """Whether a word has to agree with the subject, so that a model of language has to know it."""
    return word.kind in ("verb", "pronoun", "be") or (word.kind == "mood" and word.spanish)


def all_sentences(spanish: bool, n_clauses: int) -> Iterator[list[int]]:
    """Every sentence of so many clauses: all subjects, verbs and moods."""
    for clauses in product(list(_clauses(spanish)), repeat=n_clauses):
        joined = clauses[0]
        for clause in clauses[1:]:
            joined = [*joined, CODES["y" if spanish else "and"], *clause]
        yield joined


def _clauses(spanish: bool) -> Iterator[list[int]]:
    ours = [word for word in WORDS if word.kind and word.spanish == spanish]
    nouns = [word for word in ours if word.kind == "noun"]
    lemmas = {kind: sorted({word.lemma for word in ours if word.kind == kind}) for kind in ("verb", "mood")}
    for noun, verb, mood in product(nouns, lemmas["verb"], lemmas["mood"]):

        def form(kind: str, lemma: str | None = None, noun: Word = noun) -> str:
            """The word of a kind that agrees with the subject."""
            fitting = [
                word.text
                for word in ours
                if word.kind == kind
                and lemma in (None, word.lemma)
                and word.number in (0, noun.number)
                and (word.gender == noun.gender or (word.gender == 0 and (noun.number > 0 or kind != "pronoun")))
            ]
            return fitting[0]

        yield codes(
            f"{form('article')} {noun.text} {form('verb', verb)} {form('because')} {form('pronoun')} {form('be')} "
            f"{form('mood', mood)}"
        )
