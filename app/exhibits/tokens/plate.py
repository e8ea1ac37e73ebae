"""Tokens: the text along many vocabularies on one axis, how a word was cut, and what languages cost."""

from __future__ import annotations

from html import escape

from model.tokenizers import from_hub

TITLE = "Tokens: your text, cut into pieces"
MAP = (
    '<rect x="6" y="43" width="9" height="5" rx="1"/><rect x="6" y="49.5" width="9" height="5" rx="1"/>'
    '<rect x="6" y="56" width="9" height="5" rx="1"/>'
)
LEAD = (
    "A model sees no letters, only a number for each piece, and every vocabulary cuts its own pieces: look where one"
    " row breaks a word that the others keep whole."
)
FORMULA = (
    "text → pieces of the vocabulary → <i>t</i><sub>0</sub>, <i>t</i><sub>1</sub>, …, <i>t</i><sub><i>n</i></sub>"
    " &nbsp;with&nbsp; 0 ≤ <i>t</i><sub><i>i</i></sub> &lt; <i>d</i><sub>vocab</sub>"
)

COMPUTED = (
    "Every row is cut anew at each key by the vocabulary's own tokenizer.json. <b>BPE</b> merges the neighbouring pair"
    " that was learned earliest, again and again (Sennrich et al. 2016, section 3.2; on bytes, so that nothing is"
    " unknown, Radford et al. 2019, section 2.2). <b>WordPiece</b> takes the longest entry that fits,"
    " again and again, as BERT's tokenizer does (Devlin et al. 2019; its vocabulary is learned as in Wu et al. 2016)."
    " <b>Unigram</b> takes the likeliest path (Kudo 2018, section 3.2)."
)
ATTEMPT = "Rare words, tabs and emoji cost more: a family of three is one picture, five characters and eighteen bytes."
SETTING = {"text": "unbelievable\ttabs, naïve cafés, 你好 and a 👨‍👩‍👧 family", "query": None, "tokenizer": ""}

_SHORT = {"meta-llama/Llama-3.1-8B": "Llama 3", "Xenova/gpt-4o": "GPT-4o", "deepseek-ai/DeepSeek-V3": "DeepSeek-V3"}


def _suggestions() -> str:
    return "".join(
        f'<button type="button" data-name="{name}" title="{name}">{escape(_SHORT.get(name, name))}</button>'
        for name in from_hub.SUGGESTED
    )


_RULER = f"""
  <figure class="ruler-figure">
    <figcaption data-spare><p class="ruler-words"></p></figcaption>
    <div class="rulers">
      <div class="ruler-labels" role="radiogroup" aria-label="Vocabularies"></div>
      <div class="ruler-scroll" role="application" tabindex="0"><div class="canvas-frame"><canvas></canvas></div>
        <div class="space"></div></div>
      <div class="ruler-counts" aria-hidden="true"></div>
    </div>
    <ul class="ruler-legend">
      <li class="more">a cut that <b data-chosen></b> does not make</li>
      <li class="less">a cut of <b data-chosen></b> that is not made here</li>
      <li class="fragment">part of a character: its bytes</li>
      <li class="changed-letter">read as another letter</li>
      <li class="hole">unknown: lost</li>
      <li class="then">a cut of the pinned text</li>
    </ul>
    <form class="add" data-spare>
      <label>Add a vocabulary from the hub <input name="name" maxlength="200" autocomplete="off" spellcheck="false"
        placeholder="owner/model"></label>
      <button>Add</button>
      <span class="suggestions">{_suggestions()}</span>
      <p class="said" role="status"></p>
    </form>
  </figure>"""

_DETAIL = """
  <section class="pieces-side" aria-label="The chosen row, piece by piece">
    <h2><span class="pieces-of"></span>, piece by piece</h2>
    <div class="pieces" role="listbox" aria-label="Tokens with their ids and bytes" tabindex="0"></div>
  </section>
  <section class="piece-facts">
    <h2>One piece of <span data-piece="vocabulary"></span></h2>
    <dl class="facts">
      <div><dt>reads</dt><dd data-piece="text"></dd></div>
      <div><dt>position</dt><dd data-piece="position"></dd></div>
      <div><dt>id</dt><dd data-piece="id"></dd></div>
      <div><dt>characters</dt><dd data-piece="span"></dd></div>
      <div><dt>code points</dt><dd data-piece="points"></dd></div>
      <div><dt>bytes</dt><dd data-piece="bytes"></dd></div>
    </dl>
  </section>
  <section class="cutting">
    <h2>How <span></span> cut <bdi></bdi></h2>
    <p class="words"></p>
    <div class="walk" hidden>
      <button type="button" data-by="-1" aria-label="One step back">‹</button>
      <input type="range" min="0" max="0" value="0" aria-label="Step">
      <button type="button" data-by="1" aria-label="One step on">›</button>
    </div>
    <ol data-rows=".step" tabindex="0" aria-label="Steps of the cut"></ol>
  </section>"""

_TABLES = """
  <section class="vocabularies">
    <h2>The vocabularies on this text</h2>
    <div class="wide" tabindex="0" role="region" aria-label="Table of the vocabularies"><table>
      <thead><tr><th scope="col">vocabulary</th><th scope="col">kind</th><th scope="col">entries</th>
        <th scope="col">special tokens</th>
        <th scope="col">tokens<span class="since visually-hidden" hidden>, pinned → now</span></th>
        <th scope="col">characters a token</th>
        <th scope="col">bytes a token</th><th scope="col">characters lost</th><th scope="col">text comes back</th>
      </tr></thead>
      <tbody></tbody>
    </table></div>
    <p class="words">Special tokens are the vocabulary's own. No row makes one of letters that you type, but for
      those that a BERT or a T5 on this page reads in your text: [MASK], and the sentinels. Lost characters stand in
      an unknown token or in none at all, but for what the vocabulary reads as a space. <i>Nearly</i>: in other case,
      spaces or accents.</p>
  </section>
  <section class="languages">
    <h2>What a language costs</h2>
    <p class="words"></p>
    <div class="wide" tabindex="0" role="region" aria-label="Table of languages"><table>
      <thead><tr></tr></thead>
      <tbody></tbody>
    </table></div>
    <p class="words" data-spare>Tokens for one paragraph, article 1 of the Universal Declaration of Human Rights:
      <q class="sample"></q> The stronger the shade, the more than for English, up to 8 times; hatched: characters are
      lost, so a low count is no bargain. A language's name puts its text into the box.</p>
  </section>"""

PICTURE = f'<div class="tokens-plate">{_RULER}<div class="next-place"></div>{_DETAIL}{_TABLES}</div>'
