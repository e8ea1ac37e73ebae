"""What the plates say goes by the model on the page: by its family, and by its position scheme."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from app.exhibits import WALK
from app.exhibits.registry import PLATES
from app.page import traits
from app.page.glossary import TERMS
from app.page.plate import plate
from model.config import FAMILIES, Scheme

SCHEMES = get_args(Scheme)
OF_DECODERS = [scheme for scheme in SCHEMES if scheme != "disentangled"]
SAYS = {
    "rope": "RoPE",
    "alibi": "ALiBi",
    "t5": "bucket",
    "sinusoidal": "sinusoids",
    "learned": "learned vector",
    "none": "Nothing is added",
}
"""What the words on a scheme have and those on the others have not."""
ABOUT_ALL = ("positions", "relatives")
"""Exhibits that tell of every scheme, whatever model is open."""
SHEET = Path(__file__).resolve().parents[3] / "static" / "css" / "type.css"


def shown(markup: str, attribute: str, value: str) -> str:
    """Markup without the elements that the style sheet hides from a model."""
    hidden = rf'<(\w+)[^>]* ?{attribute}="(?![^"]*\b{value}\b)[^"]*"[^>]*>.*?</\1>'
    return re.sub(hidden, "", markup, flags=re.DOTALL)


@pytest.mark.parametrize("scheme", OF_DECODERS)
def test_attention_tells_of_the_models_own_scheme_and_of_no_other(scheme: str):
    words = shown(shown(plate("attention", PLATES["attention"]), "data-for", "gpt"), "data-positions", scheme)
    notes = words[words.index('<footer class="notes">') :]
    assert [name for name, said in SAYS.items() if said in notes] == [scheme]
    assert ("bias<sub>" in notes) == (scheme in ("alibi", "t5"))


@pytest.mark.parametrize("name", [name for name in WALK if name not in ABOUT_ALL])
def test_no_words_for_all_models_name_the_scheme_of_one(name: str):
    """Outside what goes by the scheme, or is a T5's, whose scheme is one."""
    words = re.sub(r'<span data-positions="[^"]*">.*?</span>', "", plate(name, PLATES[name]))
    for family in ("gpt", "bert"):
        said = re.sub(r"<[^>]*>", " ", shown(words, "data-for", family))
        assert not re.findall(r"\bRoPE\b|\bALiBi\b|\b[Rr]otat\w+|\b[Ss]inusoid\w*|\b[Bb]uckets?\b", said)


def test_the_style_sheet_knows_every_family_and_every_scheme():
    sheet = SHEET.read_text(encoding="utf-8")
    for attribute, values in (("family", FAMILIES), ("positions", SCHEMES)):
        told = "for" if attribute == "family" else "positions"
        for value in values:
            assert f':root[data-{attribute}="{value}"] & [data-{told}]:not([data-{told}~="{value}"])' in sheet
    for trait in traits.ALL:
        assert f':root:not([data-traits~="{trait}"]) & [data-trait="{trait}"]' in sheet


def test_what_is_said_of_some_models_alone_is_said_by_a_trait_that_there_is():
    said = "".join(plate(name, PLATES[name]) for name in WALK)
    assert set(re.findall(r'data-trait="([^"]*)"', said)) <= set(traits.ALL)


def test_a_word_that_a_setting_hides_from_a_bert_is_hidden_by_its_own_mask():
    """Whatever it is written as; one that guesses none makes way for the bundled one."""
    settings = {
        name: words["bert"]["setting"]
        for name in WALK
        if "bert" in (words := getattr(PLATES[name], "BY_FAMILY", {}))
        if "setting" in words["bert"]
    }
    hiding = [name for name, setting in settings.items() if "[MASK]" in setting["text"]]
    assert hiding
    assert [name for name in hiding if settings[name].get("hides") != "bert"] == []


def test_memorys_formula_has_the_gate_and_the_biases_that_a_model_has():
    def formula(*has: str) -> str:
        said, innermost = PLATES["memory"].FORMULA, r'<span data-trait="([^"]*)">((?:(?!<span).)*?)</span>'
        while "data-trait" in said:
            said = re.sub(innermost, lambda found: found[2] if found[1] in has else "", said)
        return "".join(html.unescape(re.sub(r"<[^>]*>", "", said)).split())

    assert formula("feed-gated", "feed-unbiased", "adds-raw").startswith("h=f(Wgatex)⊙Wupx")
    assert formula("feed-ungated", "feed-biased", "adds-raw") == "h=f(Wupx+b)added=Σihivi+c"
    assert formula("feed-ungated", "feed-unbiased", "adds-normed") == "h=f(Wupx)added=norm(Σihivi)"


@dataclasses.dataclass
class Words:
    """What an exhibit says."""

    BY_FAMILY: Mapping[str, Mapping[str, Any]]
    TITLE: str = "Title"
    LEAD: str = "the common lead"
    FORMULA: str = "f"
    COMPUTED: str = "so"
    ATTEMPT: str = "this"
    SETTING: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    PICTURE: str = ""


@pytest.mark.parametrize("own", [(), ("bert",), ("gpt", "t5"), ("gpt", "bert", "t5")])
def test_each_family_reads_its_own_words_else_the_common_ones_and_never_both(own: tuple[str, ...]):
    markup = plate(WALK[0], Words({family: {"lead": f"a lead for {family}"} for family in own}))
    for family in FAMILIES:
        leads = re.findall(r"a lead for \w+|the common lead", shown(markup, "data-for", family))
        assert leads == [f"a lead for {family}" if family in own else "the common lead"]


def test_words_that_two_families_share_stand_there_once():
    assert plate(WALK[0], Words({family: {"lead": "shared"} for family in ("bert", "t5")})).count("shared") == 1


@pytest.mark.parametrize(
    ("name", "family", "says"),
    [
        ("positions", "gpt", "pair i, counted from 1, turns by θ i = 10,000 −2( i −1)/ d"),
        ("positions", "gpt", "The mix runs evenly over the pairs, as in the authors' code"),
        ("positions", "gpt", "in their paper (equation 18) it runs evenly over the turns"),
        ("experts", "gpt", "Mixtral takes the top two first and then the softmax, which gives the same weights"),
        ("experts", "gpt", "DeepSeek-V3 8 of 256, 1 shared 671 B 37 B"),
        ("experts", "gpt", "DeepSeek-AI 2024, abstract and section 4.2"),
        ("experts", "gpt", "keeps a small loss within each sequence beside it"),
        ("tokens", "gpt", "WordPiece takes the longest entry that fits, again and again, as BERT's tokenizer does"),
        ("tokens", "gpt", "text → pieces of the vocabulary →"),
        ("machine", "bert", "the three embeddings are summed and then normed stands in their code, not in the paper"),
        ("residual", "gpt", "Where that norm is a LayerNorm (GPT-2), each part is centred first"),
        ("residual", "gpt", "and the learned shift is a part too"),
        ("residual", "t5", "s = 1/√ d model where embedding and unembedding are one table, else 1"),
        ("trio", "gpt", "GPT reads it and what stands to its left"),
    ],
)
def test_words_name_what_is_computed_as_its_source_has_it(name: str, family: str, says: str):
    """An audit found each said otherwise, or left out."""
    said = re.sub(r"<[^>]*>", " ", shown(plate(name, PLATES[name]), "data-for", family))
    assert "".join(says.split()) in "".join(html.unescape(said).split())


def test_perplexity_is_of_the_cross_entropy():
    assert TERMS["perplexity"].startswith("2 to the cross-entropy")
