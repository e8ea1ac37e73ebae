"""The whole page with the keyboard alone."""

from __future__ import annotations

from tests.ui.page import CutawayPage


def focused(page: CutawayPage) -> str:
    """Tag, class and name of what has the focus."""
    description: str = page.page.evaluate(
        "(({ tagName, className, ariaLabel, textContent, dataset }) => `${tagName} ${className} ${ariaLabel ?? ''} "
        "${dataset.to ?? ''} ${tagName === 'BUTTON' ? textContent : ''}`)(document.activeElement)"
    )
    return description


def tab_to(page: CutawayPage, what: str) -> None:
    """Press Tab until something that is described so has the focus."""
    passed = []
    for _ in range(80):
        page.page.keyboard.press("Tab")
        passed.append(focused(page))
        if what in passed[-1]:
            return
    raise AssertionError(f"Tab never reached {what!r}; it passed {passed}")


def test_type_walk_to_an_exhibit_and_draw(page: CutawayPage):
    tab_to(page, "TEXTAREA")
    page.page.keyboard.press("ControlOrMeta+a")
    page.page.keyboard.type("The cat sat")
    page.wait_for_picture_of("The cat sat")
    tab_to(page, "sampling")
    page.page.keyboard.press("Enter")
    page.exhibit("sampling")
    tab_to(page, "Draw the next token")
    page.page.keyboard.press("Enter")
    page.page.wait_for_function("window.cutaway.store.drawn !== null")
    drawn = page.page.evaluate("window.cutaway.store.drawn.text")
    page.wait_for_picture_of(drawn)
    assert drawn.startswith("The cat sat")


def test_the_focus_follows_a_chosen_stop_and_one_press_skips_the_bar(page: CutawayPage):
    title = "document.activeElement.id"
    page.page.keyboard.press("Tab")
    assert "skip" in focused(page)
    page.page.keyboard.press("Enter")
    assert page.page.evaluate(title) == "exhibit-machine"
    page.page.locator('[data-to="tokens"]').focus()
    page.page.keyboard.press("Enter")
    page.exhibit("tokens")
    assert page.page.evaluate(title) == "exhibit-tokens"
    page.page.keyboard.press("Tab")
    inside = "document.activeElement.closest('[data-exhibit]')?.dataset.exhibit"
    assert page.page.evaluate(inside) == "tokens"


def test_focus_can_be_seen_wherever_it_goes(page: CutawayPage):
    """Each stop of Tab has an outline or a changed border; a canvas or chip without one would lose a keyboard user."""
    invisible = []
    stops = 0
    page.box.focus()
    for _ in range(40):
        page.page.keyboard.press("Tab")
        described = focused(page)
        if described.startswith("BODY"):
            break
        stops += 1
        shown = page.page.evaluate(
            """() => {
                const lit = (node) => {
                    const style = getComputedStyle(node);
                    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join();
                };
                const node = document.activeElement;
                const on = [node, node.parentElement].map(lit).join();
                node.blur();
                const off = [node, node.parentElement].map(lit).join();
                node.focus({ focusVisible: true });
                return on !== off;
            }"""
        )
        if not shown:
            invisible.append(described)
    assert stops > 5
    assert not invisible


def test_going_back_returns_to_the_exhibit_before(page: CutawayPage):
    page.open("tokens")
    page.open("sampling")
    page.page.go_back()
    page.page.wait_for_function("window.cutaway.lastFrame.exhibit === 'tokens'")
    page.exhibit("tokens")


def test_a_key_typed_just_before_going_back_is_not_lost(page: CutawayPage):
    page.open("tokens")
    text = page.shown_text()
    page.rest()
    page.page.evaluate(
        """text => {
        const box = document.querySelector("textarea.text");
        box.value = `${text}x`;
        box.dispatchEvent(new Event("input", { bubbles: true }));
        history.back();
    }""",
        text,
    )
    page.page.wait_for_function("window.cutaway.lastFrame.exhibit === 'machine'")
    page.wait_for_picture_of(f"{text}x")
    page.page.wait_for_function("location.hash.endsWith('x')")


def test_the_theme_button_says_what_it_does_and_does_it(page: CutawayPage):
    assert page.page.evaluate("document.documentElement.dataset.theme") == "paper"
    page.page.get_by_role("button", name="blueprint").click()
    page.page.wait_for_function("document.documentElement.dataset.theme === 'blueprint'")
    ground = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(15, 20, 32)"
