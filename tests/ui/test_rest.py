"""A picture at rest rests: what slides, slides once."""

from __future__ import annotations

import pytest

from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages

SENTENCE = "The little dog ran to the park because"
ASKED_FOR = """async () => {
  const { requestAnimationFrame } = window;
  let asked = 0;
  window.requestAnimationFrame = (draw) => {
    if (new Error().stack.includes("/static/js/")) asked += 1;
    return requestAnimationFrame(draw);
  };
  await new Promise((resolve) => setTimeout(resolve, 300));
  Object.assign(window, { requestAnimationFrame });
  return asked;
}"""
"""How many animation frames our scripts ask for in a while."""


def moves(page: CutawayPage) -> bool:
    return bool(page.page.evaluate(ASKED_FOR))


@pytest.mark.parametrize("exhibit", WALK)
def test_nothing_moves_for_ever(open_page: Pages, exhibit: str) -> None:
    page = open_page(exhibit=exhibit, text=SENTENCE)
    page.page.emulate_media(reduced_motion="no-preference")
    page.type(f"{SENTENCE} it")
    assert not all(moves(page) for _ in range(20))
