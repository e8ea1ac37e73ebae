"""Machine: the cutaway drawing of the whole model, at work on the text; every other exhibit is one part of it."""

from __future__ import annotations

from app.exhibits.plate import plate

TITLE = "The machine, running on your sentence"
LEAD = (
    "Each token is one lane: attention, above, carries between lanes; experts, below, work on one lane. Both only add."
)
FORMULA = (
    '<i>x</i> ← <i>x</i> + <b class="attention">Attention</b>(norm <i>x</i>)<br>'
    "<i>x</i> ← <i>x</i> + <b>MLP</b>(norm <i>x</i>) &nbsp;or&nbsp; Σ<sub><i>e</i></sub> "
    "<i>g</i><sub><i>e</i></sub> <b>Expert</b><sub><i>e</i></sub>(norm <i>x</i>)"
)

_COMPUTED = (
    "Pre-norm residual blocks: Vaswani et al. 2017, section 3.1; Radford et al. 2019, section 2.3. Experts, the"
    " probabilities of their router and the balance loss: Fedus et al. 2022, equations 1 to 6; two of them mixed: Jiang"
    " et al. 2024. Every width, tone and number is read out of the pass over your text, at the scale beside it."
)
_ATTEMPT = "Say something twice: one head looks back to what followed the first time. Does the prediction repeat it?"
_SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "following", "query": None, "key": None}

_PICTURE = """
<div class="machine-plate">
  <div class="stage-box"><div class="stage">
    <canvas class="drawing" aria-hidden="true"></canvas>
    <div class="parts"></div>
    <div class="words"></div>
  </div></div>
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
    )
