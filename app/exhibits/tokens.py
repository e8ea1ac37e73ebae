"""Tokens: the text cut into entries of the vocabulary, with ids, visible spaces and bytes."""

from __future__ import annotations

from app.exhibits.plate import plate

TITLE = "Tokens: your text, cut into pieces"
LEAD = "The model sees no letters, only one number for each piece below: look where a word falls apart."
FORMULA = (
    "text → bytes → merges → <i>t</i><sub>0</sub>, <i>t</i><sub>1</sub>, …, <i>t</i><sub><i>n</i></sub>"
    " &nbsp;with&nbsp; 0 ≤ <i>t</i><sub><i>i</i></sub> &lt; <i>d</i><sub>vocab</sub>"
)

_COMPUTED = (
    "Byte-level byte-pair encoding. The text becomes UTF-8 bytes; again and again the neighbouring pair that was"
    " learned earliest is merged, until no pair is left that the vocabulary knows. So nothing is ever unknown: a rare"
    " character falls back to its bytes."
    " Sennrich et al. 2016, section 3.2; bytes as in Radford et al. 2019, section 2.2."
)
_ATTEMPT = "Rare words, tabs and emoji cost more: a family of three is one picture, five characters and eighteen bytes."
_SETTING = {"text": "unbelievable\ttabs, naïve cafés, 你好 and a 👨‍👩‍👧 family", "query": None}

_PICTURE = """
<div class="tokens-plate">
  <div class="ruler" role="listbox" aria-label="Tokens with their ids and bytes" tabindex="0"></div>
  <div>
    <h2>The whole text</h2>
    <dl class="facts">
      <div><dt>tokens</dt><dd data-sum="tokens"></dd></div>
      <div><dt>characters</dt><dd data-sum="characters"></dd></div>
      <div><dt>bytes</dt><dd data-sum="bytes"></dd></div>
      <div><dt>characters a token</dt><dd data-sum="ratio"></dd></div>
      <div><dt>entries in the vocabulary</dt><dd data-sum="vocabulary"></dd></div>
    </dl>
    <h2>The selected piece</h2>
    <dl class="facts">
      <div><dt>reads</dt><dd data-piece="text"></dd></div>
      <div><dt>position</dt><dd data-piece="position"></dd></div>
      <div><dt>id</dt><dd data-piece="id"></dd></div>
      <div><dt>characters</dt><dd data-piece="span"></dd></div>
      <div><dt>code points</dt><dd data-piece="points"></dd></div>
      <div><dt>bytes</dt><dd data-piece="bytes"></dd></div>
    </dl>
  </div>
</div>
"""


def html() -> str:
    """The markup of the exhibit; `static/js/exhibits/tokens.js` fills it."""
    return plate(
        "tokens",
        title=TITLE,
        lead=LEAD,
        picture=_PICTURE,
        formula=FORMULA,
        computed=_COMPUTED,
        attempt=_ATTEMPT,
        setting=_SETTING,
    )
