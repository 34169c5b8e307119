"""Recurrent networks that write: what the next character or word is, given all before it.

With e(s) the embedding of a symbol s, a number for each, and h(t) the outputs of the last recurrent layer,

    h(t) = recurrent(e(s(t-1)), h(t-1)),        p(s(t) = k | all before) = softmax(V h(t) + c)_k,

and before the first symbol stands `UNKNOWN`. A text of n symbols costs Σ -log2 p(s(t)) bits.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from neurarium.core.batches import Batch
from neurarium.core.devices import Threads
from neurarium.core.parameters import at_least
from neurarium.core.randomness import Randomness, RandomState, seed_from
from neurarium.core.roles import LanguageModel
from neurarium.core.stages import Stage
from neurarium.core.text import Unit, Vocabulary, read_texts, split_text
from neurarium.networks._recurrent import RecurrentModule
from neurarium.networks._recurrent_cells import State
from neurarium.networks._recurrent_windows import WindowsBase
from neurarium.program.examples import Example, drawn
from neurarium.program.sheet import Sheet
from neurarium.rules.gradient import Loss

_AT_ONCE = 2000  # symbols that are judged at once, beyond which their scores would fill the memory
_MANY_WORDS = 1000  # from which words that occur once are left unknown


class RecurrentTextModule(nn.Module):
    """Recurrent layers between the numbers of symbols and scores for the next one.

    Args:
        recurrent: The layers.
        n_symbols: Different symbols, number 0 being the unknown one.
        n_embedding: Numbers that stand for a symbol.
    """

    def __init__(self, recurrent: RecurrentModule, n_symbols: int, n_embedding: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(n_symbols, n_embedding)
        self.recurrent = recurrent
        self.read_out = nn.Linear(recurrent.n_units, n_symbols)
        self.embedding = Stage()
        for name in recurrent.seen_names():
            self.add_module(name, Stage())
        self.probability = Stage()

    def initial(self, n_rows: int, like: Tensor) -> State:
        """The state before the first symbol."""
        return self.recurrent.initial(n_rows, like)

    def run(
        self, symbols: Int[Tensor, "batch time"], state: State
    ) -> tuple[Float[Tensor, "batch time symbols"], State]:
        """The scores of what follows each symbol, and the state after the last one."""
        h, state = self.recurrent.run(self.embed(symbols), state)
        return self.read_out(h), state

    def step(self, symbols: Int[Tensor, "batch"], state: State) -> tuple[Float[Tensor, "batch symbols"], State]:
        """The same for one symbol."""
        h, state = self.recurrent.step(self.embed(symbols), state)
        return self.read_out(h), state

    def forward(self, symbols: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time symbols"]:
        """The scores of what follows each symbol, every part of the cells passing its stage on the way."""
        h, layers = self.recurrent.look(self.embedding(self.embed(symbols)))
        for name, part in self.recurrent.named(layers).items():
            self.get_submodule(name)(part)
        scores = self.read_out(h)
        self.probability(scores.softmax(-1))
        return scores


class TextStepModule(nn.Module):
    """One step: from symbols and a state, the scores of what follows and the state after it.

    Args:
        module: Whose step.
    """

    def __init__(self, module: RecurrentTextModule) -> None:
        super().__init__()
        self.embed, self.recurrent, self.read_out = module.embed, module.recurrent, module.read_out

    def forward(
        self, symbols: Int[Tensor, "batch"], *state: Float[Tensor, "layers batch units"]
    ) -> tuple[Float[Tensor, "batch symbols"], State]:
        """V h(t) + c and the state at t, from s(t-1) and the state at t - 1."""
        h, after = self.recurrent.step(self.embed(symbols), state)
        return self.read_out(h), after


@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentTextBase(LanguageModel, WindowsBase):
    """What all recurrent language models share.

    Args:
        unit: Whether the text is read and written by "character" or by "word".
        n_embedding: Numbers that stand for a symbol; "auto" for 64, or as many as there are symbols if fewer.
    """

    unit: Unit = "character"
    n_embedding: Literal["auto"] | Annotated[int, at_least(1)] = "auto"
    n_units: Annotated[int, at_least(1)] = 128
    epochs: Annotated[int, at_least(1)] = 10
    batch_size: Annotated[int, at_least(1)] = 50

    _windows: ClassVar[int] = 20
    _pieces: ClassVar[int] = 2

    # Text in.

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(tuple(self.vocabulary_), self.unit)

    def _read(self, X: Any, *, reset: bool) -> Batch:
        """All texts, one after the other, as one row of numbers."""
        name = type(self).__name__
        texts = list(read_texts(name, X))
        if reset:
            vocabulary = Vocabulary.of(texts, self.unit, self._least(texts))
            self.vocabulary_: list[str] = list(vocabulary.symbols)
        codes = torch.from_numpy(np.concatenate([self._vocabulary().encode(text) for text in texts]))
        if reset and len(codes) < 2:
            raise ValueError(f"{name} needs at least 2 {self.unit}s to learn from; this text has {len(codes)}.")
        return Batch(codes[None] if reset else codes[None].to(self._like.device))

    def _least(self, texts: list[str]) -> int:
        """How often a symbol occurs at least that is known."""
        if self.unit == "character":
            return 1
        return 2 if sum(len(split_text(text, "word")) for text in texts) >= _MANY_WORDS else 1

    def _target(self, y: Any, n_rows: int, *, reset: bool) -> tuple[None, tuple[int, ...]]:
        return None, (len(self.vocabulary_),)

    # Learning.

    def _build(self, shape_in: tuple[int, ...], shape_out: tuple[int, ...]) -> RecurrentTextModule:
        (n_symbols,) = shape_out
        n_embedding = min(64, n_symbols) if self.n_embedding == "auto" else int(self.n_embedding)
        return RecurrentTextModule(self._recurrent(n_embedding), n_symbols, n_embedding)

    def _start(self, module: Any, data: Batch) -> None:
        super()._start(module, data)
        nn.init.normal_(module.embed.weight, 0, 1 if self.unit == "character" else 0.05)
        nn.init.xavier_uniform_(module.read_out.weight)
        # What is said where nothing is known: how often each symbol occurs.
        targets: Any = data.targets
        weights: Any = data.weights
        counts = targets[weights > 0].bincount(minlength=len(module.read_out.bias)) + 1.0
        with torch.no_grad():
            module.read_out.bias.copy_((counts / counts.sum()).log())

    def _pairs(self, data: Batch) -> tuple[Tensor, Tensor]:
        (symbols,) = data.inputs
        return _before(symbols), symbols

    def _loss(self, module: Any) -> Loss:
        def loss(scores: Tensor, batch: Batch) -> Tensor:
            targets: Any = batch.targets
            return cross_entropy(scores.flatten(0, 1), targets.flatten(), reduction="none").view_as(targets)

        return loss

    # Judging and writing.

    def bits_per_character(self, X: Any) -> float:
        """What a text costs: -log2 of its likelihood, divided by its characters; less is better, whatever the unit.

        The state is carried from the first symbol to the last. A symbol that is not known costs what `UNKNOWN` does,
        and the spaces between words cost nothing: words in which many are unknown look better than they are.

        Args:
            X: One str, or a list or file of them, read as one text.
        """
        self._check_fitted()
        module: Any = self.module_
        vocabulary, device = self._vocabulary(), self._like.device
        n_characters, nats = 0, 0.0
        with torch.inference_mode(), Threads(0.0):
            state, last = module.initial(1, self._like), torch.zeros(1, dtype=torch.long, device=device)
            for text in read_texts(type(self).__name__, X):
                n_characters += len(text)
                for symbols in torch.from_numpy(vocabulary.encode(text)).to(device).split(_AT_ONCE):
                    if len(symbols):  # a text among others may be empty
                        scores, state = module.run(_before(symbols, last)[None], state)
                        nats += float(cross_entropy(scores[0], symbols, reduction="sum"))
                        last = symbols[-1:]
        return nats / math.log(2) / n_characters

    def sample(
        self, length: int = 200, *, prompt: str = "", temperature: float = 1.0, random_state: RandomState = None
    ) -> str:
        """A text drawn from the model, the prompt not included.

        Args:
            length: Characters or words to draw, at least 1.
            prompt: What it goes on from.
            temperature: Above 0; below 1 likelier, above 1 more daring: probabilities are raised to 1 / temperature.
            random_state: A whole number for the same text at each call.
        """
        self._check_fitted()
        name = type(self).__name__
        if length < 1 or not temperature > 0:
            what = (
                f"length of at least 1; got {length!r}" if length < 1 else f"temperature above 0; got {temperature!r}"
            )
            raise ValueError(f"{name}: a text is drawn with a {what}.")
        if not isinstance(prompt, str):
            raise ValueError(f"{name}: prompt must be a text; got {type(prompt).__name__}.")
        module: Any = self.module_
        vocabulary, device = self._vocabulary(), self._like.device
        heard = torch.from_numpy(np.concatenate([[0], vocabulary.encode(prompt)])).to(device)
        written = []
        with torch.inference_mode(), Threads(0.0), Randomness(seed_from(random_state)):
            scores, state = module.run(heard[None], module.initial(1, self._like))
            scores = scores[:, -1]
            for _ in range(length):
                scores[:, 0] = -torch.inf  # what stands for unknown symbols is none that could be written
                symbol = torch.multinomial(((scores - scores.amax()) / temperature).softmax(-1)[0], 1)
                written.append(symbol)
                scores, state = module.step(symbol, state)
        return vocabulary.decode(torch.cat(written).tolist())

    def _alphabet(self) -> tuple[tuple[str, ...], Unit]:
        return tuple(self.vocabulary_), self.unit

    def _programs(self) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
        module: Any = self.module_
        symbols = torch.zeros(2, dtype=torch.long, device=self._like.device)
        return {"step": (TextStepModule(module), (symbols, *module.initial(2, self._like)))}

    def _examples(self, sheet: Sheet) -> Iterable[Example]:
        module: Any = self.module_
        state = module.initial(1, self._like)

        def hear(number: int) -> NDArray[Any]:
            nonlocal state
            with torch.inference_mode(), Threads(0.0):
                scores, state = module.step(torch.tensor([number], device=self._like.device), state)
                likely: NDArray[Any] = scores[0].softmax(-1).numpy(force=True)
            return likely

        return [drawn("sample", sheet.functions[0].name, hear, len(self.vocabulary_), first=0)]


def _before(symbols: Int[Tensor, "time"], first: Int[Tensor, "1"] | None = None) -> Int[Tensor, "time"]:
    """The symbol before each, `UNKNOWN` before the first unless it is known."""
    return torch.cat([symbols.new_zeros(1) if first is None else first, symbols[:-1]])
