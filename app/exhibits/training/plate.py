"""Training: each family's objective on the text in the box, the model through the time of its training, the run."""

from __future__ import annotations

from app.page.markup import slider

TITLE = "Training: what the model was asked for"
LEAD = (
    "Each bar is how surprised the model is by a token of your text. Training did nothing but make the mean of such"
    " bars smaller: here is what it pulls at, how the model got here, and by which recipe."
)

_NATS = '<b class="gold">loss</b> = −(1/<i>N</i>) Σ<sub><i>t</i></sub> ln <i>p</i>(<i>x<sub>t</sub></i> | {given})'
_SLOPE = (
    "<br>∂<b>loss</b>/∂<i>z<sub>v</sub></i> = (<i>p<sub>v</sub></i> − <i>y<sub>v</sub></i>)/<i>N</i>"
    "<br><i>y</i> = (1 − ε) · target + ε/<i>V</i>"
)
FORMULA = _NATS.format(given="<i>x</i><sub>&lt;<i>t</i></sub>") + _SLOPE

_SHORT = (
    " Label smoothing: Szegedy et al. 2016, section 7. What 16 bits lose: each number is rounded to the nearest of its"
    " format, subnormal ones kept; float16 has none between 0 and 2<sup>−24</sup>, bfloat16 none between 0 and"
    " 2<sup>−133</sup>. Training in float16 therefore multiplies the loss, and keeps the weights in float32"
    " (Micikevicius et al. 2018, sections 3.1 and 3.2). These models were trained in float32 throughout."
)
_TIME = (
    " Moments of training: the weights were kept in 8 bits, a scale a row, so that each is at most 1/254 of its row’s"
    " largest off. Induction: on 8 rows of 24 random tokens, each row said twice, what a head’s queries in the second"
    " copy put on the token behind their first occurrence, the mean over both (prefix matching, Olsson et al. 2022)."
)
COMPUTED = (
    "Teacher forcing: each token is predicted behind the true ones, never behind guesses. Perplexity is <i>e</i>"
    " to the mean." + _SHORT + _TIME
)
ATTEMPT = "End a usual sentence with an unusual word: where is the loss, and what does it push down?"
SETTING = {
    "text": "Once upon a time there was a little girl named Lily. She loved to play with her volcano",
    "predicted": None,
}

