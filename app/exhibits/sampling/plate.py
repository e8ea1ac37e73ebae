"""Sampling: from logits to one drawn token, over the whole vocabulary."""

from __future__ import annotations

from app.page.markup import slider

TITLE = "Sampling: from scores to one word"
MAP = "".join(
    f'<rect x="98" y="{y}" width="{width}" height="5" rx="1"/>' for y, width in ((43.5, 17), (49.5, 10), (55.5, 5))
)
LEAD = "Follow the chances from left to right: four settings decide which tokens may be drawn, and how often."
FORMULA = (
    '<b class="gold">p</b><sub><i>i</i></sub> = softmax<sub><i>i</i></sub>&thinsp;('
    '<span class="fraction"><span>logit<sub><i>i</i></sub></span><span><i>T</i></span></span>)'
    "&ensp;then keep, renormalize, draw"
)

COMPUTED = (
    "All settings work on the whole vocabulary, and every percentage is a probability over the whole vocabulary unless"
    " its column says otherwise. Top-k: Fan et al. 2018. Top-p, the nucleus: Holtzman et al. 2020. Min-p keeps what has"
    " at least that fraction of the likeliest token's probability: Nguyen et al. 2024. The distance of the draws is the"
    " total variation; its average over all fair draws is De Moivre's mean deviation (1730), summed. The beam is that"
    " of <i>transformers</i>, ranked by the sum of logarithms over the number of tokens (compare Wu et al. 2016)."
)
ATTEMPT = "A hot model with a narrow nucleus: high temperature flattens the curve, top-p cuts its tail off again."
SETTING = {"sampling": {"temperature": 1.5, "top_k": 0, "top_p": 0.6, "min_p": 0.0}}

PICTURE = f"""
<div class="sampling-plate">
  <form class="settings-form" aria-label="Sampling settings">
    {slider("temperature", "temperature", "setting-temperature")}
    {slider("top-k", "top_k", "setting-top_k")}
    {slider("top-p", "top_p", "setting-top_p")}
    {slider("min-p", "min_p", "setting-min_p")}
    <div class="seed"><label>seed <input type="number" min="0" max="999999" step="1" inputmode="numeric"></label>
      <button type="button" class="plain reset">Reset all</button></div>
    <button type="button" class="draw">Draw the next token</button>
    <button type="button" class="plain back" disabled>Take it back</button>
    <p class="drawn" data-spare></p>
  </form>
  <div class="chain" role="table" aria-label="The likeliest tokens, step by step">
    <div class="chain-head" role="row"><span role="columnheader">token</span><span role="columnheader">logit</span>
      <span role="columnheader">probability</span><span role="columnheader">after temperature</span>
      <span role="columnheader">chance to be drawn</span></div>
    <div class="chain-rows" role="rowgroup"></div>
  </div>
  <div class="next-place"></div>
  <figure class="line-up">
    <figcaption><h2>The draw</h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img"></canvas></div>
  </figure>
  <figure class="thousand">
    <figcaption><h2>A thousand draws</h2><p></p></figcaption>
    <div class="tallies" role="table" aria-label="How often each token was drawn"><div role="rowgroup"></div></div>
    <p class="words"></p>
  </figure>
  <figure class="curve">
    <figcaption><h2>The whole vocabulary</h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img"></canvas></div>
  </figure>
  <figure class="beam">
    <figcaption><h2>Greedy against beam</h2>
      <p>natural logarithms of probabilities on the edges, their sum at the leaves; the settings above play no part</p>
    </figcaption>
    <form class="beam-form" aria-label="Beam search">
      {slider("beams", "width", "beam-width", (2, 5))}
      {slider("tokens ahead", "depth", "beam-depth", (2, 12))}
      <p class="keys" data-for="gpt t5"><span class="greedy">greedy: the likeliest each time</span>
        <span class="best">the best of the beam</span><span class="dropped">dropped on the way</span></p>
    </form>
    <p class="refused" hidden></p>
    <div class="tree canvas-frame" tabindex="0" role="group" aria-label="The tree; scrolls sideways">
      <canvas role="img" aria-label="The tree: not searched yet"></canvas></div>
    <div class="ranking" data-spare role="table" aria-label="Final ranking">
      <div class="ranking-head" role="row"><span role="columnheader">rank</span><span role="columnheader">text</span>
        <span role="columnheader">sum</span><span role="columnheader">÷ tokens</span>
        <span role="columnheader">probability</span></div>
      <div role="rowgroup"></div></div>
    <p class="words" data-spare></p>
  </figure>
</div>
"""
