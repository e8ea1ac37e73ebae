"""The pin: the difference since it was set, kept through the address."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.engine import Engine
from app.exhibits.trio.gap import TASKS
from model.study import sampling
from tests.ui.page import CutawayPage, Pages

BEFORE, AFTER = (
    "Tom and Anna went to the park. Anna gave the ball to",
    "Tom and Anna went to the park. Tom gave the ball to",
)


def test_a_pinned_text_stays_beside_the_live_one_as_a_difference(page: CutawayPage, engine: Engine) -> None:
    page.type(BEFORE)
    page.page.get_by_role("button", name="Pin this").click()
    page.type(AFTER)
    kl = sampling.kl_bits(engine.trace(BEFORE).logits[0, -1], engine.trace(AFTER).logits[0, -1])
    expect(page.page.locator(".pinned .bits")).to_have_text(f"{kl:.3f} bits")
    expect(page.page.locator(".pinned .pinned-words")).to_contain_text("Anna gave the ball to”")
    page.page.get_by_role("button", name="Unpin").click()
    expect(page.page.locator(".pinned .bits")).not_to_be_visible()


def test_an_address_brings_the_pin_back(open_page: Pages) -> None:
    page = open_page(text=AFTER, pin=f"model=gpt&text={BEFORE}")
    expect(page.page.locator(".pinned button")).to_have_text("Unpin")
    expect(page.page.locator(".pinned .effect li.moved:visible").first).to_contain_text("Anna")
    page.page.wait_for_function("location.hash.includes('pin=model')")


def test_an_outline_on_each_bar_is_the_pinned_probability(open_page: Pages, engine: Engine) -> None:
    page = open_page(text=AFTER, pin=f"model=gpt&text={BEFORE}")
    expect(page.page.locator(".pinned button")).to_have_text("Unpin")
    before, after = (sampling.probabilities_of(engine.trace(text).logits[0, -1]) for text in (BEFORE, AFTER))
    shown = sampling.descending(engine.trace(AFTER).logits[0, -1])[:12]
    bars = page.page.locator(".next .candidate:visible .bar-track")
    widths = bars.evaluate_all("all => all.map(({ lastChild }) => Number.parseFloat(lastChild.style.width))")
    assert widths == pytest.approx((100 * before[shown]).tolist(), abs=0.006)
    fills = bars.evaluate_all("all => all.map(({ firstChild }) => new DOMMatrix(firstChild.style.transform).a)")
    assert fills == pytest.approx(after[shown].tolist(), abs=6e-5)


def test_the_trio_says_of_each_model_what_has_changed(open_page: Pages, engine: Engine) -> None:
    page = open_page(exhibit="trio", text=AFTER, pin=f"model=gpt&text={BEFORE}")
    gpt = [engine.trace(text, "gpt").logits[0, -1] for text in (BEFORE, AFTER)]
    masked = [engine.trace(text.removesuffix("to") + "[MASK]", "bert").logits[0, -2] for text in (BEFORE, AFTER)]
    t5 = [engine.trace(TASKS["translate"] + text, "t5").logits[0, 0] for text in (BEFORE, AFTER)]
    for family, logits in {"gpt": gpt, "bert": masked, "t5": t5}.items():
        since = page.page.locator(f'.trio-model[data-family="{family}"] .since')
        expect(since).to_contain_text(f"{sampling.kl_bits(*logits):.3f} bits apart")
    page.page.get_by_role("button", name="Unpin").click()
    expect(page.page.locator(".trio-model .since:visible")).to_have_count(0)


def test_what_each_layer_added_in_the_pinned_state_stands_beside_what_it_adds_now(open_page: Pages) -> None:
    was = open_page(exhibit="residual", text=BEFORE)
    target = was.page.evaluate("cutaway.lastFrame.residual.target.id")
    numbers = was.exhibit("residual").locator(".moves .signed b").all_inner_texts()
    before = [float(text.replace("\u2212", "-").replace("+", "")) for text in numbers]
    page = open_page(exhibit="residual", text=AFTER, target=str(target), pin=f"model=gpt&text={BEFORE}")
    ticks = page.exhibit("residual").locator(".moves .signed .tick:visible")
    expect(ticks).to_have_count(len(before))
    largest = float(page.exhibit("residual").locator(".wholes").inner_text().removeprefix("rows to ±"))
    lefts = ticks.evaluate_all("all => all.map((tick) => Number.parseFloat(tick.style.left))")
    for left, value in zip(lefts, before, strict=True):
        assert left == pytest.approx(50 + 50 * value / largest, abs=50 * 0.02 / largest)
    expect(page.exhibit("residual").locator(".course-words")).to_contain_text("dotted when pinned")
    then, now = (each.frame()["residual"]["logit"] for each in (was, page))
    expect(page.exhibit("residual").locator(".worth")).to_have_text(f"{then:.2f} when pinned → {now:.2f}")


@pytest.mark.parametrize("exhibit", ["experts", "sampling", "cache"])
def test_the_pinned_state_is_drawn_into_the_picture_until_it_is_unpinned(open_page: Pages, exhibit: str) -> None:
    page = open_page(exhibit=exhibit, text=AFTER)
    page.rest()
    plain = set(page.picture_of(exhibit))
    page.page.evaluate(f"cutaway.store.set({{ pin: {{ text: {BEFORE[:30]!r}, model: 'gpt', interventions: {{}} }} }})")
    page.page.wait_for_function("cutaway.lastFrame.pinned !== null")
    page.rest()
    pictures = "all => all.map((canvas) => canvas.toDataURL())"
    page.page.wait_for_function(
        f"""(plain) => ({pictures})([...document.querySelectorAll('[data-exhibit="{exhibit}"] canvas')])
            .some((picture) => !plain.includes(picture))""",
        arg=list(plain),
    )
    if exhibit == "cache":
        expect(page.exhibit("cache").locator(".memory figcaption p")).to_contain_text("when pinned (ring)")


def test_the_pin_keeps_its_place_in_every_exhibit(page: CutawayPage) -> None:
    for exhibit in ("trio", "experts"):
        page.open(exhibit)
        expect(page.page.get_by_role("button", name="Pin this")).to_be_visible()
