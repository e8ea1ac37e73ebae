"""A new family is not forgotten: how deep it is, who reads whom and what there is, the page asks of its config."""

from __future__ import annotations

import re

from tests.test_house import committed_text

SPEAKS_OF_FAMILIES = {
    "app/asked/question.py": "where a prediction is read",
    "app/exhibits/training/pair.py": "two sentences are what a BERT alone was asked about",
    "app/exhibits/trio/": "one model of each family is its subject",
    "app/running/model.py": "the stream of a BERT has a lens of its own",
    "static/js/exhibits/trio/": "one model of each family is its subject",
    "static/js/page/": "models are chosen by family, and their predictions named in its words",
}
"""Where the page may branch on a model's family, each place with its reason."""
BRANCHES = re.compile(r"\bfamily [!=]=|(?<!assert )isinstance\([^()]*(?:GPT|Bert|T5)Config|case (?:GPT|Bert|T5)Config")


def test_the_page_branches_on_the_family_only_where_the_family_says_something_else():
    branching = {
        name
        for name, text in committed_text()
        if name.startswith(("app/", "model/study/", "static/js/")) and BRANCHES.search(text)
    }
    known = tuple(SPEAKS_OF_FAMILIES)
    assert sorted(name for name in branching if not name.startswith(known)) == []
    assert [place for place in known if not any(name.startswith(place) for name in branching)] == []
