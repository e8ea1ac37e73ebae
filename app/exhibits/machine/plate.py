"""Machine: the cutaway drawing of the whole model, at work on the text; every other exhibit is one part of it."""

from __future__ import annotations

from app.page.markup import by_positions, trait
from app.page.traits import IN_STREAM

TITLE = "The machine, running on your sentence"
MAP = '<rect class="whole" x="1" y="1" width="118" height="78" rx="5"/>'
MAP_BELOW = True
LEAD = (
    "Each lane is one token of your text, from left to right. Attention, above, adds what it reads in other lanes; the"
    " MLP or the experts, below, add what they make of one lane; at the end stands what comes next."
)
_X = "<i>x</i>"
_READ_X = trait("reads-normed", "norm ") + _X
_NORMED = trait("adds-normed", "norm ")
_ATTENTION = '<b class="attention">Attention</b>'
_SHARED = trait("expert-shared", f" + <b>Shared</b>({_READ_X})")
_MIXTURE = (
    f"{_NORMED}Σ<sub><i>e</i></sub> <i>g</i><sub><i>e</i></sub> <b>Expert</b><sub><i>e</i></sub>({_READ_X}){_SHARED}"
)
FORMULA = (
    f'<span data-when="serial">{_X} ← {_X} + {_NORMED}{_ATTENTION}({_READ_X})<br></span>'
    f'<span data-when="mlp">{_X} ← {_X} + {_NORMED}<b>MLP</b>({_READ_X})</span>'
    '<span data-when="both"> &nbsp;or<br></span>'
    f'<span data-when="experts">{_X} ← {_X} + {_MIXTURE}</span>'
    f'<span data-when="parallel">{_X} ← {_X} + {_ATTENTION}(norm {_X}) +<br>&emsp;&emsp;<b>MLP</b>(norm {_X})</span>'
)
"""The script shows what `data-when` says of the model's blocks: see static/js/exhibits/machine/formula.js."""

_READ = (
    " Every width, tone and number is read out of the pass over your text, at the scale beside it. With a state pinned,"
    " a lane is dark by how far its vector has moved since, as a part of its length."
)
COMPUTED = (
    trait("norms-before", "Pre-norm residual <dfn>blocks</dfn>")
    + trait(
        "norms-behind", "Residual <dfn>blocks</dfn> with a norm behind each part, on its branch (Walsh et al. 2025)"
    )
    + trait("norms-around", "Residual <dfn>blocks</dfn> with a norm on both sides of each part (Gemma Team 2024)")
    + ": Vaswani et al. 2017, section 3.1; Radford et al. 2019, section 2.3. Experts,"
    " the probabilities of their router and the balance loss: Fedus et al. 2022, equations 1 to 6; two of them mixed:"
    " Jiang et al. 2024."
    + trait(
        "keys-latent",
        " Keys and values of all heads come out of one short vector, the latent (DeepSeek-AI 2024, arXiv 2405.04434,"
        " equations 9 to 19).",
    )
    + _READ
)
ATTEMPT = "Say something twice: one head looks back to what followed the first time. Does the prediction repeat it?"
SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "following", "query": None, "key": None}

