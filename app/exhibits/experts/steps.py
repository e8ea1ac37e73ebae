"""The steps of Experts, in a model that has some: who is chosen, by what, and what hangs on it."""

from __future__ import annotations

from app.wire.step import Step

STEPS = (
    Step(
        "Each row is a token and each column an expert: the solid cells are those that its router has chosen.",
        ".gates",
        feed="experts",
    ),
    Step(
        "The router gives {token} a score for each expert, these become probabilities, and the best are kept.",
        ".one",
        feed="experts",
    ),
    Step(
        "The bars say how much of your text each expert gets; in training, a balance loss pulls them level.",
        ".loads",
        feed="experts",
    ),
    Step(
        "Any expert can be switched off, and its tokens go to the next in line.",
        ".switch-row",
        feed="experts",
    ),
    Step(
        "Without the experts that the last token trusts most, the prediction changes like this.",
        ".experts-grid > .effect",
        {"find": "trusted"},
        feed="experts",
    ),
    Step(
        "That is what experts are for: of all parameters, only a part works on any one token.",
        ".size",
        feed="experts",
    ),
)

FOLLOW = {
    3: Step(
        "Then a router sends {token} through a few of many small networks: the solid cells of its row are its experts.",
        ".gates, .one",
        feed="experts",
    ),
}
