"""Cache: what each token leaves behind for all later ones, what it saves and what it weighs."""

from __future__ import annotations

from app.page.charts import opener
from app.page.markup import slider, switch, trait

TITLE = "The cache: keys and values, kept"
MAP = '<rect x="72" y="13" width="30" height="8" rx="1"/><rect x="72" y="25" width="30" height="8" rx="1"/>'
LEAD = "Each new token adds one column and reads all the others: nothing that is already there is computed again."
FORMULA = (
    "bytes = 2 · <i>L</i> · <i>n</i><sub>kv</sub> · <i>d</i><sub>head</sub> · <i>n</i> · <i>b</i><br>"
    "latent: <i>L</i> · (<i>d</i><sub>c</sub> + <i>d</i><sub>rope</sub>) · <i>n</i> · <i>b</i><br>"
    "rolling window: <i>n</i> ≤ <i>W</i>; <i>b</i> bytes a number"
)

COMPUTED = (
    "The columns are the keys, as the dot product sees them, and the values that the pass over your text left in its"
    " tensors. The clock runs the model's generating graph on this server, both ways in turn. MHA, GQA, MQA: Shazeer"
    " 2019, Ainslie et al. 2023. Rolling window: Jiang et al. 2023. Latent attention: DeepSeek-AI 2024. "
    + trait(
        "keys-latent",
        "This model needs no more than a latent and one short key of each token for all its heads (equations 9 to 19"
        " there); the graphs here keep the keys and values that are made of them, which the ribbon shows. ",
    )
    + "In this model"
    " the other kinds of head are a formula, not a measurement: it was trained with its own."
)
ATTEMPT = "A longer text: the clock without a cache climbs with every token, the one with it hardly moves."
SETTING = {
    "text": "Once upon a time there was a little dog who lived in a big house near the park. Every day the dog ran to"
    " the door and waited for his friend Tom. Tom was a kind boy. He liked to play with the dog after school. One day"
    " it was raining and they could not go outside. The dog was sad. He looked at the rain and did not want to eat. Tom"
    " had an idea. He took a red ball from his box and",
    "query": None,
}

_PRECISIONS = {"fp32": "fp32", "fp16": "fp16, bf16", "int8": "int8, fp8", "int4": "int4"}

PICTURE = f"""
<div class="cache-plate">
  <form class="cache-controls" aria-label="What to look at, and steps">
    <div class="pick"><span class="name" id="cache-layer">layer</span>
      <div class="layers" role="radiogroup" aria-labelledby="cache-layer"></div></div>
    <div class="pick"><span class="name" id="cache-head">head</span>
      <div class="heads" role="radiogroup" aria-labelledby="cache-head"></div></div>
    <div class="steps-on"><button type="button" class="back plain" disabled>Take it back</button>
      <button type="button" class="write plain">Write 12</button>
      <button type="button" class="draw next-step">Next token</button><p class="told" role="status"></p></div>
  </form>
  <figure class="kept own">
    <figcaption><h2></h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img" tabindex="0"></canvas></div>
  </figure>
  <figure class="kept cross" hidden>
    <figcaption><h2>Cross cache: computed once</h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img" tabindex="0"></canvas></div>
  </figure>
  <p class="legend ramp"><canvas aria-hidden="true"></canvas><span></span></p>
  <div class="next-place"></div>
  <figure class="stopwatch">
    <figcaption><h2>The clock</h2><p>milliseconds for the newest token, measured</p></figcaption>
    {opener("clock_chart", "the clock")}
    <div class="canvas-frame"><canvas role="img"></canvas></div>
    <dl class="stop-figures">
      <div class="with"><dt>with the cache</dt><dd></dd></div>
      <div class="without"><dt>whole text again</dt><dd></dd></div>
      <div class="same"><dt>largest difference of their logits</dt><dd></dd></div>
    </dl>
    <p class="words"></p>
  </figure>
  <figure class="memory">
    <figcaption><h2>The memory</h2><p></p></figcaption>
    {opener("memory_chart", "the memory")}
    <div class="canvas-frame"><canvas role="img"></canvas></div>
    <div class="variants" role="table" aria-label="The cache of this model with other heads">
      <div role="rowgroup"></div></div>
    <p class="variants-scale"></p>
    {slider("rolling window", "window", "cache-window")}
    <p class="words" data-spare></p>
  </figure>
  <section class="calculator" aria-labelledby="cache-calculator">
    <header><h2 id="cache-calculator">Published models</h2>
      <p>what their caches would hold, by the formula; with layers, heads and widths as their sources state them</p>
    </header>
    <form aria-label="What to hold">
      {slider("context", "context", "cache-context")}
      {slider("texts at once", "batch", "cache-batch")}
      {switch("precision", _PRECISIONS, "Precision")}
    </form>
    <div class="published" role="table" aria-label="Caches of published models">
      <div class="published-head" role="row"><span role="columnheader">model</span>
        <span role="columnheader">formula with its numbers</span>
        <span role="columnheader" class="bar-scale">holds</span>
        <span role="columnheader">with MHA</span></div>
      <div role="rowgroup" data-rows=".published-row"></div></div>
  </section>
</div>
"""

BY_FAMILY = {
    "bert": {
        "lead": "What a GPT or a T5 keeps of every token for all later ones, and why a BERT has nothing to keep.",
        "attempt": "Let a GPT read a longer text: the clock without a cache climbs with every token, the one with it"
        " hardly moves.",
        "setting": {**SETTING, "model": "gpt"},
    },
}
