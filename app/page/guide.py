"""The guide that walks through steps: its panel, the veil over what a step is not about, and the buttons that open it.

`static/js/page/guide.js` brings it to life. What the steps are, each exhibit's `steps` says.
"""

from __future__ import annotations


def panel() -> str:
    """What says where one is, the sentence of the step, and the buttons; and the veil."""
    return """<div class="veil" aria-hidden="true" hidden></div>
  <section class="guide" tabindex="-1" aria-labelledby="guide-place" aria-describedby="guide-says" hidden>
    <p class="guide-place" id="guide-place"></p>
    <p class="guide-says" id="guide-says" role="status" aria-live="polite"></p>
    <div class="guide-keys"><button type="button" data-by="-1">‹ Back</button><button type="button" class="on"
      data-by="1"></button><button type="button" class="plain close" aria-keyshortcuts="Escape">Close</button></div>
  </section>"""


def offers(exhibit: str) -> str:
    """The buttons in an exhibit's head: the walk that follows one word, the exhibit's own steps, what is taken away of
    it (`static/js/page/take.js`), and the lecture (`static/js/page/lecture.js`).
    """
    return f"""<p class="guides"><button type="button" data-guide="follow"><i>New here? </i>Follow one
      word</button><button type="button" data-guide="{exhibit}">Show me</button><button type="button"
      class="take" aria-haspopup="dialog">Take it with you</button><button type="button"
      class="lecture" aria-haspopup="dialog" aria-keyshortcuts="Alt+L">Lecture</button></p>"""
