"""Machine: the cutaway drawing of the whole model, at work on the text; every other exhibit is one part of it."""

from __future__ import annotations

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
COMPUTED = (
    "Pre-norm residual blocks: Vaswani et al. 2017, section 3.1; Radford et al. 2019, section 2.3. Experts, the"
    " probabilities of their router and the balance loss: Fedus et al. 2022, equations 1 to 6; two of them mixed: Jiang"
    f" et al. 2024.{_READ}"
)
ATTEMPT = "Say something twice: one head looks back to what followed the first time. Does the prediction repeat it?"
SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "following", "query": None, "key": None}

BY_FAMILY = {
    "bert": {
        "lead": "Each token is one lane that reads all others, before and behind; a norm after each sum keeps lanes"
        " at one size.",
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
        "lead": "Two rivers: the encoder, above, reads your text; the decoder, below, writes, and all its blocks read"
        " across.",
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

PICTURE = """
<div class="machine-plate">
  <div class="stage-box"><div class="stage">
    <canvas class="drawing" aria-hidden="true"></canvas>
    <div class="parts"></div>
    <div class="words"></div>
  </div></div>
  <section class="why" aria-labelledby="machine-why">
    <div>
      <h2 id="machine-why">Why the norm stands where it does</h2>
      <p data-for="gpt t5">Before each part: attention and MLP read a normed copy, while the stream itself runs past
        every norm and grows with every sum. Gradients find a straight way back along it, so that a deep stack trains
        from the first step on; but what late blocks add weighs ever less beside what is already there.</p>
      <p data-for="bert">Behind each sum: the norm stands in the stream and brings every lane back to one length, so
        that what late blocks add weighs as much as what early ones did. But gradients, too, have to pass every norm:
        they start out large near the output, and the training needs a slow warm-up.</p>
      <p class="source">Xiong et al. 2020, sections 3 and 4: post-norm as Vaswani et al. 2017 had it, pre-norm as nearly
        all models since GPT-2.</p>
    </div>
    <figure><svg role="img"></svg><figcaption class="measured"></figcaption></figure>
  </section>
</div>
"""
