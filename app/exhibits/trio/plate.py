"""Trio: one sentence through a GPT, a BERT and a T5, aligned on its words."""

from __future__ import annotations

from app.page.markup import radios

TITLE = "The trio: one sentence, three ways to read it"
MAP = '<path class="broad" d="M6 86H114M6 90.5H114M6 95H114"/>'
LEAD = "Point at a word: GPT reads it and what stands to its left, BERT both sides, T5 both sides, then what it wrote."
FORMULA = (
    'GPT&ensp;<b class="gold">p</b>(<i>x</i><sub><i>t</i></sub> | <i>x</i><sub>&lt;<i>t</i></sub>)<br>'
    'BERT&ensp;<b class="gold">p</b>(<i>x</i><sub><i>t</i></sub> | <i>x</i><sub>&lt;<i>t</i></sub>, [MASK], '
    "<i>x</i><sub>&gt;<i>t</i></sub>)<br>"
    'T5&ensp;<b class="gold">p</b>(<i>y</i><sub><i>s</i></sub> | <i>y</i><sub>&lt;<i>s</i></sub>, <i>x</i>)'
)

COMPUTED = (
    "Three models run on every key. GPT: Radford et al. 2018. BERT: Devlin et al. 2019; the word asked for is replaced"
    " by one [MASK] before it reads. T5: Raffel et al. 2020; the task is the prefix that you see in front of its text,"
    " and to fill means that the word is replaced by &lt;extra_id_0&gt;; one of its family that was taught no such task"
    " reads the text alone. It writes greedily, at most 16 tokens here."
    " A ribbon is the cross-attention of the step that wrote the word below it."
)
ATTEMPT = "Leave a gap in the middle: which of the three can use what comes after it?"
SETTING = {"text": "The dog was very [MASK] because it had no food.", "task": "fill", "query": None, "written": None}

_DEPTHS = {"mean": "all layers", "first": "first", "middle": "middle", "last": "last"}
_TASKS = {"translate": "translate to French", "sentiment": "sentiment", "grammar": "grammar", "fill": "fill the gap"}
_FAMILIES = {
    "gpt": (
        "itself and what stands to its left",
        "guess the next token of a text",
        "continuing: stories, chat, code",
    ),
    "bert": (
        "the whole sentence, both sides",
        "guess words behind a mask",
        "understanding: search, labels, names",
    ),
    "t5": (
        "all that it reads, and what it has written",
        '<span data-learned="t5">write what was cut out, then named tasks</span>'
        '<span data-learned="other" hidden>write one text for another</span>',
        "turning one text into another: translation, summaries",
    ),
}


def _column(family: str, sees: str, trained: str, used: str) -> str:
    return f"""
    <section class="trio-model" data-family="{family}" aria-labelledby="trio-{family}">
      <h2 id="trio-{family}"><b>{family.upper()}</b><span></span></h2>
      <dl><div><dt>sees</dt><dd>{sees}</dd></div><div><dt>learned to</dt><dd>{trained}</dd></div>
        <div><dt>good at</dt><dd>{used}</dd></div></dl>
      <p class="missing" hidden></p>
      <div class="trio-body">
        <figure class="sees"><canvas role="img"></canvas><div class="scale"><canvas aria-hidden="true"></canvas><p></p>
          </div></figure>
        <div class="says"><h3></h3><p class="output"></p><ol></ol><p class="own"></p>
          <p class="since" hidden></p></div>
        <p class="reads"></p>
      </div>
    </section>"""


PICTURE = f"""
<div class="trio-plate">
  <div class="trio-asks">
    <div><span id="trio-tasks">T5 is asked to</span><div class="switch tasks" role="radiogroup"
      aria-labelledby="trio-tasks">{radios("task", _TASKS)}</div></div>
    <div><span id="trio-depths">attention of</span><div class="switch depths" role="radiogroup"
      aria-labelledby="trio-depths">{radios("depth", _DEPTHS)}</div></div>
  </div>
  <div class="score" tabindex="0" role="application"><div class="space"><canvas aria-hidden="true"></canvas></div></div>
  <p class="score-words"></p>
  <div class="pin-place"></div>
  <div class="trio-columns">{"".join(_column(family, *words) for family, words in _FAMILIES.items())}</div>
</div>
"""
