"""Smaller: bits, weights, heads and layers taken away from the running model, and what it then says."""

from __future__ import annotations

from app.page.markup import slider, switch

TITLE = "Smaller: what can be taken away"
MAP = '<path class="whole" d="M8 12 H112 V68 H8 Z M34 26 H86 V54 H34 Z"/>'
MAP_BELOW = True
LEAD = "Pull a slider: the bytes fall at once, and you see at which point the prediction breaks."

FORMULA = (
    "<i>s</i> = max |<i>w</i>| / (2<sup><i>b</i>−1</sup> − 1)<br>"
    '<b class="gold"><i>ŵ</i></b> = <i>s</i> · round(<i>w</i> / <i>s</i>)'
)
COMPUTED = (
    "Bits: each weight goes to the nearest of evenly spaced levels, as many on either side of zero; a row, or each"
    " group of 32 of its weights, has one scale <i>s</i> in 16 bits. Nothing is calibrated or trained again; methods"
    " that do lose less (Frantar et al. 2023). Embedding, attention, MLP and experts are rounded; norms, biases,"
    " positions and routers stay. Zeros: of each matrix the smallest weights go (Han et al. 2015); bytes count one bit"
    " a weight for where the zeros are, and the bits of the others, or all of them where that is less. Heads (Michel"
    " et al. 2019) and layers go through the gates of the running graph; keys and values that several heads share go"
    " with the last of them, and norms stay. Before and after are asked about the same tokens."
)
ATTEMPT = "At 4 bits, change from one scale for a row to one for 32 weights: what does it cost, and what does it save?"
SETTING = {
    "text": "Once upon a time there was a little girl named Lily. She loved to play",
    "bits": 4,
    "grain": "row",
    "zeroed": 0,
}

_GRAINS = {"group": "32 weights", "row": "a row"}

PICTURE = f"""
<div class="smaller-plate">
  <div class="taking">
    <form aria-label="What is taken away">
      {slider("Bits of a weight", "bits", "smaller-bits")}
      <div class="grain"><span>one scale for</span>{switch("grain", _GRAINS, "One scale for")}</div>
      {slider("Weights set to zero", "zeroed", "smaller-zeroed")}
      {slider("Heads removed", "heads", "smaller-heads")}
      {slider("Layers removed", "layers", "smaller-layers")}
      <p class="part-costs" role="status"></p>
      <button type="button" class="back">Everything back</button>
    </form>
    <section class="left" aria-labelledby="smaller-left">
      <h2 id="smaller-left">What is left of it</h2>
      <div class="sizes">
        <p class="size"><b></b><span></span></p>
        <div class="weight bar-track" aria-hidden="true"><span class="bar-fill"></span></div>
        <p class="lost"><b></b><span></span></p>
      </div>
      <p class="over"></p>
      <div class="places"><canvas role="img"></canvas></div>
      <div class="lists">
        <div class="likeliest before"><h3>Likeliest before</h3><ol></ol></div>
        <div class="likeliest after"><h3>Likeliest after</h3><ol></ol></div>
      </div>
    </section>
  </div>
  <div class="next-place"></div>
  <figure class="matrices">
    <figcaption><h2>One matrix, before and after</h2>
      <label>matrix <select></select></label><p class="told"></p></figcaption>
    <div class="pair">
      <div><h3>before</h3><canvas class="original" role="img" tabindex="0"></canvas></div>
      <div><h3>after</h3><canvas class="smaller" role="img"></canvas></div>
    </div>
    <p class="weight-said"></p>
    <canvas class="levels" role="img"></canvas>
    <p class="levels-said"></p>
  </figure>
  <figure class="curves">
    <figcaption><h2>What each way costs</h2><p></p></figcaption>
    <canvas role="img"></canvas>
    <p class="measured"></p>
  </figure>
  <section class="race" aria-labelledby="smaller-race">
    <h2 id="smaller-race">8 bits in earnest: the int8 graph against float32</h2>
    <div class="race-table" role="table" aria-labelledby="smaller-race">
      <div class="race-head" role="row"><span role="columnheader">run</span>
        <span role="columnheader">float32</span><span role="columnheader">int8</span>
        <span role="columnheader">of the time</span></div>
      <div class="race-rows" role="rowgroup"></div>
    </div>
    <p class="raced"></p>
  </section>
</div>
"""

BY_FAMILY = {
    "bert": {
        "attempt": "Hide a word and go down bit by bit: at which one does the guess change?",
        "setting": {
            "hides": "bert",
            "text": "The little girl was very [MASK] because she lost her toy.",
            "bits": 4,
            "grain": "row",
            "zeroed": 0,
            "query": None,
        },
    },
    "t5": {
        "attempt": "Click a word that it writes: which one is lost first when the bits go?",
        "setting": {"text": "translate English to French: The dog is big.", "bits": 4, "grain": "row", "zeroed": 0},
    },
}
