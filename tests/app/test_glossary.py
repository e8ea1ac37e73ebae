"""The glossary: terms are marked in prose, once each, and nothing else is touched."""

from __future__ import annotations

import re

import pytest

from app import glossary
from app.exhibits import EXHIBITS
from app.exhibits.plate import plate


def test_the_first_mention_in_the_prose_of_an_exhibit_carries_its_definition() -> None:
    marked = glossary.annotated('<header class="lead"><h1>Softmax</h1><p>The softmax of a Softmax.</p></header>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["softmax"]
    assert glossary.TERMS["softmax"] in marked
    assert marked.startswith('<header class="lead"><h1>Softmax</h1>')


def test_the_longest_term_wins_and_parts_of_words_are_none() -> None:
    marked = glossary.annotated('<footer class="notes"><p>KV cache, overhead, logit lens, heads</p></footer>')
    assert re.findall(r"<dfn[^>]*>([^<]*)</dfn>", marked) == ["KV cache", "logit lens", "heads"]


def test_what_is_no_prose_stays_as_it_is() -> None:
    picture = '<div class="picture"><p>softmax</p></div><footer class="notes"><button>softmax</button></footer>'
    assert glossary.annotated(picture) == picture


@pytest.mark.parametrize("name", EXHIBITS)
def test_every_exhibit_explains_some_of_its_terms_and_loses_no_text(name: str) -> None:
    plain = plate(name, EXHIBITS[name])
    marked = glossary.annotated(plain)
    assert marked.count("<dfn") >= 3
    assert re.sub(r"</?dfn[^>]*>", "", marked) == plain
