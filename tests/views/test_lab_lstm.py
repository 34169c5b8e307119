"""The lab "lstm": torch's own cell with the same weights, every sentence of the grammar, and what held gates break."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from neurarium.page.noise import uniform
from neurarium.views.gates_cells import parts_of
from neurarium.views.laboratory import lab
from neurarium.views.levels import DO, FORMULA
from neurarium.views.lstm_by_hand import LENGTH, by_hand, expects
from neurarium.views.lstm_words import CODES, FOLLOWS, SENTENCES, WORDS, all_sentences, answers, codes
from views.running import program_of, run_program


@pytest.fixture(scope="module")
def scene():
    return lab("lstm")


@pytest.fixture(scope="module")
def program(scene):
    return program_of(scene)


def torchs(recurrent):
    """torch's own cell with the weights of ours, whose blocks lie in the order output, input, forget, candidate."""
    layer = recurrent.layers[0]
    cell = nn.LSTMCell(layer.W.shape[1], layer.n_units)

    def turned(stacked):
        output, entry, forget, candidate = stacked.chunk(4)
        return torch.cat([entry, forget, candidate, output])

    with torch.no_grad():
        cell.weight_ih.copy_(turned(layer.W))
        cell.weight_hh.copy_(turned(layer.U))
        cell.bias_ih.copy_(turned(layer.b))
        cell.bias_hh.zero_()
    return cell


def read(cell, sentences, forget=None):
    """(time, rows, units) h and c of many sentences of one length; with `forget` the forget gate is held."""
    h = c = torch.zeros(len(sentences), 2)
    hidden, cells = [], []
    for words in torch.tensor(sentences).T:
        x = nn.functional.one_hot(words, len(WORDS)).float()
        if forget is None:
            h, c = cell(x, (h, c))
        else:
            entry, _, candidate, output = (x @ cell.weight_ih.T + h @ cell.weight_hh.T + cell.bias_ih).chunk(4, 1)
            c = forget * c + entry.sigmoid() * candidate.tanh()
            h = output.sigmoid() * c.tanh()
        hidden.append(h)
        cells.append(c)
    return torch.stack(hidden), torch.stack(cells)


def rights(cell, sentences, forget=None):
    """(rows, asked) whether the form that has to come is likelier than every other form of its kind."""
    with torch.no_grad():
        hidden, _ = read(cell, sentences, forget)
    told, follows = expects()
    form = torch.tensor([3 * word.number + word.gender for word in WORDS])
    found = []
    for t in range(len(sentences[0]) - 1):
        before, after = torch.tensor(sentences)[:, t], torch.tensor(sentences)[:, t + 1]
        if not answers(WORDS[int(after[0])]):
            continue
        chances = (hidden[t] @ told.T + follows[before]).softmax(1)
        rivals = torch.where(form == form[after][:, None], 0.0, chances).amax(1)
        found.append(chances.gather(1, after[:, None])[:, 0] > rivals + 0.1)
    return torch.stack(found, 1)


def test_the_cells_are_torchs(scene, program):
    cell = torchs(by_hand())
    for seed in range(len(SENTENCES)):
        words = codes(SENTENCES[seed])
        _, cells = read(cell, [words])
        for values in (scene.set(seed=seed).values, run_program(scene.set(seed=seed), program)):
            np.testing.assert_allclose(values["states"][: len(words)], cells[:, 0].detach(), atol=1e-6)
            np.testing.assert_allclose(values["held"][:, : len(words)], cells[:, 0].T.detach(), atol=0.00501)
            assert np.isnan(values["held"][:, len(words) :]).all()


def test_with_any_weights_they_are_torchs():
    recurrent = by_hand()
    for weights in recurrent.parameters():
        weights.data = torch.from_numpy(uniform(1, tuple(weights.shape)) * 4 - 2)
    words = [[1, 2, 8, 20, 21, 33, 40, 7], [3, 1, 50, 44, 12, 9, 30, 0]]
    hidden, _ = read(torchs(recurrent), words)
    ours, _ = recurrent.run(nn.functional.one_hot(torch.tensor(words), len(WORDS)).float())
    torch.testing.assert_close(ours.transpose(0, 1), hidden, atol=1e-6, rtol=0)


@pytest.mark.parametrize("spanish", [False, True])
def test_all_forms_of_all_sentences_of_two_clauses_are_right(spanish):
    sentences = list(all_sentences(spanish, 2))
    assert len(sentences) == {False: (6 * 4 * 3) ** 2, True: (8 * 4 * 2) ** 2}[spanish]
    assert all(FOLLOWS[WORDS[a].kind] == WORDS[b].kind for row in sentences[::97] for a, b in pairwise(row))
    assert rights(torchs(by_hand()), sentences).all()


