"""Residual: what the model would say at every depth, and which head or layer moved it there."""

from __future__ import annotations

from app.page.markup import by_positions, switch, trait

TITLE = "The residual stream: an answer grows"
MAP = '<path class="broad" d="M18 46H94M18 52H94M18 58H94"/>'
MAP_BELOW = True
LEAD = "Read downwards: each row is what the model would say if it stopped there, and beside it who changed its mind."


_CAP = [trait("logits-capped", of) for of in ("<i>c</i> tanh(", " / <i>c</i>)", ", before the cap,")]


_LOGITS = '<b class="gold">logits</b>'


def _formula(scale: str) -> str:
    """The logits, and one of them as a sum of parts; `scale` is what a T5 multiplies by."""
    return (
        f"{_LOGITS} = {_CAP[0]}{scale}<i>W</i><sub>U</sub> norm(<i>x</i><sub>depth</sub>){_CAP[1]}<br>"
        f'<b class="gold">logit</b><sub><i>t</i></sub>{_CAP[2]} = {scale}Σ<sub>parts</sub> part · '
        '<span class="fraction"><span><i>w</i> ⊙ <i>u</i><sub><i>t</i></sub></span><span>rms(<i>x</i>)</span></span>'
        '<br>parts: the embedding, <b class="attention">heads</b>, MLPs'
    )


FORMULA = _formula("")

_OFF = (
    " Off: the output of a head, or what an MLP or the experts add, is multiplied by 0, or its mean over forty held-out"
    " stories stands in its place, so that only what it says about this text is gone (Wang et al. 2022). Each off once:"
    " a pass of the whole model for each. This counts the indirect paths, which the parts leave out; but two heads that"
    " can stand in for each other then both look cheap (McGrath et al. 2023)."
)

COMPUTED = (
    "The logit lens, nostalgebraist 2020: the final norm and the unembedding, applied early. Early rows are a hint, not"
    " a thought: the model was trained to be read at the end only (Belrose et al. 2023). The parts are direct paths,"
    " Elhage et al. 2021: what a head leaves for later layers to work with is not in its number. They sum to the logit"
    " because the divisor of the final norm is held at its value for the whole stream. Where that norm is a LayerNorm"
    " (GPT-2), each part is centred first, the divisor is the standard deviation, and the learned shift is a part too."
    + trait(
        "adds-normed",
        " Behind attention stands a norm that its heads pass before they are added; its divisor is held likewise.",
    )
    + trait(
        "logits-capped",
        " This model bounds its logits softly, between −<i>c</i> and <i>c</i> (Gemma Team 2024, section 2): the lens"
        " reads them so, while the parts are those of the logit before, because a bounded sum is no sum.",
    )
    + _OFF
)
ATTEMPT = (
    "Who gets the ball? Compare the likeliest name with the runner-up, find the heads that decide it, and click one to"
    " see whom it reads (the example of Wang et al. 2022)."
)
SETTING = {
    "text": "Tom and Anna went to the park. Tom gave the ball to",
    "query": None,
    "target": None,
    "against": None,
    "of": "difference",
}

_CLICK = {"open": "opens it", "off": "switches it off"}
_INSTEAD = {"zero": "nothing", "mean": "its mean"}
_COST = {"bits": "KL in bits", "logit": "the logit"}
_TAKE_APART = {"logit": "One logit", "difference": "A difference"}

