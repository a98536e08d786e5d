"""Who objects in plain words, and who merely speaks of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.plainly import LONGEST, objects
from bot.richtext import CodeBlock, Paragraph, Quote, RichText, Text, say

TEAM = ("CERT Bravo", "cert-bravo")


@pytest.mark.parametrize(
    "text",
    [
        "we object", "We object.", "I object!", "WE OBJECT", "We object: the window is too short.",
        "we object to this, it breaks our mail", "Sorry, we object", "No, we do not agree.",
        "We must object", "we formally object", "We don\u2019t agree", "we cannot accept this",
        "we are against it", "We're opposed", "I disagree", "we have an objection",
        "CERT Bravo objects", "cert-bravo opposes this", "our team objects", "Objection!",
        "objection: too early", "formal objection", "against", "Not agreed.", "veto",
        "Objection because of our law",
        "nous objectons", "Nous nous opposons à ce texte.", "nous nous y opposons",
        "je m'oppose", "On s\u2019oppose", "Désolé, nous ne sommes pas d'accord",
        "Pas d\u2019accord.", "nous sommes contre", "je suis opposée", "Nous refusons.",
        "nous avons une objection : trop tôt", "Objection, c'est trop court", "contre",
    ],
)  # fmt: skip
def test_short_words_that_object_are_known(text: str) -> None:
    assert objects(say(text), TEAM)


@pytest.mark.parametrize(
    "text",
    [
        "", "ok", "No objection", "no objections from us", "We do not object", "we don't object",
        "We have no objection.", "Objections?", "Any objections?", "Do we object?", "we object?",
        "Does CERT Bravo object?", "If we object, what then?", "Who objects?", "Nobody objects.",
        "CERT Alpha objects", "I think we should object", "we would object if it was longer",
        "The object is stored in S3", "Objective reached", "objection overruled",
        "objections were raised last year", "We object to nothing", "we object no more",
        "We agree", "we are not against it", "against the wall", "veto power is abolished",
        "Aucune objection", "pas d'objection", "Nous ne nous opposons pas",
        "nous nous opposons pas", "Nous n'avons pas d'objection", "sans objection",
        "Des objections ?", "nous sommes d'accord", "contre toute attente",
        "I heard that somebody said “we object” yesterday",
    ],
)  # fmt: skip
def test_what_merely_speaks_of_objecting_is_none(text: str) -> None:
    assert not objects(say(text), TEAM)


def test_a_long_text_is_none_whatever_it_begins_with() -> None:
    assert objects(say("We object. " + "x" * (LONGEST - 20)))
    assert not objects(say("We object. " + "word " * 60))


def test_what_is_quoted_or_code_is_none() -> None:
    said = Paragraph((Text("we object"),))
    assert not objects(RichText((Quote((said,)),)))
    assert not objects(RichText((CodeBlock("we object"),)))
    assert not objects(RichText((Quote((said,)), Paragraph((Text("Why do you?"),)))))
    assert objects(RichText((Quote((Paragraph((Text("Block it."),)),)), said)))


@given(st.text(max_size=2 * LONGEST))
def test_whatever_is_said_is_answered_and_a_question_is_none(text: str) -> None:
    if objects(say(text), TEAM):
        assert len(text.strip()) <= 2 * LONGEST
    assert not objects(say(f"We object? {text}"), TEAM)