@pytest.mark.parametrize("spanish", [False, True])
def test_kept_or_dropped_the_subject_is_wrong(spanish):
    sentences, cell = list(all_sentences(spanish, 2)), torchs(by_hand())
    number, gender = (
        [getattr(WORDS[row[at]], name) for row in sentences] for name, at in (("number", 1), ("gender", 1))
    )
    second = [(WORDS[row[9]].number, WORDS[row[9]].gender) for row in sentences]
    new = torch.tensor([(n, g) != two for n, g, two in zip(number, gender, second, strict=True)])
    other_number = torch.tensor([n != two[0] for n, two in zip(number, second, strict=True)])
    kept = rights(cell, sentences, forget=1.0)
    n = kept.shape[1] // 2
    assert kept[:, :n].all()  # of the first subject nothing had to be forgotten
    assert not kept[other_number, n].any()  # the second verb
    assert kept[~new].all()
    dropped = rights(cell, sentences, forget=0.0)
    assert dropped[:, [0, n]].all()  # the verb comes at once
    pronouns = dropped[:, [1, n + 1]]
    neuter = torch.tensor([[WORDS[row[at]].text == "it" for at in (4, 12)] for row in sentences])
    assert not pronouns[~neuter].any()  # where nothing is known, "it" is said


def test_the_lectures_gender_is_kept_until_a_new_subject_comes(scene):
    values = scene.set(unit="gender").values
    words = SENTENCES[0].split()
    gender, forget = values["states"][:, 0], values["units_by_time"][0]
    girl, she, boys, they = (words.index(word) for word in ("girl", "she", "boys", "they"))
    assert (gender[girl:boys] > 0.99).all()
    assert (gender[boys:they] < -0.99).all()
    assert (forget[[girl, she, boys, they]] < 0.001).all()
    assert (np.delete(forget[: len(words)], [girl, she, boys, they]) > 0.999).all()
    assert values["word"] == CODES["boys"]
    assert values["forget"] < 0.001 < 0.999 < values["input"]
    assert (values["n_right"], values["n_asked"]) == (6, 6)


def test_a_forget_gate_held_at_1_keeps_the_girl_and_the_verb_is_wrong(scene, program):
    shown = scene.set(hold=1, held_at=1)
    for values in (shown.values, run_program(shown, program)):
        assert values["gender"] > 0.98
        words = [WORDS[code].text for code in values["next_words"]]
        assert set(words[:4]) == {"laughs", "sings", "sleeps", "runs"}
        assert values["verdict"][:15].tolist() == [0, 0, 1, 0, 1, 1, 0, 0, 0, 0, -1, 0, -1, -1, 0]
    assert {WORDS[code].text for code in scene.values["next_words"][:4]} == {"laugh", "sing", "sleep", "run"}


def test_a_forget_gate_held_at_0_loses_the_pronoun_but_not_the_verb(scene):
    values = scene.set(hold=1, held_at=0, t=3).values
    assert WORDS[values["next_word"]].text == "it"
    assert values["verdict"][:7].tolist() == [0, 0, 1, 0, -1, 1, 0]
    assert WORDS[scene.set(t=3).values["next_word"]].text == "she"


def test_only_the_chosen_cell_is_held_where_asked(scene):
    values = scene.set(hold=1, held_at=1, everywhere=False, unit="gender").values
    assert values["gender"] > 0.98
    assert values["plural"] > 0.98


def test_a_text_of_ones_own_is_read(scene):
    own = codes("the dogs sing because they are happy and the boy runs because they")
    shown = lab("lstm", text=own, t=11)
    assert WORDS[shown.values["next_word"]].text == "he"
    assert shown.values["verdict"][:14].tolist() == [0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, -1, 0]
    assert scene.set(text=[]).values["n_asked"] == 0
    assert (shown.set(level=DO).values["editable"], shown.set(level=DO, seed=1).values["editable"]) == (1, 0)


def test_the_formulas_are_the_lectures_with_the_numbers_of_the_cell(scene):
    (panel,) = [
        each for each in scene.set(level=FORMULA, unit="gender").shown() if each.title.en.startswith("The cell")
    ]
    lines = scene.fill(panel.marks[0].plain, "en").split("\n")
    assert lines[0].startswith("f(t) = σ(W_f · [h(t−1), x(t)] + b_f) = σ(0.00 -16.00 +8.00) = 0.00")
    assert lines[3] == "C(t) = f(t) · C(t−1) + i(t) · C̃(t) = 0.00 · (0.99) + 1.00 · (-1.00) = -0.99"
    assert len(lines) == 6
    fast = scene.set(level=FORMULA, hold=1)
    (panel,) = [each for each in fast.shown() if each.title.en.startswith("The cell")]
    assert fast.fill(panel.marks[0].plain, "en").split("\n")[0] == "f(t) ← 1.00"


def test_five_steps_are_explained(scene):
    steps = [each.en.split(":")[0] for each in scene.lists["steps"][1:]]
    assert steps == ["Forget", "Input", "Candidate", "Update", "Output"]
    assert parts_of(by_hand()) == ["forget", "input", "candidate", "cell", "output", "hidden"]


def test_the_sentences_fit_and_their_words_are_known():
    texts = [word.text for word in WORDS]
    assert len(set(texts)) == len(texts)
    for sentence in SENTENCES:
        assert len(sentence.split()) <= LENGTH
        assert 0 not in codes(sentence)
