"""Of any message only a bounded part is read, and it is split into a bounded number of parts."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.details import details_in
from bot.nlu.questions import MAX_PARTS, questions_in
from bot.text import BEGINNING, END, MAX_WORD_LENGTH, looked_at

PIECES = st.one_of(
    st.text(min_size=1, max_size=40),
    st.text("aAbēģ\u0301\u0327", min_size=1, max_size=40),
    st.sampled_from(
        ["vai man ir pvn? ", "when is it? ", "2500 ", "12.11.2026 ", "12. novembris ", "un ", "a? ", "aA", "\n"]
    ),
)


@st.composite
def messages(draw) -> str:
    """Texts of repeated pieces, as long as the chat accepts."""
    piece = "".join(draw(st.lists(PIECES, min_size=1, max_size=6)))
    return (piece * draw(st.sampled_from([1, 2, 30, 2000])))[:2000]


@settings(max_examples=150, deadline=None)
@given(messages())
def test_whatever_is_typed_what_is_looked_at_has_a_bound(text):
    kept = looked_at(text)
    assert len(kept) <= BEGINNING + 1 + END
    assert max(map(len, kept.split()), default=0) <= MAX_WORD_LENGTH
    assert looked_at(kept) == kept
    assert len(questions_in(kept)) <= MAX_PARTS
    assert all(len(value) <= BEGINNING for value in details_in(kept, [], datetime.date(2026, 11, 26)).values())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("abcdefghijklmnoprstuvzāčēģīķļņšūž?.,-", min_size=1, max_size=12), min_size=1, max_size=60))
def test_sixty_words_are_looked_at_whole(words):
    text = " ".join(words)
    assert looked_at(text) == text
