"""Positions: how a model knows where a token stands, several ways, on this text and past the trained length."""

from __future__ import annotations

from app.page.charts import opener
from app.page.markup import by_positions, slider, switch, trait

TITLE = "Positions: who comes first"
MAP = '<circle cx="25" cy="52" r="5.5"/><path class="mark" d="M25 52V48.2M25 52L27.6 53.6"/>'
LEAD = (
    "Without help, attention cannot tell “dog bites man” from “man bites dog”. There are several ways to say where a"
    " token stands: choose one, and see what it makes of your text."
)
FORMULA = (
    "<i>x</i> + <i>p</i><sub>place</sub> &nbsp; sinusoids, learned<br>"
    '<b class="query">R</b><sub><i>mθ</i></sub><i>q</i> · <b class="key">R</b><sub><i>nθ</i></sub><i>k</i>'
    " = <i>q</i> · R<sub>(<i>n</i>−<i>m</i>)<i>θ</i></sub><i>k</i> &nbsp; RoPE<br>"
    '<i>q</i> · <i>k</i> + <b class="attention"><i>b</i></b><sub>distance</sub> &nbsp; ALiBi, T5'
    + by_positions(
        {
            "disentangled": "<br><i>q</i> · <i>k</i> + <i>q</i> · <i>k</i><sub>distance</sub> + <i>k</i> ·"
            " <i>q</i><sub>distance</sub> &nbsp; DeBERTa"
        }
    )
)

COMPUTED = (
    "Sinusoids: Vaswani et al. 2017, section 3.5. RoPE: Su et al. 2021; pair <i>i</i>, counted from 1, turns by"
    " θ<sub><i>i</i></sub> = 10,000<sup>−2(<i>i</i>−1)/<i>d</i></sup> a token. ALiBi: Press et al. 2022. Buckets:"
    " Raffel et al. 2020. No positions: Haviv et al. 2022, Kazemnejad et al. 2023. Interpolation: Chen et al. 2023."
    " YaRN: Peng et al. 2023."
    + by_positions(
        {
            "disentangled": " Disentangled attention: He et al. 2021, equation 4, with the rows of distances as in the"
            " authors' code: its last term reads the distance as the middle one does, where the paper turns it round."
        }
    )
    + trait(
        "keys-latent",
        " In this model RoPE turns the first coordinates of each query, and of each key those that all its heads share"
        " (DeepSeek-AI 2024, arXiv 2405.04434, equations 14 to 19).",
    )
    + " Tables and losses are read out of the checkpoints that are named beside them."
)
ATTEMPT = (
    "The same word at two places: in RoPE's fastest pair the two hands point anywhere, in its slowest they agree. Step"
    " through the pairs and watch the angle between them shrink."
)
SETTING = {
    "text": "The dog saw the cat and the dog ran to the cat",
    "scheme": "rope",
    "pair": 1,
    "query": 8,
    "key": 2,
}

_WHERE = (
    (
        "added to the embedding",
        "x + p",
        (("sinusoidal", "Sinusoids", "Vaswani 2017"), ("learned", "Learned", "GPT-2, BERT")),
    ),
    ("turning q and k", "Rq · Rk", (("rope", "RoPE", "Su 2021"),)),
    ("added to the scores", "q · k + b", (("alibi", "ALiBi", "Press 2022"), ("t5", "T5's buckets", "Raffel 2020"))),
    ("nowhere", "q · k", (("none", "NoPE", "Kazemnejad 2023"),)),
)
_OWN = ("by content", "q · k + …", (("disentangled", "Disentangled", "He 2021"),))
"""Shown of a model that has it alone: none that is bundled does."""


def _tile(scheme: str, name: str, source: str) -> str:
    return f"""<button type="button" role="radio" class="scheme" data-scheme="{scheme}" aria-label="{name}">
        <b>{name}</b><i class="own" hidden>this model</i><span class="small"><canvas aria-hidden="true"></canvas></span>
        <span class="source">{source}</span></button>"""


_SCHEMES = "".join(
    f'<div class="where" style="--tiles: {len(tiles)}"{of}><p><span>{where}</span><i>{rule}</i></p>'
    f"<div>{''.join(_tile(*tile) for tile in tiles)}</div></div>"
    for (where, rule, tiles), of in (*((one, "") for one in _WHERE), (_OWN, ' data-positions="disentangled"'))
)


def _steps(name: str, label: str) -> str:
    return f"""<span class="steps-of" data-steps="{name}"><span>{label}</span>
        <button type="button" data-step="-1" aria-label="previous {label}">‹</button><output></output>
        <button type="button" data-step="1" aria-label="next {label}">›</button></span>"""


_SEES = {"left": "Backwards only", "both": "Both ways"}

