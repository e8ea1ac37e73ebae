"""Masks: what sparse attention forbids, laid over the attention that the model really pays, and what it costs."""

from __future__ import annotations

import dataclasses
import json
from html import escape

import numpy as np

from app.page.markup import by_positions, effect, trait
from app.wire import mask_specification
from app.wire.mask_specification import CAUSAL_KINDS, KINDS, Cells, Mask
from model.config import PRESETS, Config

TITLE = "Masks: who may look at whom"
MAP = '<path d="M40.5 9H64V32.5Z"/>'
_LEAD = (
    "A mask says which tokens may read which. Forbid some reading{where}: what turns grey is attention that the model"
    " pays without the mask; the prediction suffers, and work is saved."
)
LEAD = _LEAD.format(where="")
FORMULA = (
    '<b class="attention">pattern</b> = softmax(scores + <i>M</i>)<br>'
    "<i>M</i><sub><i>ij</i></sub> = 0 if allowed, else −∞<br>"
    'lost<sub><i>i</i></sub> = Σ<sub><i>j</i> forbidden</sub> <b class="attention">pattern</b><sub><i>ij</i></sub><br>'
    "reach<sub><i>L</i></sub> = (allowed ∨ <i>I</i>)<sup><i>L</i></sup>"
)

COMPUTED = (
    "The mask enters the running graph, in every head of every layer, on top of what the model itself forbids; the"
    " model was not trained with it. What is lost is read from a pass without it. Reach is a boolean matrix power:"
    " <i>I</i> is the residual stream. A multiply-add is counted twice per pair:"
    " once for <i>q</i> · <i>k</i>, once for the <dfn>values</dfn>, each <i>d</i><sub>head</sub> wide. A token"
    " that a mask leaves nothing attends to itself. Patterns: Child et al. 2019; Beltagy et al. 2020; Zaheer et al."
    " 2020; Jiang et al. 2023."
    + by_positions({"disentangled": " Products with the vectors of distances are not counted: a mask saves none."})
    + trait("convolved", " Nor does the reach count the convolution behind the first block, which mixes neighbours.")
)
ATTEMPT = (
    "Say something twice and let each token see only the four before it: the head that looked back to the first time"
    " goes blind. Does the model still find the fox?"
)
SETTING = {
    "text": "Tom saw a red fox. Tom saw a red",
    "interventions": {"mask": "window:5"},
    "find": "following",
    "pattern_of": "head",
    "query": None,
}

BY_FAMILY = {"t5": {"lead": _LEAD.format(where=" in the encoder")}}

_PRESETS = (
    ("", "As trained", "", ""),
    ("window", "Sliding window", "Jiang 2023", "window:3"),
    ("strided", "Strided", "Child 2019", "strided:3"),
    ("fixed", "Fixed", "Child 2019", "fixed:3:1"),
    ("longformer", "Longformer", "Beltagy 2020", "longformer:2:2"),
    ("bigbird", "BigBird", "Zaheer 2020", "bigbird:2:1:1:5"),
    ("document", "Documents", "packed", "document:4:7"),
    ("painted", "By hand", "drag below", "painted:10.AAAAAQBgHAMCAIYBwA"),
)
"""Kind, name, source, and the mask that its icon shows; as trained, the script says what a token sees."""
_ICON = 10
"""Tokens in an icon."""


def _icon(mask: str, config: Config, reads: str) -> str:
    """The mask on a few tokens of a model, as a drawing; `reads` says which way that model reads."""
    base = mask_specification.base(_ICON, config)
    cells = Mask.read(mask, config).allowed(_ICON, config) if mask else base

    def squares(which: Cells) -> str:
        return "".join(f"M{4 * key} {4 * query}h3v3h-3z" for query, key in np.argwhere(which[0]).tolist())

    return (
        f'<svg class="{reads}" viewBox="0 0 {4 * _ICON - 1} {4 * _ICON - 1}" aria-hidden="true">'
        f'<path class="gone" d="{squares(base & ~cells)}"/><path class="left" d="{squares(cells)}"/></svg>'
    )


def _icons(kind: str, mask: str) -> str:
    """The drawing for a decoder, and, where the kind suits it, the one for a model that reads both ways."""
    back, both = PRESETS["gpt"], PRESETS["bert"]
    return _icon(mask, back, "back") + _icon("" if kind in CAUSAL_KINDS else mask, both, "both")


def _presets() -> str:
    return "".join(
        f'<button type="button" role="radio" aria-checked="false" data-kind="{kind}">{_icons(kind, mask)}'
        f"<b>{name}</b><span>{source}</span></button>"
        for kind, name, source, mask in _PRESETS
    )


def _numbers() -> str:
    """Room for as many numbers as a kind can have; the script says which they are."""
    most = max(map(len, KINDS.values()))
    return '<label hidden><span></span><input type="range" step="1"><output></output></label>' * most


_LIMITS = {kind: [dataclasses.asdict(number) for number in numbers] for kind, numbers in KINDS.items()}

PICTURE = f"""
<div class="masks-plate" data-kinds="{escape(json.dumps(_LIMITS))}">
  <div class="presets" role="radiogroup" aria-label="Mask">{_presets()}</div>
  <div class="choice">
    <p class="mask-words"></p>
    <div class="numbers">{_numbers()}
      <span class="documents" hidden><button type="button" data-documents="token"></button><button type="button"
        data-documents="sentences">At every sentence</button></span></div>
  </div>
  <figure class="taken-away">
    <figcaption><h2></h2><p></p><div class="brush"><button type="button" data-brush="undo">Undo</button><button
      type="button" data-brush="clear">Clear</button></div></figcaption>
    <div class="canvas-frame" role="grid" tabindex="0"><canvas aria-hidden="true"></canvas></div>
    <p class="alone" role="status"></p>
    <div class="mask-legend"><span class="kept">kept</span><span class="gone">taken away</span><span
      class="ahead">the model itself forbids it</span></div>
  </figure>
  <div class="costs">
    <dl class="sums">
      <div><dt>Attention lost</dt><dd data-sum="lost"></dd><dd data-note="lost"></dd></div>
      <div><dt>Operations saved</dt><dd data-sum="saved"></dd><dd data-note="saved"></dd></div>
    </dl>
    {effect("masks")}
    <figure class="by-head">
      <figcaption><h2>Attention lost in each head, %</h2><p>layers across, heads down; a click shows that pattern</p>
      </figcaption>
      <div class="head-grid" role="radiogroup" aria-label="Pattern of a layer and head; attention lost in it"></div>
    </figure>
  </div>
  <div class="next-place"></div>
  <figure class="cone">
    <figcaption><h2></h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img"></canvas></div>
  </figure>
  <figure class="growth">
    <figcaption><h2>At greater length</h2><p></p></figcaption>
    <div class="canvas-frame"><canvas role="img"></canvas></div>
    <p class="growth-words"></p>
  </figure>
</div>
"""
