"""What T5's tasks are measured by on held-out text, each beside a simple baseline, with samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sacrebleu

from model.study import spans
from model.train.bigrams import Bigrams
from model.train.generate import write
from model.train.lexicon import Lexicon
from model.train.text_to_text import GRAMMAR, PREFIX, SENTIMENT, Pair, TextToText
from model.transformer.t5 import T5

N_TRANSLATED, N_JUDGED, N_FILLED = 1000, 1500, 500
"""Held-out sentences, minimal pairs and texts with gaps, at most."""
N_NEW = 48
"""Tokens that are written, at most."""

Sample = tuple[str, str, str]
"""What was read, written and expected."""


@dataclass(frozen=True)
class Figure:
    """One row of the card's table."""

    what: str
    on: str
    model: str
    baseline: str
    which: str


@dataclass(frozen=True)
class Measurement:
    """One task's figures and some samples, taken at even distances from everything that was measured."""

    figures: tuple[Figure, ...]
    samples: list[Sample]


def chrf(hypotheses: list[str], references: list[list[str]]) -> float:
    """The corpus's chrF (Popović 2015) as `sacrebleu` counts it, each text against its best reference; 0 to 100."""
    return float(sacrebleu.corpus_chrf(hypotheses, streams(references)).score)


def bleu(hypotheses: list[str], references: list[list[str]]) -> float:
    """The corpus's BLEU (Papineni et al. 2002) as `sacrebleu` counts it; 0 to 100."""
    return float(sacrebleu.corpus_bleu(hypotheses, streams(references)).score)


def streams(references: list[list[str]]) -> list[list[str]]:
    """The n-th reference of every text, for each n; one that has fewer repeats its first."""
    most = max(map(len, references))
    return [[of[at] if at < len(of) else of[0] for of in references] for at in range(most)]


def spread(samples: Sequence[Sample], n: int) -> list[Sample]:
    """`n` samples at even distances, the first one among them."""
    return [samples[len(samples) * at // n] for at in range(n)]


def answers(module: T5, task: TextToText, reads: list[str]) -> list[str]:
    """What the model writes for texts, as text."""
    ids = [task.pair(read, "").read for read in reads]
    return [task.tokenizer.decode(written).strip() for written in write(module, task, ids, N_NEW)]


def translation(module: T5, task: TextToText, n_samples: int) -> Measurement:
    """English to French, beside a word-by-word dictionary."""
    items = task.unseen["translate"][:N_TRANSLATED]
    reads, references = [PREFIX["translate"] + item[0] for item in items], [list(item[1:]) for item in items]
    translated = answers(module, task, reads)
    lexicon = Lexicon((english, french) for english, french in task.items["translate"])
    by_word = [lexicon.translate(item[0]) for item in items]
    on, which = f"{len(items):,} sentences", "word by word, by co-occurrence"
    figures = tuple(
        Figure(f"translation, {name}", on, f"{of(translated, references):.1f}", f"{of(by_word, references):.1f}", which)
        for name, of in (("chrF", chrf), ("BLEU", bleu))
    )
    expected = ["; ".join(several) for several in references]
    return Measurement(figures, spread(list(zip(reads, translated, expected, strict=True)), n_samples))


def judgement(module: T5, task: TextToText, name: str, n_samples: int) -> Measurement:
    """Sentiment or grammar, beside the answer that is the most frequent one in training."""
    if name == "sentiment":
        examples = [(phrase, SENTIMENT[good]) for phrase, good in task.unseen[name]]
        known = [SENTIMENT[good] for _, good in task.items[name]]
    else:
        pairs = task.unseen[name][:N_JUDGED]
        examples = [(pair[not good], GRAMMAR[good]) for pair in pairs for good in (True, False)]
        known = list(GRAMMAR.values())
    reads, true = [PREFIX[name] + text for text, _ in examples], [answer for _, answer in examples]
    given = answers(module, task, reads)
    usual = Counter(known).most_common(1)[0][0]
    figure = Figure(
        f"{name}, accuracy",
        f"{len(examples):,} {'phrases' if name == 'sentiment' else 'sentences'}",
        f"{np.mean([a == b for a, b in zip(given, true, strict=True)]):.1%}",
        f"{np.mean([usual == answer for answer in true]):.1%}",
        f"always “{usual}”",
    )
    return Measurement((figure,), spread(list(zip(reads, given, true, strict=True)), n_samples))


def gaps(module: T5, task: TextToText, n_samples: int) -> Measurement:
    """Gaps filled with exactly what was cut out, beside bigrams on both sides that are told each gap's length."""
    rng = np.random.default_rng(0)
    pairs = [task.make("fill", item, rng) for item in task.unseen["fill"][:N_FILLED]]
    written = write(module, task, [pair.read for pair in pairs], N_NEW)
    right = [
        spans.parse(ids, task.sentinels).get(sentinel) == true
        for pair, ids in zip(pairs, written, strict=True)
        for sentinel, true in cut_out(task, pair).items()
    ]
    bigrams = Bigrams((task.encode(item[0]) for item in task.items["stories"]), task.tokenizer.get_vocab_size())
    by_bigrams = max(np.mean(filled_by_bigrams(bigrams, task, pairs, weight)) for weight in (0.3, 0.5, 0.7))
    figure = Figure(
        "gaps filled exactly",
        f"{len(right):,} gaps",
        f"{np.mean(right):.1%}",
        f"{by_bigrams:.1%}",
        "bigrams on both sides, told each gap's length",
    )
    samples = [
        (shown(task, pair.read), shown(task, ids), shown(task, pair.written))
        for pair, ids in zip(pairs, written, strict=True)
    ]
    return Measurement((figure,), spread(samples, n_samples))


def cut_out(task: TextToText, pair: Pair) -> dict[int, list[int]]:
    """What truly stood in each gap."""
    return spans.parse(pair.written[:-1], task.sentinels)


def filled_by_bigrams(bigrams: Bigrams, task: TextToText, pairs: list[Pair], weight: float) -> list[bool]:
    """Of every gap: whether bigrams that know its neighbours and its length guess exactly what was cut out."""
    right = []
    for pair in pairs:
        for sentinel, true in cut_out(task, pair).items():
            at = pair.read.index(sentinel)
            right.append(bigrams.span(pair.read[at - 1], pair.read[at + 1], len(true), weight) == true)
    return right


def shown(task: TextToText, ids: list[int]) -> str:
    """Tokens as text, the sentinels shown and `</s>` not."""
    return str(task.tokenizer.decode([id for id in ids if id != task.end], skip_special_tokens=False))