PICTURE = f"""
<div class="residual-plate">
  <div class="taken">
    <p><span data-trait="logits-sum">Taking apart the logit of</span><span
      data-trait="logits-no-sum">Following</span> <span class="sets" role="radiogroup"
      aria-label="A click on a token sets">
      <button type="button" role="radio" class="chip" data-sets="target"><bdi></bdi></button>
      <span class="minus">minus that of</span>
      <button type="button" role="radio" class="chip" data-sets="against"><bdi></bdi></button></span>
      <span class="place"></span></p>
    <p class="worth"><span></span> <b></b></p>
    <button type="button" class="plain follow">Follow the likeliest</button>
    {switch("of", _TAKE_APART, "Take apart")}
  </div>
  <figure class="lens">
    <figcaption><h2>If it stopped here, it would say</h2><p></p></figcaption>
    <div class="depth-head" aria-hidden="true"><span></span><span class="likeliest">likeliest</span>
      <span class="course-gap"><i>0</i><i>100 %</i></span><span class="of-target"><bdi></bdi></span>
      <span>rank</span></div>
    <div class="depths" role="grid" aria-label="The likeliest tokens at each depth; Enter takes one apart"></div>
    <canvas class="course" aria-hidden="true"></canvas>
    <p class="legend"><span>bars: probability among all tokens</span><span class="course-words"></span></p>
  </figure>
  <figure class="moves">
    <figcaption><h2><span data-trait="logits-sum">Who moved it</span><span
      data-trait="logits-no-sum">Heads and MLPs</span></h2>
      <p></p></figcaption>
    <div class="depth-head" aria-hidden="true"><span class="head-cells"></span><span class="wholes"></span></div>
    <div class="depths" role="grid"></div>
    <div class="scale"><canvas aria-hidden="true"></canvas><p></p></div>
    <p class="no-sum" data-alone hidden>Who moved it cannot be said of this model:
      <span data-trait="norms-in-stream">it normalizes the whole stream after every addition (post-norm)</span><span
      data-trait="norms-before">between its stream and the vocabulary stands a layer with an activation</span>, so the
      parts leave no sum that would make up the logit. What one does shows when it is off.</p>
  </figure>
  <figure class="moves encoder" hidden>
    <figcaption><h2>The encoder</h2><p></p></figcaption>
    <div class="depths" role="grid"></div>
  </figure>
  <div class="next-place"></div>
  <section class="off" aria-labelledby="residual-off"><h2 id="residual-off">Switched off</h2>
    <div class="off-bar"><p>A click on a head or a row {switch("click", _CLICK, "A click on a head or a row")}</p>
      <p>In place of what is off: {switch("instead", _INSTEAD, "In place of what is off")}</p>
      <p class="instead-words"></p></div>
    <figure class="costs">
      <figcaption><h2>Each off once: what it costs</h2><p></p></figcaption>
      <div class="off-bar"><button type="button" class="run">Switch each off once</button>
        {switch("cost", _COST, "What it costs, measured as")}
        <div class="scale"><canvas aria-hidden="true"></canvas><p></p></div></div>
      <div class="maps"></div>
    </figure>
  </section>
  <section class="largest" aria-labelledby="residual-largest"><h2 id="residual-largest">The largest parts</h2><ol></ol>
    <p class="sum"></p></section>
</div>
"""


BY_FAMILY = {
    "bert": {
        "lead": "Read downwards: each row is what the model would put in this place if it stopped there.",
        "formula": '<b class="gold">logits</b> = head(<i>x</i><sub>depth</sub>)<br>'
        "head(<i>x</i>) = <i>E</i> norm(gelu(<i>W x</i> + <i>b</i>)) + <i>c</i>",
        "computed": (
            "The logit lens, nostalgebraist 2020, with the head that guesses masked words (Devlin et al. 2019), applied"
            " early, to the stream where each half of a block has just normalized it. Early rows are a hint, not a"
            " thought: the head was trained to read the last row only." + _OFF
        ),
        "attempt": "Hide a word, and see at which depth the answer appears.",
        "setting": {
            "hides": "bert",
            "text": "The little girl was very [MASK].",
            "query": None,
            "target": None,
            "of": "logit",
        },
    },
    "t5": {
        "formula": trait("logits-sum", _formula(by_positions({"t5": "<i>s</i> "})))
        + by_positions(
            {"t5": "<br><i>s</i> = 1/√<i>d</i><sub>model</sub> where embedding and unembedding are one table, else 1"}
        )
        + trait("logits-no-sum", f"{_LOGITS} = <i>W</i><sub>U</sub> <i>x</i><sub>depth</sub> + <i>c</i>"),
        "computed": trait("logits-sum", COMPUTED)
        + trait(
            "logits-no-sum",
            "The logit lens, nostalgebraist 2020: the unembedding, and what is added to each logit, <i>c</i>, applied"
            " early, to the stream where a norm has just normalized it. Early rows are a hint, not a thought: the model"
            " was trained to be read at the end only (Belrose et al. 2023)." + _OFF,
        ),
        "lead": "Read downwards: what the decoder would write if it stopped there, and where it changed its mind.",
        "attempt": "Which layer brings the answer over from the text? Look where cross-attention turns the line.",
        "setting": {
            "model": "t5",
            "text": "fill: The little girl <extra_id_0> to the park.",
            "target": None,
            "of": "logit",
        },
    },
}
