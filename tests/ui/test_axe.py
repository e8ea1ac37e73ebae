"""axe-core looks at every exhibit: no fault that it calls serious or critical, in either theme or any family."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.exhibits import WALK
from tests.ui.page import CutawayPage, Pages, Walk

SENTENCE = "The little dog ran to the park because"
GRAVE = ("serious", "critical")


def faults(page: CutawayPage, part: str | None = None) -> list[str]:
    """What axe-core finds grave, on all of the page or in a part, each with the elements it means."""
    found = Axe().run(page.page, part).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: "
        + ", ".join(str(node["target"]) for node in fault["nodes"])
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize(("model", "theme"), [("gpt", "paper"), ("bert", "blueprint"), ("t5", "paper")])
@pytest.mark.parametrize("exhibit", WALK)
def test_no_grave_fault_of_accessibility(walk: Walk, exhibit: str, model: str, theme: str) -> None:
    """What stands around an exhibit is the same in all: it is looked at with one family, and once in the dark."""
    page = walk(exhibit, SENTENCE, model=model, theme=theme)
    is_whole = model == "gpt" or exhibit == WALK[0]
    assert not faults(page, None if is_whole else f'[data-exhibit="{exhibit}"]')


def test_the_ear_for_faults_hears_one(open_page: Pages) -> None:
    page = open_page(text=SENTENCE)
    page.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert any(fault.startswith("image-alt") for fault in faults(page))
