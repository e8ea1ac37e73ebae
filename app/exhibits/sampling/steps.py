"""The steps of Sampling: from scores to chances to one draw."""

from __future__ import annotations

from app.wire.step import Step

_HOT = {"sampling": {"temperature": 1.5}}
_NARROW = {"sampling": {"temperature": 1.5, "top_p": 0.6}}
_PLAIN = {"sampling": {"temperature": 1.0}}

SPEAKS = True
STEPS = (
    Step(
        "The model gives every token that it knows a score, the logit; these have the highest.",
        ".chain-rows .candidate-token, .chain-rows .logit",
        _PLAIN,
    ),
    Step(
        "Softmax makes probabilities of the scores, which sum to one over the whole vocabulary.",
        ".chain-rows .probability",
        _PLAIN,
    ),
    Step(
        "A high temperature flattens them, so that the unlikely gets its turn.",
        '[data-field="temperature"], .chain-rows .scaled',
        _HOT,
    ),
    Step(
        "Top-p cuts the tail off again: it keeps the likeliest until they have a given share together.",
        '[data-field="top_p"], .chain-rows .chance',
        _NARROW,
    ),
    Step(
        "A random number falls on this line, and the token it hits is drawn.",
        ".line-up",
        _PLAIN,
    ),
    Step(
        "Drawn again and again, each token comes about as often as its chance says.",
        ".thousand",
        _PLAIN,
    ),
    Step(
        "And this is the whole vocabulary, from the likeliest to the rarest.",
        ".curve",
        _PLAIN,
    ),
    Step(
        "Instead of drawing, one can search: a beam keeps the few best unfinished texts at each step.",
        ".beam",
        _PLAIN,
        families=("gpt", "t5"),
    ),
)

FOLLOW = {
    4: Step(
        "At the end every token of the vocabulary gets a score: here {likeliest} has the highest.",
        ".chain",
    ),
    5: Step(
        "A random number falls on this line and draws what comes next: the longer a piece of it, the more often.",
        ".line-up, .settings-form .draw",
        families=("gpt",),
    ),
    6: Step(
        "A BERT does not write on: hide a word behind the mask, and it says what stood there.",
        ".next .masking, .next .candidates",
        families=("bert",),
    ),
    7: Step(
        "It takes the likeliest, reads it back in, and so writes its answer token by token.",
        ".next .wrote, .next .candidates",
        families=("t5",),
    ),
}
