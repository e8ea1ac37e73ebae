"""Attention: every head in small, one head large, one cell in numbers, heads switched off, and two reasons why."""

from __future__ import annotations

from app.page.markup import by_positions, effect, switch, trait

TITLE = "Attention: who looks at whom"
MAP = '<path d="M38 9V35H64Z"/>'
LEAD = "Each row is one token choosing which earlier tokens to read: the stronger the violet, the more it takes."


def _formula(scores: str, added: str) -> str:
    """The softmax of scores and what is added to them."""
    return f'<b class="attention">pattern</b><sub><i>ij</i></sub> = softmax<sub><i>j</i></sub>&thinsp;({scores}{added})'


_DOT = '<b class="query">q</b><sub><i>i</i></sub> · <b class="key">k</b><sub><i>j</i></sub>'
_ROOT = "√" + trait("scaled-by-head", "<i>d</i><sub>head</sub>") + trait("scaled-by-own", "<i>a</i>")
_SCALED = f'<span class="fraction"><span>{_DOT}</span><span>{_ROOT}</span></span>'
_CAPPED = trait("scores-capped", "<i>c</i> tanh(") + _SCALED + trait("scores-capped", " / <i>c</i>)")
_MASK = " + mask<sub><i>ij</i></sub>"
_BIAS = " + bias<sub><i>i</i>−<i>j</i></sub>"
_SCORES = trait("scores-undivided", _DOT) + trait("scores-divided", _SCALED)
_EQUATION = trait(
    "scores-undivided",
    "Attention as in Vaswani et al. 2017, equation 1, but without a division: T5 starts with smaller queries instead"
    " (Raffel et al. 2020)",
) + trait("scores-divided", "Scaled dot-product attention, Vaswani et al. 2017, equation 1")
FORMULA = _formula(_CAPPED, by_positions({"alibi t5": _BIAS}) + _MASK)

COMPUTED = (
    "Scaled dot-product attention, Vaswani et al. 2017, equation 1. "
    + trait("scaled-by-own", "Under the root stands a number of this model's own, not the width of a head. ")
    + trait(
        "scores-capped",
        "What is divided is then bounded softly, between −<i>c</i> and <i>c</i>, before the mask (soft cap, Gemma Team"
        " 2024, section 2). ",
    )
    + by_positions(
        {
            "rope": "Queries and keys are shown as the dot product sees them, after the rotation that tells positions"
            " apart (RoPE, Su et al. 2021).",
            "learned": "What tells positions apart is a learned vector for each, added to the embeddings (Radford et"
            " al. 2018): the scores need nothing more.",
            "sinusoidal": "What tells positions apart are sinusoids, added to the embeddings (Vaswani et al. 2017,"
            " section 3.5): the scores need nothing more.",
            "alibi": "The bias takes more from a key the farther back it lies, by a slope of each head's own (ALiBi,"
            " Press et al. 2022).",
            "t5": "The bias is a learned number for each bucket of distances (Raffel et al. 2020).",
            "none": "Nothing is added for positions: the mask alone lets the model tell them apart (Haviv et al."
            " 2022).",
        }
    )
    + trait(
        "keys-latent",
        " Keys and values of all heads come out of one short vector, the latent, but for the first coordinates of each"
        " key, which all heads share and which alone tell positions apart (DeepSeek-AI 2024, arXiv 2405.04434,"
        " equations 9 to 19).",
    )
    + " The mask is −∞ for every <dfn>key</dfn> that the query may not read: each later one, and in a layer with a"
    " sliding window each that lies before it."
    " The deepest colour is the largest value in the picture, as the scale says; a click fetches the exact numbers."
)
ATTEMPT = "Say something twice, and open the head that looks back one step most, as measured on this text."
SETTING = {"text": "Tom saw a red fox. Tom saw a red", "find": "previous", "query": None, "key": None}

