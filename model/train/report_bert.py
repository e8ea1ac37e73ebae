"""What BERT's card says: guesses of masked tokens beside those from bigrams on both sides, and filled sentences."""

from __future__ import annotations

import numpy as np
import torch

from model.study.corruption import FOLLOWS, IS_RANDOM, Masked, around, fit
from model.study.objective import IGNORED
from model.train import corpora
from model.train.bigrams import Bigrams
from model.train.masked_tokens import SHARES, MaskedTokens
from model.train.report import Report, Trained, quoted, rows
from model.train.text import MAIN, SOURCES
from model.train.vocabulary import MASK
from model.train.workers import Worker
from model.transformer.bert import Bert

SENTENCES = (
    "The little girl was very [MASK].",
    "Once upon a [MASK], there was a little boy named Tim.",
    "Lily went to the [MASK] with her mom.",
    "The dog wagged its [MASK].",
    "Tom was sad because he lost his [MASK].",
    "She put on her hat and [MASK] outside to play.",
    "The [MASK] flew high in the sky.",
    '"Can I have a [MASK]?" asked the boy.',
    "They played in the park until it [MASK] dark.",
    "The two friends [MASK] and went home.",
)
N_SHOWN = 5


@torch.no_grad()
def fill(module: Bert, task: MaskedTokens, sentence: str) -> list[tuple[str, float]]:
    """The most probable entries for the [MASK] of a sentence, over the whole vocabulary."""
    before, after = (task.encode((part,)) for part in sentence.split(MASK))
    ids, _ = around([*before, task.special.mask, *after], [], task.special)
    p = module(torch.from_numpy(ids)[None]).logits[0, len(before) + 1].softmax(-1)
    best = p.topk(N_SHOWN)
    return [
        (task.tokenizer.id_to_token(id) or "", chance)
        for id, chance in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


def next_sentence_pairs(task: MaskedTokens, held_out: list[tuple[str, ...]]) -> list[Masked]:
    """Held-out passages cut in two, each once with its own second half and once with the next passage's."""
    found, halves = [], [(passage[: len(passage) // 2], passage[len(passage) // 2 :]) for passage in held_out]
    halves = [(first, second) for first, second in halves if first and second]
    for at, (first, second) in enumerate(halves):
        for other, follows in ((second, FOLLOWS), (halves[at - 1][1], IS_RANDOM)):
            ids, segments = around(*fit(task.encode(first), task.encode(other), task.n_ctx - 3), task.special)
            found.append(Masked(ids, segments, np.full_like(ids, IGNORED), follows))
    return sorted(found, key=lambda example: len(example.ids))


@torch.no_grad()
def next_sentence_accuracy(module: Bert, task: MaskedTokens, pairs: list[Masked]) -> float:
    """The share of pairs of which the model says rightly whether they belong together."""
    right = 0
    for at in range(0, len(pairs), 16):
        ids, segments, targets, follows = task.collate(pairs[at : at + 16])
        output = module(ids, segments, (ids != task.pad)[:, None], guessed=targets != IGNORED)
        right += int((output.next_sentence.argmax(-1) == follows).sum())
    return right / len(pairs)


def gaps(examples: list[Masked]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What stood left and right of each masked token, read without any mask, and what it was. *Shape:* (gap,) each."""
    found = []
    for example in examples:
        text = np.where(example.targets == IGNORED, example.ids, example.targets)
        at = np.flatnonzero(example.targets != IGNORED)
        found.append(np.stack([text[at - 1], text[at + 1], text[at]]))
    left, right, was = np.concatenate(found, axis=1)
    return left, right, was


def report(trained: Trained) -> Report:
    """BERT's."""
    module, task = trained.module, trained.task
    assert isinstance(task, MaskedTokens)
    with Worker.join() as worker:
        measured = task.measure(module, worker)
    left, right, was = gaps(task.held_out)
    texts = (around(task.encode(passage), [], task.special)[0].tolist() for passage in task.passages[MAIN])
    bigrams = Bigrams(texts, task.special.end)
    weight, interpolated = bigrams.best_weight(left, right, was)
    multiplied = float((bigrams.multiplied(left, right) == was).mean())
    frequent = float((bigrams.often.argmax() == was).mean())
    baselines = {
        f"bigrams on both sides, interpolated ({weight} left, {1 - weight:.1f} right)": interpolated,
        "bigrams on both sides, multiplied": multiplied,
        "always the most frequent token": frequent,
    }
    pairs = next_sentence_pairs(task, task.unseen)
    origins = {name: (source.origin, source.licence) for name, source in SOURCES.items()}
    origins["wikipedia"] = (corpora.ORIGINS["wikipedia"].what, corpora.ORIGINS["wikipedia"].licence)
    return Report(
        what=WHAT.format(n_parameters=trained.millions),
        data=DATA.format(
            sources=rows(
                *(
                    (origins[name][0], f"{len(found):,}", f"{SHARES[name]:.0%}", origins[name][1])
                    for name, found in task.passages.items()
                )
            ),
            mixed_until=f"{trained.recipe.mixed_until:.0%}",
            n_held_out=trained.recipe.n_held_out,
        ),
        held_out=HELD_OUT.format(
            n=f"{len(was):,}",
            accuracy=f"{measured.figure:.1%}",
            loss=f"{measured.loss:.3f}",
            rows=rows(
                *((who, f"{share:.1%}", f"{measured.figure / share:.2f} times") for who, share in baselines.items())
            ),
            n_pairs=f"{len(pairs):,}",
            pairs=f"{next_sentence_accuracy(module, task, pairs):.1%}",
        ),
        samples=f"Unedited: the {N_SHOWN} most probable entries of the whole vocabulary.\n\n"
        + "\n\n".join(
            f"{quoted(sentence)}\n\n"
            + ", ".join(f"{token} {chance:.1%}" for token, chance in fill(module, task, sentence))
            for sentence in SENTENCES
        ),
        limits=LIMITS,
    )


WHAT = """\
A small BERT that fills gaps in simple English, {n_parameters} million parameters. It reads both ways, so a page can
show attention that looks ahead."""

DATA = """\
| source | passages | share while mixed | licence |
| --- | --- | --- | --- |
{sources}

A passage is as many whole sentences as fit. In the first {mixed_until} of the run all sources are mixed; it ends on
TinyStories alone. The {n_held_out} TinyStories whose text has the smallest SHA-256 are held out of the weights and of
the vocabulary, a lower-cased WordPiece learned from the same training text. 15 % of the tokens are to be guessed: 80 %
of them masked, 10 % swapped for any other, 10 % left. Half of the pairs of segments do not belong together."""

HELD_OUT = """\
Tokens guessed rightly on the held-out stories: {n} tokens, 15 % of each passage, all masked at once. The bigrams are of
the same training stories and vocabulary, and see the true neighbours even where the model sees a mask; the weight of
the two sides is the one that suits them best on these very tokens.

| who guesses | right | this model is better by |
| --- | --- | --- |
| this model ({loss} nats a token) | {accuracy} | |
{rows}

Whether two halves of a passage belong together: {pairs} of {n_pairs} pairs right; guessing gives 50 %."""

LIMITS = """\
It knows the English of picture books and a little of an encyclopaedia's. It has no idea what is true, and its guesses
repeat what its sources say about girls, boys and anybody else. It reads at most 128 tokens."""
