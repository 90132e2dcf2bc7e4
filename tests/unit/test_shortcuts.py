"""What spares the rules their slow way never says other than the slow way would."""

import random
import unicodedata

import polars as pl
import pytest

from donbas_recognition.checks.rules.evidence import (
    BETWEEN_WORDS,
    FEW_WORDS,
    IN_WORDS,
    MAX_QUOTE_WORDS,
)
from donbas_recognition.checks.rules.figures import _PAIR, numbers
from donbas_recognition.checks.rules.text import UNSETTLED
from donbas_recognition.passages import tokens

CHARACTERS = pl.Series([chr(i) for i in range(0x110000) if not 0xD800 <= i <= 0xDFFF])
# Characters that may join the one before them.
JOINING = {
    chr(int(unicodedata.decomposition(c).split()[1], 16))
    for c in CHARACTERS
    if " " in unicodedata.decomposition(c) and unicodedata.decomposition(c)[0] != "<"
}


def matching(pattern: str) -> list[str]:
    return CHARACTERS.filter(CHARACTERS.str.contains(pattern)).to_list()


@pytest.mark.parametrize(
    ("form", "settled"),
    [
        ("NFC", set(CHARACTERS) - set(matching(UNSETTLED))),
        ("NFKC", set(matching(f"[{IN_WORDS}{BETWEEN_WORDS}]"))),
    ],
)
def test_characters_taken_for_settled_are_in_normal_form_wherever_they_stand(form, settled):
    assert {"a", "é", "ж", "ї", "«", "“", "–"} <= settled
    for character in settled:
        assert unicodedata.is_normalized(form, character)
        assert unicodedata.combining(character) == 0
        assert character not in JOINING


def test_characters_in_words_and_between_them():
    assert all(unicodedata.category(c)[0] in "LN" for c in matching(f"[{IN_WORDS}]"))
    assert not any(unicodedata.category(c)[0] in "LN" for c in matching(f"[{BETWEEN_WORDS}]"))


@pytest.mark.parametrize("gap", [" ", "-", ", «", "\u00a0", "\u0301"])
@pytest.mark.parametrize("word", ["a", "4th", "мир", "œuvre"])
def test_few_words(word, gap):
    texts = pl.Series([gap.join([word] * n) for n in range(MAX_QUOTE_WORDS + 3)])
    few = texts.str.contains(FEW_WORDS)
    for text in texts.filter(few):
        assert 1 <= len(tokens(text)) <= MAX_QUOTE_WORDS
    plain = gap not in ("\u00a0", "\u0301") and word != "œuvre"
    assert few.sum() == (MAX_QUOTE_WORDS if plain else 1 if word != "œuvre" else 0)


def test_two_numbers_in_plain_digits_are_what_the_parser_reads():
    pick = random.Random(1)
    pieces = ["between", " ", "4,700", "90", "and", "to", "-", "–", ",", ".", "000", "1,000,000"]
    pieces += ["thousand", "k", "two", "twenty", "\u00a0", "c.", "’", "%", "half a million", "½"]
    likely = ["between ", "4,700", " and ", "90", "."]
    texts = ["".join(pick.choices(pieces, k=pick.randint(1, 7))) for _ in range(20_000)]
    for _ in range(20_000):
        text = likely.copy()
        for _ in range(pick.randint(0, 2)):
            text[pick.randrange(5)] = pick.choice(pieces)
        texts.append("".join(text))
    found = pl.Series("text", texts).to_frame().filter(pl.col("text").str.contains(_PAIR))
    assert 100 < found.height < 30_000
    for (text,) in found.iter_rows():
        pair = {
            int(found.select(pl.lit(text).str.extract(_PAIR, i)).item(0, 0).replace(",", ""))
            for i in (1, 2)
        }
        assert pair <= numbers(text), text
