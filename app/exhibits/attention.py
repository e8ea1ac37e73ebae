"""Attention: every head in small, one head large, one cell in numbers."""

from __future__ import annotations

from app.exhibits.plate import plate

TITLE = "Attention: who looks at whom"
LEAD = "Each row is one token choosing which earlier tokens to read: the deeper the violet, the more it takes."
FORMULA = (
    '<b class="attention">pattern</b><sub><i>ij</i></sub> = softmax<sub><i>j</i></sub>&thinsp;('
    '<span class="fraction"><span><b class="query">q</b><sub><i>i</i></sub> · '
    '<b class="key">k</b><sub><i>j</i></sub></span>'
    "<span>√<i>d</i><sub>head</sub></span></span> + mask<sub><i>ij</i></sub>)"
)

_COMPUTED = (
    "Scaled dot-product attention, Vaswani et al. 2017, equation 1. Queries and keys are shown as the dot product sees"
    " them, after the rotation that tells positions apart (RoPE, Su et al. 2021). The mask is −∞ for every later token."
    " The deepest colour is the largest value in the picture, as the scale says; a click fetches the exact numbers."
)
_ATTEMPT = "Say something twice, and open the head that looks back one step most, as measured on this text."
_SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "previous", "query": None, "key": None}

_PICTURE = """
<div class="attention-plate">
  <figure class="atlas">
    <figcaption><h2>All heads</h2><p>layers across, heads down</p></figcaption>
    <div class="canvas-frame"><canvas aria-hidden="true"></canvas><div class="atlas-buttons" role="radiogroup"
      aria-label="Heads, by layer"></div></div>
    <div class="scale" data-scale="atlas"><canvas aria-hidden="true"></canvas><p></p></div>
  </figure>
  <figure class="head">
    <figcaption><h2 class="head-name"></h2><p>rows read from columns</p>
      <div class="switch" role="radiogroup" aria-label="Draw as">
        <button type="button" role="radio" data-view="matrix">Matrix</button>
        <button type="button" role="radio" data-view="lines">Lines</button>
      </div></figcaption>
    <div class="canvas-frame"><canvas tabindex="0" role="application"></canvas></div>
    <div class="scale" data-scale="head"><canvas aria-hidden="true"></canvas><p></p></div>
  </figure>
  <section class="cell" aria-label="One cell, step by step">
    <h2><bdi class="query"></bdi><span aria-hidden="true">→</span><span class="visually-hidden">reads from</span><bdi
      class="key"></bdi></h2>
    <div class="vectors"><canvas role="img"></canvas></div>
    <ol class="steps">
      <li data-step="dot"><span>score <i class="query">q</i> · <i class="key">k</i></span><b></b></li>
      <li data-step="scaled"><span></span><b></b></li>
      <li data-step="bias"><span>position bias, added</span><b></b></li>
      <li data-step="mask"><span>mask</span><b></b></li>
      <li data-step="softmax"><span>softmax over the row</span><b></b></li>
    </ol>
    <div class="rows"><canvas role="img"></canvas></div>
  </section>
  <svg class="leader" aria-hidden="true"><path /></svg>
</div>
"""


def html() -> str:
    """The markup of the exhibit; `static/js/exhibits/attention.js` fills it."""
    return plate(
        "attention",
        title=TITLE,
        lead=LEAD,
        picture=_PICTURE,
        formula=FORMULA,
        computed=_COMPUTED,
        attempt=_ATTEMPT,
        setting=_SETTING,
    )
