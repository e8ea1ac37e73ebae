"""What T5's card says: translation, sentiment, grammar and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple

from model.train import corpora, measure_t5
from model.train.report import Report, Trained, rows
from model.train.text import MAIN, SOURCES
from model.train.text_to_text import PHASES, TextToText
from model.train.vocabulary import N_SENTINELS

ITEMS = {
    "articles": ("wikipedia", "passages"),
    "translate": ("tatoeba", "pairs"),
    "sentiment": ("sst2", "phrases"),
    "grammar": ("blimp", "minimal pairs"),
}
"""Which corpus a task's items are from, and what they are."""


def report(trained: Trained) -> Report:
    """T5's."""
    module, task = trained.module, trained.task
    assert isinstance(task, TextToText)
    measured = (
        measure_t5.translation(module, task, 4),
        measure_t5.judgement(module, task, "sentiment", 2),
        measure_t5.judgement(module, task, "grammar", 2),
        measure_t5.gaps(module, task, 2),
    )
    samples = [sample for measurement in measured for sample in measurement.samples]
    corpus = [
        (corpora.ORIGINS[source].what, f"{len(task.items[name]):,} {unit}", corpora.ORIGINS[source].licence)
        for name, (source, unit) in ITEMS.items()
    ]
    stories = (SOURCES[MAIN].origin, f"{len(task.items['stories']):,} passages", SOURCES[MAIN].licence)
    return Report(
        what=WHAT.format(n_parameters=trained.millions),
        data=DATA.format(
            sources=rows(stories, *corpus),
            phases=rows(*((f"{until:.0%}", _shares(shares)) for until, shares in PHASES)),
            n_held_out=trained.recipe.n_held_out,
            one_in=corpora.ONE_IN,
            n_sentinels=N_SENTINELS,
        ),
        held_out=HELD_OUT.format(rows=rows(*(astuple(row) for several in measured for row in several.figures))),
        samples=SAMPLES.format(rows=rows(*(tuple(cell.replace("|", "\\|") for cell in sample) for sample in samples))),
        limits=LIMITS,
    )


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


WHAT = """\
A small T5 that translates short English sentences into French, judges sentiment and grammar, and fills gaps,
{n_parameters} million parameters. It is here so that a page can show one text being read while another is written."""

DATA = """\
| source | items | licence |
| --- | --- | --- |
{sources}

| until | shares of the examples |
| ---: | --- |
{phases}

The first part of the run is span corruption, 15 % of the tokens in spans of 3 on average; the rest has prefixes.

Held out are the {n_held_out} TinyStories with the smallest SHA-256 and, by SHA-256, one in {one_in} of the articles, of
the English sentences with all their translations, and of the minimal pairs. Of the phrases it is the corpus's own
development file, which splits phrases and not reviews: parts of such a phrase may have been trained on. The vocabulary
is a Unigram model of the training text with {n_sentinels} sentinels."""

HELD_OUT = """\
| what | on | this model | baseline | which is |
| --- | --- | --- | --- | --- |
{rows}

All translations of a sentence count as references. Where the baseline has a free parameter, it is the one that suits it
best on these very items."""

SAMPLES = """\
Unedited, the most probable token every time; taken at even distances from what was measured.

| read | written | expected |
| --- | --- | --- |
{rows}"""

LIMITS = """\
It translates sentences of a phrase book; longer ones come out as something else. Its judgements of sentiment are about
film reviews, those of grammar about the kinds of mistakes that BLiMP has. It answers no questions."""