BY_FAMILY = {
    "bert": {
        "lead": "Each row is one token choosing which others to read, on both sides of it: the stronger the violet,"
        " the more it takes.",
        "formula": _formula(
            _SCORES,
            by_positions(
                {
                    "disentangled": " + bias<sub><i>ij</i></sub>",
                    "t5": " + bias<sub><i>j</i>−<i>i</i></sub>",
                }
            ),
        ),
        "computed": _EQUATION
        + by_positions(
            {
                "learned": ", without a mask: every token may read every other (Devlin et al. 2019). Positions were"
                " added to the embeddings, so the scores need nothing more.",
                "rope": ": every token may read every other, in some layers those of a window on both sides (Warner et"
                " al. 2024). RoPE turns queries and keys by their positions before.",
                "t5": ": every token may read every other. The bias depends on the distance alone, in buckets, one"
                " table for all layers.",
                "disentangled": ": every token may read every other. The bias is no number of the distance alone: it is"
                " the dot product of the query with a learned vector for the distance, of the key with another, or the"
                " sum of both (disentangled attention, He et al. 2021, equation 4), divided by the same root, whose"
                " <i>a</i> is the width of a head, once for each of the products. What each adds, Positions shows.",
            }
        )
        + " The deepest colour is the largest value in the picture, as the scale says; a click fetches the exact"
        " numbers.",
        "attempt": "Hide a word, and see whom the mask asks about it, in the head that looks at one token most.",
        "setting": {
            "hides": "bert",
            "text": "The little girl was very [MASK].",
            "find": "decided",
            "query": None,
            "key": None,
        },
    },
    "t5": {
        "lead": "Each row is one token choosing which others to read. In cross-attention the rows are the decoder's"
        " tokens, the columns those that the encoder has read.",
        "formula": _formula(
            _SCORES,
            by_positions({"t5": " + bias<sub><i>j</i>−<i>i</i></sub>"}) + _MASK,
        ),
        "computed": _EQUATION
        + "."
        + by_positions(
            {
                "t5": " The bias depends on the distance alone, in buckets, one table a stack; cross-attention has"
                " none.",
                "learned": " What tells positions apart is a learned vector for each, added to the embeddings of either"
                " stack (Lewis et al. 2020): the scores need nothing more.",
                "sinusoidal": " What tells positions apart are sinusoids, added to the embeddings of either stack"
                " (Vaswani et al. 2017, section 3.5): the scores need nothing more.",
            }
        )
        + " Only the decoder's own attention is masked."
        + trait("speaks", " Each row of the decoder is the token before the one that is being written."),
        "attempt": "Have a sentence translated, and open the head of cross-attention that looks at one token most.",
        "setting": {
            "text": "translate English to French: The dog is big.",
            "kind": "cross",
            "find": "decided",
            "written": None,
            "key": None,
        },
    },
}

_DIVISOR = trait("scaled-by-head", "<i>d</i>") + trait("scaled-by-own", '<span data-value="divisor"></span>')
_ADDED = by_positions({"alibi t5": "position bias, added", "disentangled": "contents with distance, added"})
_SUMS = by_positions(
    {
        "disentangled": " Here a score is a sum of such products, of contents and of contents with distances, and the"
        " root has <i>d</i> once for each."
    }
)
_KINDS = {"encoder": "Encoder", "decoder": "Decoder", "cross": "Cross"}
_VIEWS = {"matrix": "Matrix", "lines": "Lines", "change": "Change"}

