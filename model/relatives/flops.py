"""What a published model computes for a text: floating-point operations, part by part. No torch here.

A matrix of m entries costs 2 m operations a token, a multiplication and an addition for each. To that comes what tokens
do with each other: a query against a key, and a weight times a value, for each head and each pair that may attend,

    2 · n_heads · (d_key + d_value) · pairs

(Kaplan et al. 2020, table 1, with causal pairs counted once). A state space layer updates and reads its state: for each
of its numbers the step times A, the step times B times the input, the decay times the state, their sum, and a product
with C and a sum to read it: 7 operations. Left out are norms, activation functions, softmax, biases and RWKV's
recurrence, which take a few operations for each number of a vector and none for each of a matrix.
"""

from __future__ import annotations

from model.relatives import parameters
from model.relatives.parameters import Sum
from model.relatives.shape import Shape

SCAN = 7
SCORE_TERMS = 3
"""Content with content, content with position and position with content (He et al. 2021, section 3.1)."""


def pairs(n: int, window: int | None = None) -> int:
    """Pairs of n tokens of which one may attend to the other, itself and those before it, at most `window`."""
    w = n if window is None else min(n, window)
    return w * (w + 1) // 2 + (n - w) * w


def flops(shape: Shape, n: int) -> dict[str, int]:
    """What reading n tokens costs, by part; logits are computed at each of them.

    A model with two stacks reads them with its encoder and writes one token. Parts are those of `parameters`, and
    "pairs", what tokens do with each other, and "scan", what state space layers do with their state.
    """
    reached = {part.name: part.reached.value for part in parameters.parts(shape)}
    told = {name: 2 * n * entries for name, entries in reached.items() if entries}
    if shape.head == "pooler":
        told["head"] = 2 * reached["head"]  # of the first token alone
    if shape.n_decoder_layers:
        told |= _of_two_stacks(shape, n)
    elif shape.n_attention:
        told["pairs"] = _first_stack(shape, n)
    if shape.mamba:
        told["scan"] = SCAN * shape.n_mamba * shape.mamba.d_inner * shape.mamba.d_state * n
    return told


def total(shape: Shape, n: int) -> int:
    """The sum of all parts."""
    return sum(flops(shape, n).values())


def _of_two_stacks(shape: Shape, n: int) -> dict[str, int]:
    """The encoder over n tokens, the decoder over one, which reads the n: their keys and values are made once."""
    decoder = shape.n_decoder_layers
    attention = parameters.attention(shape)[0].value
    of_query = Sum.of((2, shape.d_model, shape.n_heads, shape.d_head)).value
    crossed = of_query + n * (attention - of_query)
    block = (3 if shape.gated else 2) * shape.d_model * shape.d_ff
    per_pair = 4 * shape.n_heads * shape.d_head
    return {
        "attention": 2 * (shape.n_layers * n * attention + decoder * (attention + crossed)),
        "feed-forward": 2 * (shape.n_layers * n + decoder) * block,
        "unembedding": 2 * shape.d_vocab * shape.d_model,
        "pairs": per_pair * (shape.n_layers * n * n + decoder * (1 + n)),
    }


def _first_stack(shape: Shape, n: int) -> int:
    if shape.latent:
        widths = shape.latent.rope + shape.latent.nope + shape.latent.d_value
    else:
        terms = SCORE_TERMS if shape.positions == "disentangled" else 1
        widths = (terms + 1) * shape.d_head
    whole = pairs(n) if shape.is_causal else n * n
    seen = shape.n_windowed * pairs(n, shape.window) + (shape.n_attention - shape.n_windowed) * whole
    return 2 * shape.n_heads * widths * seen
