"""The terms of art, each in a sentence, and where they stand in an exhibit's markup: the first time that it names one.

In what scripts write, static/js/page/terms.js marks them by the same pattern, which the shell carries to the page.

A definition says what the thing is, not how this project builds it; the sources stand in the exhibits' notes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Set
from html import escape

from app.page import traits
from model.config import FAMILIES

TERMS: dict[str, str] = {
    "AdamW": "A rule for steps of training: each parameter moves by its gradient's mean over its own usual size.",
    "ALiBi": "Attention with linear biases: a score loses a fixed amount, the head's slope, per token of distance.",
    "attention": "How one piece of the text looks at others and takes over more from some than from others.",
    "autoregressive": "Writing one token at a time, each read back in before the next.",
    "balance loss": "A penalty in training that is least when all experts get equally much to do.",
    "beam search": "Keeping the few best unfinished texts at each step, and extending each of them.",
    "bfloat16": "A number of 16 bits with the range of one of 32 and two to three digits.",
    "BPE": "Byte-pair encoding: a vocabulary made by joining, again and again, the pair of pieces seen most often.",
    "byte": "Eight bits; UTF-8 spells a character in one to four of them.",
    "causal": "Looking only at what stands before, never at what comes later.",
    "chrF": "A score of a translation: how many short runs of characters it shares with a human one.",
    "context": "The tokens that a model can read at once.",
    "cross-attention": "Attention of a decoder's tokens to what the encoder made of the text.",
    "decoder": "A stack of blocks whose tokens look only backwards, so that it can write.",
    "dot product": "Multiply two vectors number by number and add up: large where they point the same way.",
    "embedding": "The row of numbers that stands for a piece of text, or for its place.",
    "encoder": "A stack of blocks in which every token may look at every other.",
    "entropy": "How unsure a distribution is, in bits: a fair choice among 2ⁿ things has n.",
    "expert": "One of several small networks, of which each piece of the text passes through only a few.",
    "feed-forward": "The part of a block that works on each token alone.",
    "final norm": "The norm that the residual stream passes last, just before the unembedding.",
    "FLOP": "One addition or multiplication of two numbers.",
    "float16": "A number of 16 bits with three digits; below some 10⁻⁸ it holds nothing but 0.",
    "gate": "A number that a part's output is multiplied by: 0 shuts it off.",
    "GEGLU": "A feed-forward part of three matrices, in which one half, through a GELU, opens and closes the other.",
    "GQA": "Grouped-query attention: several heads' queries share one head of keys and values.",
    "gradient": "For each of many numbers, how fast the loss rises with it.",
    "greedy": "Taking the likeliest token each time.",
    "head": "One of several parts that look over the text side by side, each in its own way.",
    "induction": "Finding an earlier place that looked the same, and copying what came after it.",
    "KL": "Kullback–Leibler divergence: how many bits are lost by taking one distribution for another; 0 if equal.",
    "KV cache": "The keys and values of all earlier tokens, kept so that a new token need not compute them again.",
    "label smoothing": "Asking for a little of every entry besides the right one, so that no logit grows without end.",
    "latent cache": "Keeping one short vector for each token from which keys and values can be made again.",
    "LayerNorm": "Bringing each token's vector to mean 0 and variance 1, then to a learned scale and shift.",
    "layer": "One of the steps, all built alike, that the text passes one after the other.",
    "learning rate": "How far one step of training moves the parameters.",
    "logit": "The score that a model gives a possible answer: the larger, the likelier.",
    "logit lens": "Reading the residual stream of an inner layer as if it were the last.",
    "mask": "What a token is not allowed to look at; in BERT, a token that stands for a word to be guessed.",
    "min-p": "Keeping the tokens with at least a given share of the likeliest one's probability.",
    "mixture of experts": "A layer with several networks of which a router picks a few for each token.",
    "MHA": "Multi-head attention: every head has keys and values of its own.",
    "MLP": "A small network that works on each piece of the text alone, without looking at the others.",
    "MLA": "Multi-head latent attention: every head makes its keys and values of one short vector for each token.",
    "MQA": "Multi-query attention: all heads share one head of keys and values.",
    "Muon": "A rule for steps of training that moves a matrix equally far in all of its directions.",
    "norm": "Bringing a row of numbers to a fixed size, so that none grows out of hand.",
    "parameter": "One of the numbers that training has set.",
    "perplexity": "2 to the cross-entropy in bits: among how many equal choices a text's own tokens seem drawn.",
    "pooler": "A matrix that makes of the first token's last vector a summary of the whole text.",
    "position interpolation": "Squeezing the positions of a longer text into the range that was trained.",
    "post-norm": "Normalizing after each addition to the stream, as in the first transformers.",
    "pre-norm": "Normalizing what a part reads, and leaving the stream itself as it is.",
    "pruning": "Taking weights, or whole parts, out of a trained model.",
    "quantization": "Keeping each weight as one of a few evenly spaced values, in fewer bits.",
    "query": "The row of numbers with which a piece of the text asks the others whether they have what it needs.",
    "residual stream": "The row of numbers that stands for a piece of the text; each part reads it and adds to it.",
    "RMSNorm": "Dividing a vector by its root mean square, then multiplying by learned factors.",
    "RoPE": "Rotary position embedding: pairs of a query's and a key's numbers are turned by the token's position.",
    "rolling window": "A cache of the last few tokens only: the oldest makes room for the newest.",
    "rotation": "Turning a pair of numbers like the hand of a clock.",
    "router": "What decides, for each piece of the text, which of several small networks it passes through.",
    "seed": "The number that fixes all random choices, so that they can be made again.",
    "self-attention": "Attention of tokens to tokens of the same row, themselves among them.",
    "sentinel": "A token that stands for a piece cut out of the text, to be written by T5.",
    "sliding window": "Allowing a token to look only at the last few before it.",
    "softmax": "Making positive numbers of scores, larger for larger ones, that sum to one.",
    "SwiGLU": "A feed-forward part of three matrices, in which one half opens and closes the other.",
    "state space": "A layer that carries a state of fixed size from token to token, and looks at nothing further back.",
    "teacher forcing": "Predicting each token behind the true ones before it, and not behind guesses.",
    "temperature": "How bold a draw is: below 1 the likeliest wins more often, above 1 the others do.",
    "token": "A piece of text that a model reads or writes at once: a word, a part of one, or a single sign.",
    "top-k": "Keeping the k likeliest tokens.",
    "top-p": "Keeping the likeliest tokens until they have a given probability together.",
    "unembedding": "The table that turns the last row of numbers into a score for each possible answer.",
    "Unigram": "A vocabulary whose pieces have probabilities; a text is cut where their product is largest.",
    "variance": "The mean of the squared distances from the mean.",
    "vocabulary": "All the pieces of text that a model knows.",
    "weight decay": "Making every weight a little smaller at each step of training.",
    "WordPiece": "A vocabulary of word beginnings and ##continuations; the longest piece that fits is taken first.",
    "YaRN": "Stretching RoPE's slow rotations to longer texts, while leaving the fast ones as they were.",
}

WHERE_MEANT: dict[str, str] = {
    "block": "One of the steps, all built alike, that the text passes one after the other.",
    "key": "The row of numbers by which a piece of the text is found by those that ask for what it has.",
    "value": "The row of numbers that a piece of the text hands over to those that look at it.",
}
"""Terms that are common words too: they are marked where a plate says so, with a bare `<dfn>`."""
_MEANT = re.compile(rf"<dfn>(({'|'.join(WHERE_MEANT)})s?)</dfn>")

_PLURALS = "|".join(re.escape(term) for term in sorted(TERMS, key=len, reverse=True))
_TERM = re.compile(rf"(?<![\w-])({_PLURALS})(e?s)?(?![\w-])", re.IGNORECASE)
FOR_SCRIPTS = {"pattern": _TERM.pattern, "about": TERMS}
"""What static/js/page/terms.js needs, as JSON: the pattern means the same to JavaScript."""
_BY_LOWER = {term.lower(): term for term in TERMS}
_TAG = re.compile(r"(<[^>]*>)")
_PARTS = re.compile(
    r'(?P<prose><header class="lead">.*?</header>|<footer class="notes">.*?</footer>)'
    r'|(?P<picture><div class="picture">.*?(?=<footer class="notes">))',
    re.DOTALL,
)
_LEFT_ALONE = frozenset({"dfn", "svg"})
_ONLY_IF_NOWHERE_ELSE = frozenset({"h1", "h2", "h3", "button", "a", "sub", "sup"})
"""Elements whose words are marked only where an exhibit names a term in no other."""
_CONTROLS = frozenset({"button", "a"})
"""What has the focus itself: a term in it is no second stop of Tab."""
_VOID = {"br", "img", "input"}


def annotated(markup: str) -> str:
    """An exhibit's markup with its terms marked: `<dfn tabindex="0" data-about="...">softmax</dfn>`.

    Each term where it stands first in the prose, the lead and the notes, and where it stands first in the picture's own
    words; where families have words of their own (`data-for`), or models with a trait (`data-trait`), in those of each.
    Headings and controls come last.
    """
    prose, picture = _Marker(_LEFT_ALONE | _ONLY_IF_NOWHERE_ELSE), _Marker(_LEFT_ALONE | _ONLY_IF_NOWHERE_ELSE)
    marked = _PARTS.sub(lambda part: (prose if part["prose"] else picture).marked(part[0]), markup)
    marked = _Marker(_LEFT_ALONE, prose.named | picture.named).marked(marked)
    return _MEANT.sub(lambda found: _dfn(found[1], WHERE_MEANT[found[2]], ' tabindex="0"'), marked)


def _dfn(word: str, meaning: str, stop: str) -> str:
    return f'<dfn{stop} data-about="{escape(meaning)}">{word}</dfn>'


class _Marker:
    """Marks the terms in one part of the markup after the other, each once for every family and trait."""

    def __init__(self, left_alone: Set[str], named: Set[tuple[str, str, str]] = frozenset()) -> None:
        self._left_alone = left_alone
        self.named = set(named)
        """Each term with each family that has it marked, and the trait of whose words that was; "" in words for all."""

    def marked(self, markup: str) -> str:
        parts: list[str] = []
        within: list[tuple[str, frozenset[str], str]] = []  # the elements around, and whom they are for
        for part in _TAG.split(markup):
            families, trait = within[-1][1:] if within else (frozenset(FAMILIES), "")
            if part.startswith("</"):
                within.pop()
            elif part.startswith("<"):
                name = re.match(r"<(\w+)", part)
                if name and name[1] not in _VOID and not part.endswith("/>"):
                    own, held = (re.search(rf'data-{kind}="([^"]*)"', part) for kind in ("for", "trait"))
                    whose = frozenset(own[1].split()) if own else families
                    within.append((name[1], whose, held[1] if held else trait))
            elif self._left_alone.isdisjoint(around := {name for name, _, _ in within}):
                stop = "" if around & _CONTROLS else ' tabindex="0"'
                part = _TERM.sub(functools.partial(self._definition, families, trait, stop), part)
            parts.append(part)
        return "".join(parts)

    def _is_named(self, term: str, family: str, trait: str) -> bool:
        """Whether a family's models with a trait have a term: in words for all, in their own, or in those of a trait
        and in those of its opposite.
        """
        return any(
            all((term, family, one) in self.named for one in whose) for whose in (("",), (trait,), *traits.PAIRS)
        )

    def _definition(self, families: frozenset[str], trait: str, stop: str, found: re.Match[str]) -> str:
        term = _BY_LOWER[found[1].lower()]
        if all(self._is_named(term, family, trait) for family in families):
            return found[0]
        self.named |= {(term, family, trait) for family in families}
        return _dfn(found[0], TERMS[term], stop)
