"""An LSTM whose weights are set by hand: one cell holds the gender of the present subject, the other its number.

    word                          f     i     C̃                        o
    a subject: noun, pronoun      0     1     its gender, its number    its number: a verb may follow
    "because"                     1     0                               both: a pronoun follows
    a form of "to be"             1     0                               both where Spanish says how they feel
    any other                     1     0                               0

Gates are open or closed to 3 in 10000 (σ(±8)); candidates are tanh(±3).
"""

import torch
from torch import Tensor, nn

from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import LSTMCell
from neurarium.views.gates_cells import Cells, likely
from neurarium.views.levels import DO, FORMULA
from neurarium.views.lstm_words import WORDS, Word, answers, may_follow
from neurarium.views.numbers import picked

GENDER, NUMBER = 0, 1
LENGTH = 24
SHOWN = 5  # words that are expected next
_GATES = (-1, 0, 1, 4)  # what `hold` counts, as parts of the cells

_OPEN, _WRITTEN, _TOLD, _NOT_ALLOWED = 8.0, 3.0, 8.0, -30.0


def by_hand() -> RecurrentModule:
    """The cells, which see a word as a 1 at its place."""
    recurrent = RecurrentModule(LSTMCell(), len(WORDS), 2)
    weights = recurrent.layers[0].weights()
    with torch.no_grad():
        for gate, open_at_rest in (("forget", 1), ("input", -1), ("output", -1)):
            weights[f"b_{gate}"].fill_(open_at_rest * _OPEN)
        for code, word in enumerate(WORDS):
            if word.kind in ("noun", "pronoun"):
                weights["W_forget"][:, code] = -2 * _OPEN
                weights["W_input"][:, code] = 2 * _OPEN
                weights["W_candidate"][:, code] = _WRITTEN * torch.tensor([word.gender, word.number])
            weights["W_output"][:, code] = 2 * _OPEN * torch.tensor(_told(word))
    return recurrent.eval()


def _told(word: Word) -> list[float]:
    """Which cells are told after a word."""
    both = word.kind == "because" or (word.kind == "be" and word.spanish)
    return [float(both), float(both or word.kind in ("noun", "pronoun"))]


def expects() -> tuple[Tensor, Tensor]:
    """(words, 2) what h says for each word, and (words, words) which of them may follow: 0, or far below."""
    told = torch.tensor([[word.gender, word.number] for word in WORDS], dtype=torch.float32) * _TOLD
    told[[not answers(word) for word in WORDS]] = 0
    allowed = torch.tensor([[may_follow(before, after) for after in WORDS] for before in WORDS])
    allowed[0, 1:] = True  # after a word that is not known
    follows = torch.where(allowed, 0.0, _NOT_ALLOWED)
    texts = [word.text for word in WORDS]
    follows[texts.index("because"), texts.index("it")] = _WRITTEN  # neither she nor he
    told[texts.index("they")] = torch.tensor([0.0, 2 * _TOLD])  # whatever the gender
    return told, follows


class Read(nn.Module):
    """A sentence as the cells read it.

    Args:
        sentences: (examples, length) the words of the examples.
        lengths: (examples,) how many they are.
    """

    sentences: Tensor
    lengths: Tensor
    told: Tensor
    follows: Tensor
    forms: Tensor
    asked: Tensor

    def __init__(self, sentences: Tensor, lengths: Tensor) -> None:
        super().__init__()
        self.recurrent = by_hand()
        self.cells = Cells(self.recurrent, LENGTH, [GENDER, NUMBER])
        told, follows = expects()
        self.register_buffer("sentences", sentences)
        self.register_buffer("lengths", lengths)
        self.register_buffer("told", told)
        self.register_buffer("follows", follows)
        self.register_buffer("forms", torch.tensor([3 * word.number + word.gender for word in WORDS]))
        self.register_buffer("asked", torch.tensor([answers(word) for word in WORDS]))

    def forward(
        self,
        level: Tensor,
        seed: Tensor,
        text: Tensor,
        text_length: Tensor,
        t: Tensor,
        unit: Tensor,
        part: Tensor,
        hold: Tensor,
        held_at: Tensor,
        everywhere: Tensor,
    ) -> dict[str, Tensor]:
        """What the cells hold at every word, the numbers of one cell at one word, and what is expected next."""
        own = seed == 0
        words = torch.where(own, text, picked(self.sentences, seed))
        length = torch.where(own, text_length, picked(self.lengths, seed))
        now = torch.minimum(t, length - 1).clamp(min=0)
        x = nn.functional.one_hot(words, len(WORDS)).float()
        start = self.recurrent.initial(1, x)
        held = self.cells.hold(picked(torch.tensor(_GATES), hold) + 1, held_at, everywhere, 0 * t, unit)
        seen = self.cells.read(x, start, held)
        there, states = torch.arange(LENGTH) < length, seen[:, 0, self.cells.parts.index("cell")]
        logits = self.cells.outputs(seen) @ self.told.T + self.follows.index_select(0, words)
        looked = self.cells.look(x, start, seen, layer=0 * t, unit=unit, t=now, part=part)
        return {
            **{name: each for name, each in looked.items() if name not in ("curves", "coloured")},
            "in_the_cell": hundredths(looked["in_the_cell"]),
            "units_by_time": torch.where(there, hundredths(looked["units_by_time"]), torch.nan),
            "held": torch.where(there, hundredths(states.T), torch.nan),
            "states": states,
            "words_shown": torch.where(there, words, -1),
            "now": now,
            "word": picked(words, now),
            "gender": picked(states[:, GENDER], now),
            "plural": picked(states[:, NUMBER], now),
            **self.verdicts(logits, words, length),
            **self.expected(picked(logits, now)),
            "shown_hold": torch.where(level == FORMULA, hold, -1),
            "editable": ((level == DO) & own).long(),
        }

    def expected(self, logits: Tensor) -> dict[str, Tensor]:
        """The words that are most likely next, and how likely words of the first one's form are together."""
        chances = logits.softmax(0)
        chance, codes = likely(chances, SHOWN)
        same = self.forms == picked(self.forms, codes[0])
        return {
            "chances": chance,
            "next_words": codes,
            "next_word": codes[0],
            "form_chance": torch.where(same, chances, 0.0).sum(),
        }

    def verdicts(self, logits: Tensor, words: Tensor, length: Tensor) -> dict[str, Tensor]:
        """For every word whether it was the form that was expected: 1, another form: -1; 0 where nothing is asked.

        A form is expected if the likeliest word of it is likelier than all words of other forms.
        """
        form = self.forms[:, None] == self.forms.index_select(0, words[1:])  # (words, length - 1)
        before = logits[:-1].T
        mine, others = (torch.where(each, before, -99.0).amax(0) for each in (form, ~form))
        asked = self.asked.index_select(0, words[1:]) & (torch.arange(1, LENGTH) < length)
        right = mine > others + 0.5
        verdict = torch.where(asked, torch.where(right, 1.0, -1.0), 0.0)
        return {
            "verdict": torch.cat([torch.zeros(1), verdict]),
            "n_asked": asked.sum(),
            "n_right": (asked & right).sum(),
        }


def hundredths(numbers: Tensor) -> Tensor:
    """Numbers as they are shown, to two decimals."""
    return (100 * numbers + 0.5).floor() / 100
