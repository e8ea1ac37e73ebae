"""Memory: the feed-forward part of one block, neuron by neuron: what wakes each, and what it says."""

from __future__ import annotations

from app.page.markup import effect, switch, trait

TITLE = "Memory: what the feed-forward parts know"
MAP = '<rect x="40" y="64" width="34" height="13" rx="2"/>'
MAP_BELOW = True
LEAD = "Choose a token and a layer: of hundreds of neurons a few do most of the work, and you can read what they say."

_B = trait("feed-biased", " + <i>b</i>")
FORMULA = (
    trait(
        "feed-gated",
        f"<i>h</i> = <i>f</i>(<i>W</i><sub>gate</sub> <i>x</i>{_B}) ⊙ "
        + trait("feed-biased", "(")
        + "<i>W</i><sub>up</sub> <i>x</i>"
        + trait("feed-biased", " + <i>b</i>′)"),
    )
    + trait("feed-ungated", f"<i>h</i> = <i>f</i>(<i>W</i><sub>up</sub> <i>x</i>{_B})")
    + f'<br><b class="gold">added</b> = {trait("adds-normed", "norm(")}'
    "Σ<sub><i>i</i></sub> <i>h</i><sub><i>i</i></sub> "
    f'<b class="value"><i>v</i><sub><i>i</i></sub></b>{trait("feed-biased", " + <i>c</i>")}{trait("adds-normed", ")")}'
)

_SHARES = (
    "Keys and values: Geva et al. 2021; each row of the way in is a pattern to be met, each column <i>v</i> of the way"
    " out is what is added where it is. A neuron's share is the length of what it adds along the whole of what is"
    " added, divided by the whole's; all shares, the bias's among them, make up 100&nbsp;%, and one that works against"
    " the rest is negative. "
)
_PASSAGES = (
    " The passages: of forty held-out stories, on which no bundled model was trained, the tokens where the neuron is"
    " furthest from zero, no two of one story. What a neuron is about is a guess from so few: many answer to several"
    " unrelated things (Elhage et al. 2022)."
)
_SWITCHED = (
    " A neuron that is switched is multiplied by 0, 2 or 4 at every token, in the running graph; it keeps the place in"
    " the table that it would have as it is, and what one that is off would say is struck through."
)
COMPUTED = (
    _SHARES
    + trait(
        "logits-sum",
        "What it says: its value through the final norm, its divisor held as it is for the whole stream, and the"
        " unembedding (Geva et al. 2022); the direct path only, what later layers make of it is not in it.",
    )
    + trait(
        "logits-no-sum",
        "The stream is normalized right behind the part, so that no logit is a sum: what a neuron of the decoder says"
        " is what the unembedding would say at this depth with it, less what it would say without it.",
    )
    + " With experts, the neurons are those of the experts that the token was sent to, times their weights."
    + _SWITCHED
    + _PASSAGES
)
ATTEMPT = "Switch the strongest neuron off: does the prediction hold, and which words lose?"
SETTING = {"text": "The little girl had no idea what to do. She did not", "layer": 5, "query": None}

_STACKS = {"encoder": "encoder", "decoder": "decoder"}

PICTURE = f"""
<div class="memory-plate">
  <div class="choices">
    <div class="layers" role="radiogroup" aria-label="Layer"></div>
    {switch("stack", _STACKS, "Stack")}
  </div>
  <figure class="neurons">
    <figcaption><h2><bdi></bdi><span></span></h2><p></p></figcaption>
    <div class="charts"><canvas class="curve" role="img"></canvas><canvas class="carried" role="img"></canvas></div>
    <p class="sum"></p>
  </figure>
  <div class="next-place"></div>
  <section class="strongest" aria-labelledby="memory-strongest">
    <h2 id="memory-strongest">The neurons that carry most</h2>
    <div class="neuron-table" role="grid" aria-labelledby="memory-strongest">
      <div class="neuron-head" role="row"><span role="columnheader">neuron</span>
        <span role="columnheader" class="of-turns">switch</span>
        <span role="columnheader" class="of-before"></span><span role="columnheader" class="of-up">× up</span>
        <span role="columnheader">activation</span><span role="columnheader">share of what is added</span>
        <span role="columnheader" class="of-says">promotes, and demotes</span></div>
      <div class="neuron-rows" role="presentation"></div>
    </div>
    <p class="silent" hidden></p>
  </section>
  <div class="below">
    <div class="turned"><p class="turned-words" tabindex="-1"></p><div class="turned-list"></div>
      <button type="button" class="plain all-back" hidden>Bring all back</button></div>
    <section class="passages" aria-labelledby="memory-passages">
      <h2 id="memory-passages"><span></span></h2>
      <ol></ol>
      <p class="written" hidden></p>
      <p class="unread" hidden></p>
    </section>
    <section class="alone" aria-labelledby="memory-alone">
      <h2 id="memory-alone">What they know by themselves</h2>
      <p>With all heads off no token hears of another: what is predicted then comes from the feed-forward parts, and
        from the embedding.</p>
      <button type="button" class="all-off" aria-pressed="false">Switch all heads off</button>
    </section>
    {effect("memory")}
  </div>
  <p class="source" data-trait="reads-raw">No norm stands in front of it here: it reads the stream as it is.</p>
  <section class="norm" aria-labelledby="memory-norm">
    <h2 id="memory-norm">The norm in front of it, in numbers</h2>
    <table><thead><tr><th scope="col">length before</th><th scope="col" class="of-mean">mean, subtracted</th>
      <th scope="col" class="of-scale"></th><th scope="col">gain</th><th scope="col" class="of-shift">shift</th>
      <th scope="col">length after</th></tr></thead>
      <tbody><tr><td data-norm="length"></td><td data-norm="mean"></td><td data-norm="scale"></td>
        <td data-norm="gain"></td><td data-norm="shift"></td><td data-norm="read"></td></tr></tbody></table>
  </section>
</div>
"""

BY_FAMILY = {
    "bert": {
        "computed": _SHARES
        + trait(
            "speaks",
            trait("norms-in-stream", "A BERT normalizes the stream right behind the part, so that no logit is a sum")
            + trait("norms-before", "In front of its vocabulary stands a layer with an activation: no logit is a sum")
            + ": what a neuron says is what the model's own head would say at this depth with it, less what it would"
            " say without it.",
        )
        + _SWITCHED
        + _PASSAGES,
        "attempt": "Hide a word, and see in which layer the neurons begin to speak about it.",
        "setting": {"hides": "bert", "text": "The little girl was very [MASK].", "layer": 3, "query": None},
    },
    "t5": {
        "attempt": "Follow what it writes: click its words, and see which neurons of the decoder choose the language.",
        "setting": {"text": "translate: The dog is big.", "layer": 3, "stack": "decoder", "written": None},
    },
}
