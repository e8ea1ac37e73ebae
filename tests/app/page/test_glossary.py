"""The glossary: terms are marked once in the prose and once in the picture's words, and nothing else is touched."""

from __future__ import annotations

import json
import re
from html import escape, unescape

import pytest

from app.exhibits.registry import PLATES
from app.page import glossary, shell
from app.page.plate import plate


def test_the_first_mention_in_the_prose_of_an_exhibit_carries_its_definition() -> None:
    marked = glossary.annotated('<header class="lead"><h1>Softmax</h1><p>The softmax of a Softmax.</p></header>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["softmax"]
    assert glossary.TERMS["softmax"] in marked
    assert marked.startswith('<header class="lead"><h1>Softmax</h1>')


def test_the_longest_term_wins_and_parts_of_words_are_none() -> None:
    marked = glossary.annotated('<footer class="notes"><p>KV cache, overhead, logit lens, heads</p></footer>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["KV cache", "logit lens", "heads"]


def test_headings_and_controls_are_marked_only_where_a_term_stands_nowhere_else_and_drawings_never() -> None:
    picture = '<div class="picture"><h2>softmax</h2><svg><text>logit</text></svg></div>'
    notes = '<footer class="notes"><button>entropy</button><p>softmax</p></footer>'
    marked = glossary.annotated(picture + notes)
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["entropy", "softmax"]
    assert "<h2>softmax</h2>" in marked


def test_a_term_in_a_control_is_no_stop_of_its_own() -> None:
    marked = glossary.annotated('<footer class="notes"><a href="#"><b>softmax</b></a><h3>logit</h3></footer>')
    assert "<b><dfn data-about=" in marked
    assert '<h3><dfn tabindex="0" data-about=' in marked


def test_scripts_know_the_same_terms_by_the_same_pattern() -> None:
    page = shell.html({"models": {"gpt": {"family": "gpt"}}})
    (sent,) = map(json.loads, map(unescape, re.findall(r'data-terms="([^"]*)"', page)))
    assert sent["about"] == glossary.TERMS
    assert re.findall(sent["pattern"], "no Logits here", re.IGNORECASE) == [("Logit", "s")]


def test_a_picture_s_own_words_are_marked_apart_from_the_prose() -> None:
    lead = '<header class="lead"><p>logit</p></header>'
    marked = glossary.annotated(lead + '<div class="picture"><label>logit</label></div><footer class="notes"></footer>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["logit", "logit"]


def test_every_family_has_a_term_marked_in_the_words_that_it_is_shown() -> None:
    own = '<div data-for="gpt"><p>softmax</p></div><div data-for="bert t5"><p>softmax, softmax</p></div>'
    marked = glossary.annotated(f'<footer class="notes">{own}<p>softmax</p></footer>')
    assert marked.count("<dfn") == 2
    assert marked.endswith("<p>softmax</p></footer>")


@pytest.mark.parametrize("name", PLATES)
def test_every_exhibit_explains_some_of_its_terms_and_loses_no_text(name: str) -> None:
    plain = plate(name, PLATES[name])
    marked = glossary.annotated(plain)
    assert marked.count("<dfn") >= 3
    assert re.sub(r"</?dfn[^>]*>", "", marked) == re.sub("</?dfn>", "", plain)
    assert "<dfn>" not in marked


def test_a_term_that_is_a_common_word_is_marked_where_a_plate_means_it() -> None:
    marked = glossary.annotated('<footer class="notes"><p>Press a key. The <dfn>keys</dfn> are read.</p></footer>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["keys"]
    assert escape(glossary.WHERE_MEANT["key"]) in marked


AT_FIRST = (
    *("attention", "causal", "embedding", "expert", "head", "layer", "logit", "MLP", "norm", "query", "router"),
    *("residual stream", "temperature", "token", "unembedding", "vocabulary"),
)
"""What a person meets who opens the page."""


@pytest.mark.parametrize("term", [*AT_FIRST, *glossary.WHERE_MEANT])
def test_what_is_met_first_is_defined_without_another_term(term: str) -> None:
    meaning = {**glossary.TERMS, **glossary.WHERE_MEANT}[term]
    others = {*glossary.TERMS, *glossary.WHERE_MEANT} - {term}
    assert not [other for other in others if re.search(rf"\b{re.escape(other)}(e?s)?\b", meaning, re.IGNORECASE)]
