"""Experts: which of them every token takes, how even their load is, and what happens when one is switched off."""

from __future__ import annotations

from app.page.markup import effect, trait

TITLE = "Experts: a few of many for each token"
MAP = "".join(f'<rect x="{x}" y="67" width="7" height="7" rx="1"/>' for x in (39, 48, 57, 66))
LEAD = "Follow one token's row: at each layer a router sends it to the solid experts and lets the others rest."
_SUM = " / Σ<sub><i>s</i>∈<i>S</i></sub> <b>p</b><sub><i>s</i></sub>"
_SCORED = "(<i>W</i><sub>r</sub> <i>x</i> + <i>b</i>)"
FORMULA = (
    trait("gates-softmax", f"<b>p</b> = softmax{_SCORED}")
    + trait("gates-sigmoid", f"<b>s</b> = σ{_SCORED}, <b>p</b> = <b>s</b> / Σ <b>s</b>")
    + "&ensp; <i>S</i> = top<sub><i>k</i></sub> "
    + trait("gates-unbiased", "<b>p</b>")
    + trait("gates-biased", trait("gates-softmax", "(<b>p</b> + <i>β</i>)"))
    + trait("gates-biased", trait("gates-sigmoid", "(<b>s</b> + <i>β</i>)"))
    + trait("gates-grouped", ", of the best groups")
    + "<br><i>g</i><sub><i>e</i></sub> = "
    + trait("gates-scaled", "<i>c</i> · ")
    + f"<b>p</b><sub><i>e</i></sub>{trait('gates-normed', _SUM)}"
    "&ensp; <i>y</i> = Σ<sub><i>e</i>∈<i>S</i></sub> <i>g</i><sub><i>e</i></sub> Expert<sub><i>e</i></sub>(<i>x</i>)"
    + trait("expert-shared", " + Shared(<i>x</i>)")
)

COMPUTED = (
    "The gate: Shazeer et al. 2017. "
    + trait(
        "gates-normed",
        trait(
            "gates-softmax",
            "Here the softmax comes first, then the top two, renormalized; Mixtral takes the top two first and then the"
            " softmax, which gives the same weights (Jiang et al. 2024, section 2.1). ",
        ),
    )
    + trait("gates-plain", "The chosen probabilities are the weights, not divided by their sum (Fedus et al. 2022). ")
    + trait(
        "gates-sigmoid",
        "Each score is a sigmoid of its own; what is shown as its probability is its share of all scores"
        " (DeepSeek-V3's report, section 2.1.2). ",
    )
    + trait("gates-scaled", "The weights are multiplied by a number <i>c</i> of the model's own. ")
    + trait(
        "gates-grouped",
        "The experts stand in groups of neighbours; a token ranks the groups by their best experts and chooses within"
        " the best ones alone (DeepSeek-AI 2024, arXiv 2405.04434, section 2.2.2). ",
    )
    + trait("gates-biased", "A trained bias <i>β</i> of each expert takes part in the choice, and not in the weights. ")
    + trait(
        "expert-shared",
        "One more expert, which every token takes, stands beside these without a column (Dai et al. 2024). ",
    )
    + "The balance loss, experts × Σ (share of choices) × (mean probability), is 1 for an even load: Fedus et al. 2022,"
    " equations 4 to 6. The bias <i>b</i> is not part of the trained model; it enters the running graph beside the"
    " router, minus infinity for an expert that is off. Loss-free balancing (Wang et al. 2024) moves such a bias after"
    " every training step, which then only decides who is chosen, not the weights; DeepSeek-V3 does so, and keeps a"
    " small loss within each sequence beside it (section 2.1.2 of its report)."
)
ATTEMPT = "Switch off the expert that the last token trusts most, at every layer: does the prediction hold?"
SETTING = {"model": "gpt", "text": "Once upon a time there was a little", "find": "trusted", "query": None}

_LACKS = trait("gates-unbiased", "logit") + trait("gates-biased", "score, with its bias,")
_SHARE = trait("gates-softmax", "softmax") + trait("gates-sigmoid", "share of σ")
_OF_ONE = trait("gates-normed", trait("gates-unscaled", ", sum 1"))

PICTURE = f"""
<div class="experts-plate">
  <p class="none" hidden></p>
  <div class="experts-grid">
    <figure class="gates">
      <figcaption><h2>Every token, every expert</h2><p></p></figcaption>
      <ul class="cell-key">
        <li><i class="solid">.84</i><span>chosen, with its weight</span></li>
        <li><i class="following">.05</i><span>the next in line, and what its {_LACKS} lacks</span></li>
        <li><canvas aria-hidden="true"></canvas><span class="range"></span></li>
        <li data-trait="gates-grouped"><i class="between"></i><span>between two groups of experts</span></li>
      </ul>
      <div class="layer-tabs" role="radiogroup" aria-label="Layer"></div>
      <p class="layer-words"></p>
      <div class="loads"><canvas aria-hidden="true"></canvas></div>
      <div class="switch-row"></div>
      <div class="gates-rows" tabindex="0" role="grid" aria-label="Gates of each token, layer beside layer"><div
        class="canvas-frame"><canvas aria-hidden="true"></canvas></div><div class="space"></div></div>
    </figure>
    <div class="next-place"></div>
    {effect("experts")}
    <section class="one" aria-labelledby="experts-one">
      <h2 id="experts-one"><bdi></bdi><span></span></h2>
      <p class="sum"></p>
      <div class="expert-table" role="table" aria-labelledby="experts-one">
        <div class="expert-head" role="row"><span role="columnheader">expert</span>
          <span role="columnheader">logit</span><span role="columnheader">+ bias</span>
          <span role="columnheader">probability ({_SHARE})</span>
          <span role="columnheader">weight{_OF_ONE}</span>
          <span role="columnheader">tokens of this text that chose it</span></div>
        <div class="expert-rows" role="rowgroup"></div>
      </div>
    </section>
    <section class="size" aria-labelledby="experts-size">
      <h2 id="experts-size">Parameters: all of them, and those at work on one token</h2>
      <table>
        <thead><tr><th scope="col">model</th><th scope="col">experts</th><th scope="col">total</th>
          <th scope="col">active</th><th scope="col">share</th></tr></thead>
        <tbody>
          <tr class="own"><th scope="row" data-own="name"></th><td data-own="experts"></td><td data-own="total"></td>
            <td data-own="active"></td><td data-own="share"></td></tr>
          <tr><th scope="row">Mixtral 8x7B</th><td>2 of 8</td><td>46.7&nbsp;B</td><td>12.9&nbsp;B</td>
            <td>27.6&nbsp;%</td></tr>
          <tr><th scope="row">DeepSeek-V3</th><td>8 of 256, 1 shared</td><td>671&nbsp;B</td><td>37&nbsp;B</td>
            <td>5.5&nbsp;%</td></tr>
        </tbody>
      </table>
      <p class="arithmetic">active = total − layers × resting experts × 3 <i>d</i><sub>model</sub>
        <i>d</i><sub>expert</sub><br><span data-own="sum"></span></p>
      <p class="sources">Mixtral: Mistral AI, announcement of December 2023; Jiang et al. 2024. DeepSeek-V3: DeepSeek-AI
        2024, abstract and section 4.2.</p>
    </section>
  </div>
</div>
"""

_DENSE = "A model with experts sends each token to a few of many small networks; this one has a single MLP for all."
BY_FAMILY = {"bert": {"lead": _DENSE}, "t5": {"lead": _DENSE}}