PICTURE = f"""
<div class="kinds" hidden>
  {switch("kind", _KINDS, "Kind of attention")}
  <p></p>
</div>
<div class="attention-plate">
  <div class="all">
    <figure class="atlas">
      <figcaption><h2>All heads</h2><p>layers across, heads down</p></figcaption>
      <div class="canvas-frame"><canvas aria-hidden="true"></canvas><div class="atlas-buttons" role="radiogroup"
        aria-label="Heads, by layer"></div></div>
      <div class="scale" data-scale="atlas"><canvas aria-hidden="true"></canvas><p></p></div>
    </figure>
    <section class="readers" aria-labelledby="attention-readers">
      <h2 id="attention-readers"><span>Most of</span><bdi class="query"></bdi><span aria-hidden="true">→</span><span
        class="visually-hidden">reading</span><bdi class="key"></bdi></h2>
      <ol></ol>
    </section>
    {effect("attention")}
  </div>
  <figure class="head">
    <figcaption><div class="title"><h2 class="head-name"></h2><button type="button" class="power"
        role="switch"><i aria-hidden="true"></i><span aria-hidden="true"></span></button></div>
      <p>each row reads from the columns</p>
      {switch("view", _VIEWS, "Draw as")}</figcaption>
    <div class="canvas-frame" role="grid" tabindex="0"><canvas aria-hidden="true"></canvas></div>
    <div class="scale" data-scale="head"><canvas aria-hidden="true"></canvas><p></p></div>
    <div class="sinks"><button type="button" class="power" role="switch"
      aria-label="Show where attention rests"><i aria-hidden="true"></i></button><p></p></div>
  </figure>
  <div class="next-place"></div>
  <section class="cell" aria-label="One cell, step by step">
    <h2><bdi class="query"></bdi><span aria-hidden="true">→</span><span class="visually-hidden">reads from</span><bdi
      class="key"></bdi></h2>
    <div class="vectors"><canvas role="img" aria-label="query and key, number by number"></canvas></div>
    <ol class="steps">
      <li data-step="dot"><span>score <i class="query">q</i> · <i class="key">k</i></span><b></b></li>
      <li data-step="scaled"><span></span><b></b></li>
      <li data-step="capped"><span></span><b></b></li>
      <li data-step="bias"><span>{_ADDED}</span><b></b></li>
      <li data-step="mask"><span>mask</span><b></b></li>
      <li data-step="softmax"><span>softmax over the row</span><b></b></li>
    </ol>
    <div class="rows"><canvas role="img"
      aria-label="scaled scores and probabilities of the whole row"></canvas></div>
  </section>
  <svg class="leader" aria-hidden="true"><path /></svg>
</div>
<div class="why">
  <section class="why-scale" aria-labelledby="attention-why-scale">
    <h2 id="attention-why-scale">Why divide by √d<sub>head</sub></h2>
    <p data-trait="scores-divided">A dot product of more numbers spreads wider. Softmax of widely spread scores is all
      or nothing, and then it has next to no gradient to learn from. Dividing by √d brings the spread back to where it
      was.{_SUMS}</p>
    <p data-trait="scores-undivided">A dot product of more numbers spreads wider, and softmax of widely spread scores is
      all or nothing. T5 does not divide: it folds the scale into its initialization, where queries start smaller by
      √d.</p>
    <table>
      <thead><tr><td></td><th scope="col">in theory</th><th scope="col">measured on this head</th></tr></thead>
      <tbody>
        <tr><th scope="row">variance of a number in <i class="query">q</i></th><td>1</td><td data-value="q"></td></tr>
        <tr><th scope="row">of a number in <i class="key">k</i></th><td>1</td><td data-value="k"></td></tr>
        <tr><th scope="row">of <i class="query">q</i> · <i class="key">k</i>, over <span data-value="pairs"></span></th>
          <td><i>d</i> = <span data-value="d"></span></td><td data-value="dot"></td></tr>
        <tr><th scope="row">of <i class="query">q</i> · <i class="key">k</i> / √{_DIVISOR}</th>
          <td data-value="theory"></td>
          <td data-value="divided"></td></tr>
      </tbody>
    </table>
    <p class="of-row">Softmax of the row that is open above:</p>
    <div class="bars"><p data-value="own"></p><p data-value="other"></p><canvas role="img"
      aria-label="softmax of the row with and without the division"></canvas></div>
    <p class="source" data-trait="scores-divided">Theory: independent numbers of mean 0 and variance 1, Vaswani et al.
      2017, footnote 4.</p>
    <p class="source" data-trait="scores-undivided">Theory: Vaswani et al. 2017, footnote 4. Initialization: Raffel et
      al. 2020 and its code, standard deviation (<i>d</i><sub>model</sub> <i>d</i><sub>head</sub>)<sup>−1/2</sup>.</p>
  </section>
  <section class="why-cost" aria-labelledby="attention-why-cost">
    <h2 id="attention-why-cost">What a layer costs</h2>
    <p>Operations to mix the tokens once; how many of them must wait for one another; and over how many steps a token
      can reach the farthest other. <span data-value="size"></span>.</p>
    <table>
      <thead><tr><th scope="col">layer</th><td class="bar-cell"></td><th scope="col">operations</th>
        <th scope="col">in turn</th><th scope="col">path</th></tr></thead>
      <tbody>
        <tr data-layer="attention"><th scope="row"><span data-value="name"></span> <i data-value="formula"></i></th>
          <td class="bar-cell"><span class="bar-track"><span class="bar-fill"></span></span></td>
          <td data-value="cost"></td><td data-value="steps"></td><td data-value="path"></td></tr>
        <tr data-layer="recurrence"><th scope="row">recurrence <i>n · d²</i></th>
          <td class="bar-cell"><span class="bar-track"><span class="bar-fill"></span></span></td>
          <td data-value="cost"></td><td data-value="steps"></td><td data-value="path"></td></tr>
        <tr data-layer="convolution"><th scope="row">convolution <i>k · n · d²</i></th>
          <td class="bar-cell"><span class="bar-track"><span class="bar-fill"></span></span></td>
          <td data-value="cost"></td><td data-value="steps"></td><td data-value="path"></td></tr>
      </tbody>
    </table>
    <p data-value="verdict"></p>
    <p class="source">Vaswani et al. 2017, table 1, with the constants it leaves out at 1; path of a dilated
      convolution: log<sub><i>k</i></sub> <i>n</i>, rounded up.</p>
  </section>
</div>
"""
