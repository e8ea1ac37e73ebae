"""Machine: the cutaway drawing of the whole model, at work on the text; every other exhibit is one part of it."""

from __future__ import annotations

from app.exhibits.plate import plate

TITLE = "The machine, running on your sentence"
LEAD = (
    "Each token is one lane: attention, above, carries between lanes; experts, below, work on one lane. Both only add."
)
_X = "<i>x</i>"
_ATTENTION = '<b class="attention">Attention</b>'
FORMULA = (
    f"{_X} ← {_X} + {_ATTENTION}(norm {_X})<br>"
    f"{_X} ← {_X} + <b>MLP</b>(norm {_X}) &nbsp;or&nbsp; Σ<sub><i>e</i></sub> "
    f"<i>g</i><sub><i>e</i></sub> <b>Expert</b><sub><i>e</i></sub>(norm {_X})"
)

_READ = " Every width, tone and number is read out of the pass over your text, at the scale beside it."
_COMPUTED = (
    "Pre-norm residual blocks: Vaswani et al. 2017, section 3.1; Radford et al. 2019, section 2.3. Experts, the"
    " probabilities of their router and the balance loss: Fedus et al. 2022, equations 1 to 6; two of them mixed: Jiang"
    f" et al. 2024.{_READ}"
)
_ATTEMPT = "Say something twice: one head looks back to what followed the first time. Does the prediction repeat it?"
_SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "following", "query": None, "key": None}

_BY_FAMILY = {
    "bert": {
        "lead": "Each token is one lane, and every lane may read all others, before and behind it. After each sum a"
        " norm stands in the stream and brings every lane back to one size.",
        "formula": f"{_X} ← norm({_X} + {_ATTENTION}({_X}))<br>{_X} ← norm({_X} + <b>MLP</b>({_X}))",
        "computed": "Post-norm residual blocks: Vaswani et al. 2017, section 3.1; Devlin et al. 2019, whose three"
        f" embeddings are summed and normed before the first block.{_READ}",
        "attempt": "Hide a word with [MASK]: its lane starts like any mask's and ends in a guess made of the others.",
        "setting": {
            "text": "The little girl was very [MASK] and went home.",
            "find": "decided",
            "query": None,
            "key": None,
        },
    },
    "t5": {
        "lead": "Two rivers: above, the encoder reads your text once; below, the decoder writes, and each of its blocks"
        " reads what the encoder has made of it, over the bridge.",
        "formula": f"{_X} ← {_X} + {_ATTENTION}(norm {_X}) &nbsp;in both<br>"
        f'{_X} ← {_X} + <b class="attention">Cross</b>(norm {_X}, encoder) &nbsp;decoder<br>'
        f"{_X} ← {_X} + <b>MLP</b>(norm {_X}) &nbsp;in both",
        "computed": "Encoder and decoder: Vaswani et al. 2017, section 3.1; pre-norm without biases and a bias for each"
        f" distance in place of positions: Raffel et al. 2020, section 2.1. The decoder writes the likeliest.{_READ}",
        "attempt": "Leave two gaps for it to fill, then click a later lane below: what does the bridge bring it?",
        "setting": {
            "text": "The little <extra_id_0> ran to the park because it was <extra_id_1> today.",
            "find": "decided",
            "kind": "cross",
            "written": 1,
            "query": None,
            "key": None,
        },
    },
}

_PICTURE = """
<div class="machine-plate">
  <div class="stage-box"><div class="stage">
    <canvas class="drawing" aria-hidden="true"></canvas>
    <div class="parts"></div>
    <div class="words"></div>
  </div></div>
  <section class="why"></section>
</div>
"""


def html() -> str:
    """The markup of the exhibit; `static/js/exhibits/machine.js` fills it."""
    return plate(
        "machine",
        title=TITLE,
        lead=LEAD,
        picture=_PICTURE,
        formula=FORMULA,
        computed=_COMPUTED,
        attempt=_ATTEMPT,
        setting=_SETTING,
        by_family=_BY_FAMILY,
    )
