"""What a sentence has to be in Spanish too: what in it is words, and which words are the same in both languages."""

import re
import unicodedata

from neurarium.chart import CHART

MISTAKE = re.compile(r"(?<![Ll]arga )memoria a corto plazo", re.IGNORECASE)
"""What no Spanish text may call the LSTM."""
NAMES = {"tanh", "ReLU", "Adam", "LRP ε", "LRP αβ", "PCA", "XOR", "f(x)", "D(x)", "MC_k", "error", "SGD", *CHART}
"""Names and terms that are the same in both languages."""


def words_of(text: str) -> str:
    """A text without its places, formulas and signs: what somebody has to translate."""
    bare = re.sub(r"\{[^}]*\}|\b(log|exp|max|min|sin)\b", "", text)
    return " ".join(re.findall(r"[^\W\d_]{3,}", unicodedata.normalize("NFKC", bare)))  # x₁ is x1, no word


def untranslated(english: str, spanish: str) -> bool:
    """Whether the Spanish is missing, or the English again."""
    if english != spanish:
        return bool(english.strip()) and not spanish.strip()
    return any(words_of(part) and part not in NAMES for part in re.split(", | · ", english))