PICTURE = f"""
<div class="training-plate">
  <section class="fates" aria-labelledby="training-fates">
    <h2 id="training-fates"><span data-for="bert">What it is asked to guess</span><span data-for="t5">What is cut out,
      and what it reads</span></h2>
    <div class="fate-controls">{slider("seed", "cut", "training-cut", (0, 99))}<p class="fate-words"></p></div>
    <div class="reads" tabindex="0" role="group" aria-label="What it reads"></div>
  </section>
  <figure class="loss">
    <figcaption><h2>How surprised it is, token by token</h2><p></p></figcaption>
    <div class="canvas-frame" tabindex="0" role="grid" aria-label="Losses of the tokens"><canvas
      aria-hidden="true"></canvas></div>
  </figure>
  <div class="sums">
    <dl>
      <div><dt>loss, nats a token</dt><dd data-sum="loss"></dd></div>
      <div><dt>perplexity</dt><dd data-sum="perplexity"></dd></div>
      <div><dt>with smoothing</dt><dd data-sum="smoothed"></dd></div>
    </dl>
    {slider("label smoothing", "smoothing", "training-smoothing", (0, 50))}
  </div>
  <div class="next-place"></div>
  <section class="pulled" aria-labelledby="training-pulled">
    <h2 id="training-pulled">What the loss pulls at</h2>
    <p class="pulled-words">Where <bdi></bdi> was to come: the gradient of <span></span> with respect to each logit. A
      step of training goes against it, so that the logit with a minus rises and the others fall.</p>
    <table><thead><tr><th scope="col">entry</th><th scope="col">probability</th><th scope="col">wanted</th>
      <th scope="col" class="of-slope">gradient of its logit</th></tr></thead><tbody></tbody></table>
  </section>
  <section class="short" aria-labelledby="training-short">
    <h2 id="training-short">What is left of it in 16 bits</h2>
    <canvas role="img"></canvas>
    <table><thead><tr><th scope="col">format</th><th scope="col">entries rounded to 0</th>
      <th scope="col">of the whole pull</th></tr></thead><tbody></tbody></table>
  </section>
  <section class="pair" data-for="bert" aria-labelledby="training-pair">
    <h2 id="training-pair">Does the second sentence follow the first?</h2>
    <p class="pair-none" hidden></p>
    <div class="pair-rows"></div>
  </section>
  <section class="moments" aria-labelledby="training-moments">
    <h2 id="training-moments">Through the time of its training</h2>
    <p class="unfilmed"><span></span> <button type="button" class="to-filmed"></button></p>
    <div class="filmed">
      {slider("moment", "moment", "training-moment", (0, 1))}
      <p class="moment-words"><span></span> Below, what comes next, and the attention of all heads of all layers, then
        and at the end.</p>
      <div class="over-time">
        <figure><figcaption><h3>The loss</h3><p></p></figcaption><canvas class="losses" role="img"></canvas></figure>
        <figure><figcaption><h3>Induction</h3><p></p></figcaption><canvas class="induced" role="img"></canvas></figure>
      </div>
      <div class="then-now">
        <figure class="then"><figcaption><h3></h3></figcaption><ol></ol><canvas role="img"></canvas></figure>
        <figure class="now"><figcaption><h3>At the end</h3></figcaption><ol></ol><canvas role="img"></canvas></figure>
      </div>
      <div class="scale"><canvas></canvas><p></p></div>
    </div>
  </section>
  <section class="as-run" aria-labelledby="training-run">
    <h2 id="training-run">The recipe, as it was run</h2>
    <p class="run-words"></p>
    <div class="run-charts">
      <figure><figcaption><h3>The learning rate</h3><p></p></figcaption>
        <canvas class="rate" role="img"></canvas></figure>
      <figure><figcaption><h3>The loss curve</h3><p></p></figcaption>
        <canvas class="curve" role="img"></canvas></figure>
    </div>
    <p class="clips"></p>
  </section>
</div>
"""

BY_FAMILY = {
    "bert": {
        "lead": "Some tokens of your text are hidden, swapped or left, chosen by a seed; each bar is how surprised the"
        " model is by what stood there. Training made the mean of such bars smaller.",
        "formula": _NATS.format(given="the corrupted text") + _SLOPE,
        "computed": "15 % of the tokens are chosen; 80 % of these become [MASK], 10 % any entry, 10 % stay, which"
        " softens that [MASK] never occurs later (Devlin et al. 2019, section 3.1). Losses are of the chosen tokens"
        " alone; the text is split behind its first sentence, as a pair. In half of its training pairs the second"
        " segment was of another passage; RoBERTa left this objective out, which matched or slightly improved its"
        " results (Liu et al. 2019, section 4.2)." + _SHORT,
        "attempt": "Move the seed: which words can be told from those around them, and which cannot?",
        "setting": {
            "text": "The little girl was very happy. She went to the park with her mom and saw a big dog.",
            "cut": 3,
            "predicted": None,
        },
    },
    "t5": {
        "lead": "Spans are cut out of your text by a seed; the model reads what is left and writes what is missing."
        " Each bar is how surprised it is by a token that it was to write.",
        "formula": _NATS.format(given="<i>x</i><sub>&lt;<i>t</i></sub>, what it reads") + _SLOPE,
        "computed": "Span corruption: 15 % of the tokens in spans of 3 on the average, each replaced by a sentinel"
        " (Raffel et al. 2020, section 3.1.4); the decoder is given the true tokens before (teacher forcing). The"
        " bundled T5 was trained so without a prefix in the first tenth of its run, and with “fill:” in front among its"
        " tasks since." + _SHORT,
        "attempt": "Take “fill:” away from the front: how much does the model rely on being asked?",
        "setting": {
            "text": "fill: Once upon a time there was a little girl. She went to the park and saw a big dog.",
            "cut": 1,
            "predicted": None,
        },
    },
}
