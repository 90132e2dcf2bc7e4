"""Fingerprints."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donbas_recognition import contains, fingerprint
from donbas_recognition.passages import tokens

PASSAGE = "Wir sind heute, am 21. Februar, «alle» in der STRASSE gewesen"


def test_definition():
    words = "wir sind heute am 21 februar alle in der strasse gewesen"
    assert fingerprint(PASSAGE) == (11, hashlib.sha256(words.encode()).hexdigest())


def test_markup_quotes_and_line_breaks_do_not_matter():
    page = "Vorher.\nWir sind heute — am 21.\u00a0Februar —\n“alle” in der Straße gewesen! Nachher."
    assert contains(page, fingerprint(PASSAGE))


def test_another_word_does():
    assert not contains(PASSAGE.replace("alle", "nicht alle"), fingerprint(PASSAGE))


def test_short_passage_is_refused():
    with pytest.raises(ValueError, match="7 words"):
        fingerprint("one two three four five six seven")


@given(st.text(), st.lists(st.text("абвxyz1", min_size=1), min_size=8, max_size=12), st.text())
def test_a_passage_is_found_in_any_text_around_it(before, words, after):
    passage = " ".join(words)
    assert contains(f"{before} {passage} {after}", fingerprint(passage))


@given(st.text())
def test_words_are_letters_and_digits(text):
    assert all(c.isalnum() for word in tokens(text) for c in word)
