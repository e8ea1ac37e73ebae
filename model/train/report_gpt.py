"""What the cards of the GPTs say: loss beside n-gram models, stories that go on, and loss at lengths."""

from __future__ import annotations

import dataclasses

import tokenizers
import torch

from model.config import GPTConfig
from model.study.sampling import Settings, draw, generator, shape
from model.train import lengths, ngram
from model.train.next_token import NextToken
from model.train.report import Report, Trained, quoted, rows
from model.train.text import MAIN, SOURCES
from model.train.workers import Worker
from model.transformer.gpt import GPT

PROMPT = "Once upon a time there was a little"
SETTINGS = Settings(temperature=0.8, top_p=0.95)
N_SAMPLES, N_NEW = 10, 100


@torch.no_grad()
def continuation(module: GPT, tokenizer: tokenizers.Tokenizer, prompt: str, settings: Settings, seed: int) -> str:
    """The prompt and what the model writes after it: at most `N_NEW` tokens, or until it ends its story."""
    end = module.config.bos_token_id
    ids = [end, *tokenizer.encode(prompt, add_special_tokens=False).ids]
    output, written = module(torch.tensor([ids])), []
    n_positions = module.positions.n_positions
    for index in range(N_NEW if n_positions is None else min(N_NEW, n_positions - len(ids))):
        chosen = draw(shape(output.logits[0, -1].numpy(), settings).chances, generator(seed, index).random())
        if chosen == end:
            break
        written.append(chosen)
        output = module(torch.tensor([[chosen]]), past=output.cache)
    return prompt + tokenizer.decode(written)


def of_stories(trained: Trained) -> Report:
    """The bundled GPT's."""
    module, tokenizer, task = trained.module, trained.tokenizer, trained.task
    assert isinstance(task, NextToken)
    held_out, training = task.held_out, task.batches.by_source
    with Worker.join() as worker:
        loss = held_out.loss(module, worker)
    stories = (training[MAIN], held_out.tokens, trained.config.d_vocab)
    baselines = {
        "5-gram, modified Kneser-Ney": ngram.loss(*stories),
        "5-gram, absolute discounting": ngram.loss(*stories, kneser_ney=False),
    }
    return Report(
        what=WHAT.format(n_parameters=trained.millions),
        data=DATA.format(
            sources=rows(
                *(
                    (
                        SOURCES[name].origin,
                        f"{tokens.n_documents:,}",
                        f"{tokens.n_predicted:,}",
                        f"{SOURCES[name].share:.0%}",
                        SOURCES[name].licence,
                    )
                    for name, tokens in training.items()
                )
            ),
            mixed_until=f"{trained.recipe.mixed_until:.0%}",
            n_held_out=held_out.tokens.n_documents,
        ),
        held_out=HELD_OUT.format(
            n_held_out=held_out.tokens.n_documents,
            loss=f"{loss:.3f}",
            per_byte=f"{held_out.per_byte(loss):.3f}",
            losses=rows(
                *(
                    (who, f"{nats:.3f}", f"{held_out.per_byte(nats):.3f}", f"{1 - loss / nats:.1%}")
                    for who, nats in baselines.items()
                )
            ),
        ),
        samples=f"Unedited, one a seed, temperature {SETTINGS.temperature}, top-p {SETTINGS.top_p}, at most {N_NEW} "
        "tokens.\n\n"
        + "\n\n".join(
            f"**Seed {seed}**\n\n{quoted(continuation(module, tokenizer, PROMPT, SETTINGS, seed))}"
            for seed in range(N_SAMPLES)
        ),
        limits=LIMITS,
        baselines={"5-gram": baselines["5-gram, modified Kneser-Ney"]},
    )


def by_length(trained: Trained) -> Report:
    """The same for a model that is there to be read past its length; leaves `lengths.json` in the run's folder."""
    report, config = of_stories(trained), trained.config
    assert isinstance(config, GPTConfig)
    ids = trained.task.held_out.tokens.ids
    found = lengths.losses(trained.module, ids, trained.module.positions.n_positions)
    scheme = config.positions.scheme
    lengths.write(trained.out, config.name, scheme, config.n_ctx, found)
    table = rows(*((length, "no such positions" if nats is None else f"{nats:.3f}") for length, nats in found.items()))
    return dataclasses.replace(
        report,
        what=BY_SCHEME.format(n_parameters=trained.millions, scheme=scheme, n_ctx=config.n_ctx)
        + (SCALED if config.scaled_embeddings else ""),
        data=report.data.replace(FOLLOWS, STREAM),
        held_out=report.held_out + LONGER.format(table=table, n_scored=lengths.N_SCORED, n_ctx=config.n_ctx),
    )


WHAT = """\
A small GPT that writes children's stories, {n_parameters} million parameters. It is here to be looked into: it is good
enough that its attention and its experts do something, and small enough to run on every keystroke."""

BY_SCHEME = """\
One of six tiny GPTs that write children's stories, {n_parameters} million parameters. They share their vocabulary,
data, order of batches and seed, and differ in how they know positions; this one's scheme is "{scheme}". All were
trained on rows of {n_ctx} tokens, and are here to be read past them."""

SCALED = """
Sinusoids do not shrink to fit what they are added to, so the embeddings are multiplied by sqrt(d_model) (Vaswani et al.
2017, section 3.4)."""

FOLLOWS = "Each document follows an `<|endoftext|>`."
STREAM = (
    "The documents are joined, an\n`<|endoftext|>` between them, and cut into rows anywhere, "
    "so that every position sees every kind of text."
)

DATA = """\
| source | documents | tokens | share while mixed | licence |
| --- | --- | --- | --- | --- |
{sources}

In the first {mixed_until} of the run all sources are mixed; it ends on TinyStories alone. {n_held_out} distinct
TinyStories, those whose text has the smallest SHA-256, are held out of the weights and of the vocabulary, which is a
byte-level BPE learned from the same training text. Each document follows an `<|endoftext|>`."""

HELD_OUT = """\
On the {n_held_out} held-out stories, the `<|endoftext|>` after each included, with the float16 weights that lie
here. The 5-grams have the same vocabulary, the same split and the same TinyStories to count on.

| model | nats a token | nats a byte | this model is lower by |
| --- | --- | --- | --- |
| this model | {loss} | {per_byte} | |
{losses}"""

LONGER = """

## Past its length

Mean loss on the same held-out tokens, the last {n_scored} of each stretch, read with more and more text before them. It
was trained at {n_ctx}. `lengths.json` has the same numbers.

| tokens read | nats a token |
| --- | --- |
{table}"""

LIMITS = """\
It knows the English of a three-year-old's picture book and nothing of the world. It loses the thread of a story,
repeats itself, and can write what is unkind or makes no sense. It is not made to answer questions."""
