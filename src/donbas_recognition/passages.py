"""Fingerprints of passages: evidence that can be checked without republishing the text."""

import hashlib
import re
import unicodedata
from typing import NamedTuple

MIN_WORDS = 8
# `\w` without the underscore: Unicode letters and digits.
_WORD = re.compile(r"[^\W_]+")


class Fingerprint(NamedTuple):
    """Number of words of a passage and the SHA-256 of the words (hexadecimal)."""

    words: int
    sha256: str


def tokens(text: str) -> list[str]:
    """Words of a text: maximal runs of Unicode letters and digits after NFKC and case folding."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _digest(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode("utf-8")).hexdigest()


def fingerprint(passage: str) -> Fingerprint:
    """Fingerprint of a passage.

    Parameters
    ----------
    passage : str
        The shortest contiguous run of text that supports a row, at least 8 words.

    Returns
    -------
    Fingerprint
        ``words`` and ``sha256``, as in the columns ``passage_words`` and ``passage_sha256`` of
        the table ``mentions``.

    Raises
    ------
    ValueError
        If the passage has fewer than 8 words: so short a run proves nothing.
    """
    words = tokens(passage)
    if len(words) < MIN_WORDS:
        raise ValueError(f"the passage has {len(words)} words, a fingerprint needs {MIN_WORDS}")
    return Fingerprint(len(words), _digest(words))


def find(words: list[str], mark: Fingerprint) -> list[str] | None:
    """Words of the passage that bears the fingerprint, or None.

    Parameters
    ----------
    words : list of str
        The `tokens` of any extraction of the page.
    mark : Fingerprint
        The fingerprint to look for.
    """
    for start in range(len(words) - mark.words + 1):
        window = words[start : start + mark.words]
        if _digest(window) == mark.sha256:
            return window
    return None


def locate(text: str, mark: Fingerprint) -> tuple[int, int] | None:
    """Where the passage that bears a fingerprint begins and ends in a text, or None.

    Finds it where each word is normalised alone, which differs from `find` only for letters that
    NFKC takes apart (½, ﬁ).
    """
    places = [match.span() for match in _WORD.finditer(text)]
    words = [unicodedata.normalize("NFKC", text[a:b]).casefold() for a, b in places]
    for start in range(len(words) - mark.words + 1):
        if _digest(words[start : start + mark.words]) == mark.sha256:
            return places[start][0], places[start + mark.words - 1][1]
    return None


def contains(text: str, mark: Fingerprint | tuple[int, str]) -> bool:
    """Whether a text holds the passage that bears a fingerprint.

    Markup, quotation marks, punctuation and line breaks do not matter.

    Parameters
    ----------
    text : str
        Any extraction of the page.
    mark : Fingerprint or (int, str)
        ``passage_words`` and ``passage_sha256`` of a row of ``mentions``.

    Returns
    -------
    bool
    """
    return find(tokens(text), Fingerprint(*mark)) is not None