PICTURE = f"""
<div class="positions-plate">
  <div class="schemes" role="radiogroup" aria-label="Scheme">{_SCHEMES}</div>
  <section class="large" aria-labelledby="positions-scheme">
    <header><h2 id="positions-scheme"></h2><p class="scheme-says"></p></header>
    <figure class="field"><figcaption class="field-hint"></figcaption>
      <div class="canvas-frame" role="grid" tabindex="0"><canvas aria-hidden="true"></canvas></div>
      <p class="missing" hidden></p>
      <div class="scale"><canvas aria-hidden="true"></canvas><p></p></div></figure>
    <div class="scheme-side">
      <div data-panel="rope" hidden>
        <h3><span class="pair-name"></span>{_steps("pair", "pair")}</h3>
        <p class="pair-wave"></p>
        <div class="clock"><canvas class="face" aria-hidden="true"></canvas>
          <dl><dt class="query name-query"></dt><dd class="angle-query"></dd>
            <dt class="key name-key"></dt><dd class="angle-key"></dd>
            <dt class="gold">between them</dt><dd class="angle-between"></dd></dl></div>
        <div class="canvas-frame"><canvas class="clock-row" aria-hidden="true"></canvas></div>
      </div>
      <div data-panel="sinusoidal learned" hidden>
        <h3>How alike are two places?</h3><p class="alike-words"></p>
        <div class="canvas-frame"><canvas class="alike" aria-hidden="true"></canvas></div>
        <p class="added-lengths"></p>
      </div>
      <div data-panel="alibi t5" hidden>
        <h3><span class="bias-name"></span>{_steps("head", "head")}</h3><p class="bias-words"></p>
        <div class="canvas-frame"><canvas class="by-distance" aria-hidden="true"></canvas></div>
        <p class="bias-rule"></p>
        {switch("sees", _SEES, "Buckets look", "sees")}
      </div>
      <div data-panel="disentangled" hidden>
        <h3><span class="terms-name"></span>{_steps("head", "head")}</h3>
        <p class="terms-words"></p>
        <div class="canvas-frame"><canvas class="by-key" aria-hidden="true"></canvas></div>
        <p class="keyed"><span data-term="c2p"><i></i>what the query says of a distance</span>
          <span data-term="p2c"><i></i>what the key there says of it</span></p>
      </div>
      <div data-panel="none" hidden>
        <h3>Yet the place leaks in</h3><p class="even-words"></p>
        <p>The mask is not symmetric: what a token sees grows from place to place, and the first block can count it.</p>
      </div>
    </div>
  </section>
  <div class="next-place"></div>
  <section class="in-text" aria-labelledby="positions-effect" hidden>
    <header><h2 id="positions-effect">What it does to this text, in this model</h2>
      <p class="effect-controls">{_steps("layer", "layer")}{_steps("head", "head")}</p></header>
    <p class="effect-absent"></p>
    <div class="effect-body">
      <figure><figcaption><p class="effect-told"></p><p class="effect-cell"></p></figcaption>
        <div class="canvas-frame"><canvas class="effect-shares" role="img"></canvas></div>
        <p class="keyed"><i class="without"></i>attention without positions <i class="with"></i>with them
          <span class="then"><i></i>when pinned</span></p></figure>
      <figure><figcaption><p>The dot product, pair by pair</p><p class="pairs-told"></p></figcaption>
        <div class="canvas-frame"><canvas class="effect-pairs" role="img"></canvas></div>
        <p class="keyed"><i class="without"></i>before turning <i class="with"></i>after</p></figure>
    </div>
  </section>
  <section class="stretch" aria-labelledby="positions-stretch">
    <header><h2 id="positions-stretch">Stretching RoPE to longer texts</h2><p class="stretch-lead"></p></header>
    <figure><div class="canvas-frame"><canvas role="img"></canvas></div></figure>
    <div class="stretch-side">
      {slider("How much longer", "factor", "positions-factor")}
      <table><caption class="stretch-pair"></caption><thead><tr><td></td><th scope="col">a token</th>
        <th scope="col">wave</th><th scope="col" class="stretch-turns"></th></tr></thead>
        <tbody class="stretch-facts"></tbody></table>
      <p>Interpolation slows every pair alike. YaRN leaves those that turn more than 32 times within the
        trained length as they are, slows those that turn less than once as interpolation does, and mixes both for those
        between: violet marks how much. The mix runs evenly over the pairs, as in the authors' code; in their paper
        (equation 18) it runs evenly over the turns.</p>
      <p class="temperature"></p>
    </div>
  </section>
  <section class="far" aria-labelledby="positions-far">
    <header><h2 id="positions-far">Past the length they were trained on</h2><p class="far-words"></p>
      {opener("far_chart", "losses past the trained length")}</header>
    <figure><div class="canvas-frame"><canvas role="img" aria-label="Loss by position: not read yet"></canvas></div>
      <p class="far-status" role="status"></p></figure>
    <table><caption>Nats a token: lower is better</caption>
      <thead><tr><td></td><th colspan="4" scope="colgroup">their training's measure, tokens read</th>
        <th colspan="2" scope="colgroup">your text</th></tr>
        <tr><td></td><th scope="col">128</th><th scope="col">256</th><th scope="col">512</th><th scope="col">1024</th>
        <th scope="col">alone</th><th scope="col">after 511</th></tr></thead><tbody></tbody></table>
  </section>
</div>
"""