BY_FAMILY = {
    "bert": {
        "lead": "Each lane is one token of your text, from left to right. It reads the others, before and behind, and"
        " at the end stands what fits in its place.",
        "formula": trait(IN_STREAM, f"{_X} ← norm({_X} + {_ATTENTION}({_X}))<br>{_X} ← norm({_X} + <b>MLP</b>({_X}))")
        + trait("norms-before", f"{_X} ← {_X} + {_ATTENTION}(norm {_X})<br>{_X} ← {_X} + <b>MLP</b>(norm {_X})"),
        "computed": trait(
            IN_STREAM,
            "Post-norm residual <dfn>blocks</dfn>: Vaswani et al. 2017, section 3.1; Devlin et al. 2019"
            + by_positions(
                {
                    "learned": "; that the three embeddings are summed and then normed stands in their code, not in the"
                    " paper.",
                    "disentangled": ". Where tokens stand the scores are told, by their distances (He et al. 2021).",
                }
            ),
        )
        + trait(
            "convolved",
            " Behind the first block a convolution of the embeddings is added and normed, which the drawing"
            " leaves out: it stands in the code of DeBERTa v2, not in the paper.",
        )
        + trait(
            "norms-before",
            "Pre-norm residual <dfn>blocks</dfn>: "
            + by_positions(
                {
                    "rope": "Warner et al. 2024, section 2.1; the embeddings are normed, and the first attention reads"
                    " them as they are then, without a norm of its own. In some blocks a token reads its neighbours"
                    " alone.",
                    "t5": "the encoder of Raffel et al. 2020, section 2.1, without biases, and with a bias of scores"
                    " for each distance in place of positions.",
                }
            ),
        )
        + _READ,
        "attempt": "Hide a word with [MASK]: its lane starts like any mask's and ends in a guess made of the others.",
        "setting": {
            "hides": "bert",
            "text": "The little girl was very [MASK] and went home.",
            "find": "decided",
            "query": None,
            "key": None,
        },
    },
    "t5": {
        "lead": "Two rivers, one lane a token, from left to right: the encoder, above, reads your text; the decoder,"
        " below, writes the answer or, where it writes none, reads the text again; each of its blocks reads across.",
        "formula": trait(
            "norms-before",
            f"{_X} ← {_X} + {_ATTENTION}(norm {_X})<br>"
            f'{_X} ← {_X} + <b class="attention">Cross</b>(norm {_X}, text)<br>'
            f"{_X} ← {_X} + <b>MLP</b>(norm {_X})",
        )
        + trait(
            IN_STREAM,
            f"{_X} ← norm({_X} + {_ATTENTION}({_X}))<br>"
            f'{_X} ← norm({_X} + <b class="attention">Cross</b>({_X}, text))<br>'
            f"{_X} ← norm({_X} + <b>MLP</b>({_X}))",
        ),
        "computed": "Encoder and decoder, which alone has the middle line: Vaswani et al. 2017, section 3.1;"
        + by_positions(
            {
                "t5": " pre-norm without biases and a bias for each distance in place of positions: Raffel et al. 2020,"
                " section 2.1.",
                "learned": " learned positions added to the embeddings of either stack, and the sum normed: Lewis et"
                " al. 2020 and its code.",
                "sinusoidal": " sinusoids added to the embeddings of either stack: section 3.5 of the same.",
            }
        )
        + trait("speaks", " The decoder writes the likeliest.")
        + trait("silent", " The decoder reads the beginning of the text, one token behind.")
        + _READ,
        "attempt": "Leave T5 two gaps to fill, then click a later lane below: what does the bridge bring it?",
        "setting": {
            "model": "t5",
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
  <p class="onward" hidden><span>The drawing is wider than this screen: follow the lanes to the right.</span>
    <button type="button" data-by="-1" aria-label="Back along the lanes">‹</button>
    <button type="button" data-by="1" aria-label="On along the lanes">›</button></p>
  <div class="stage-frame"><div class="stage-box"><div class="stage">
    <canvas class="drawing" aria-hidden="true"></canvas>
    <div class="parts"></div>
    <div class="words"></div>
  </div></div></div>
  <div class="next-place"></div>
  <section class="why" aria-labelledby="machine-why">
    <div>
      <h2 id="machine-why">Why the norm stands where it does</h2>
      <p data-trait="norms-before">Before each part: attention and MLP read a normed copy, while the
        stream itself runs past every norm and grows with every sum. Gradients find a straight way back along it, so
        that a deep stack trains from the first step on.</p>
      <p data-trait="norms-behind">Behind each part, on its branch: attention and MLP read the stream as it is, and what
        they add is normed, which keeps the training steady. The stream itself runs past every norm (Walsh et al.
        2025).</p>
      <p data-trait="norms-around">On both sides of each part: attention and MLP read a normed copy, and what they add
        is normed once more, which keeps the training steady. The stream itself runs past every norm (Gemma Team
        2024).</p>
      <p data-trait="norms-in-stream">Behind each sum: the norm stands in the stream and brings every lane back to one
        length. But gradients, too, have to pass every norm: they start out large near the output, and the training
        needs a slow warm-up.</p>
      <p class="source">Xiong et al. 2020, sections 3 and 4: post-norm as Vaswani et al. 2017 had it, pre-norm as nearly
        all models since GPT-2.</p>
    </div>
    <figure><p class="source">How long the stream's vectors are, block by block: the median of your tokens</p>
      <svg role="img"></svg><figcaption class="measured"></figcaption></figure>
  </section>
</div>
"""
