"""The faces come in parts: the first picture loads the small ones, and other characters bring the rest."""

from __future__ import annotations

import re

import pytest
from fontTools.ttLib import TTFont

from tests.ui import faces
from tests.ui.page import Pages

SHEET = faces.FONTS.parent / "css" / "theme.css"


def characters(ranges: str) -> set[int]:
    """The code points of "0020-007E,00A0"."""
    parts = (part.strip().removeprefix("U+").partition("-") for part in ranges.split(","))
    return {code for low, _, high in parts for code in range(int(low, 16), int(high or low, 16) + 1)}


def parts() -> dict[str, tuple[str, set[int]]]:
    """The weights and the characters of every part of a face, by the name of its file."""
    found = re.findall(r"@font-face \{(.*?)\}", SHEET.read_text(encoding="utf-8"), re.DOTALL)
    return {
        re.findall(r"fonts/([\w-]+)\.woff2", part)[0]: (
            re.findall(r"font-weight: ([\d ]+);", part)[0],
            characters(re.findall(r"unicode-range:\s*([^;]+);", part)[0]),
        )
        for part in found
    }


@pytest.mark.parametrize("face", faces.FACES)
def test_a_small_face_has_the_characters_and_weights_that_the_style_sheet_says(face: str):
    weights, told = parts()[f"{face}-first"]
    with TTFont(faces.first(face)) as small, TTFont(faces.FONTS / f"{face}.woff2") as whole:
        assert told == characters(faces.CHARACTERS)
        assert set(small.getBestCmap()) == told & set(whole.getBestCmap())
        axis = next(axis for axis in small["fvar"].axes if axis.axisTag == "wght")
        assert weights == f"{axis.minValue:.0f} {axis.maxValue:.0f}"


def test_the_parts_of_a_face_share_weights_and_no_character():
    told = parts()
    assert {weights for weights, _ in told.values()} == {"400 700"}
    for face in faces.FACES:
        first, rest = told[f"{face}-first"][1], told[face][1]
        assert not first & rest
        assert set(range(0x20, 0x100)) <= first | rest


def test_the_first_picture_loads_the_small_faces_and_a_letter_beyond_them_is_drawn_in_its_face(open_page: Pages):
    page = open_page(exhibit="machine", text="The dog ran")
    page.rest()
    loaded = "[...document.fonts].filter(({ status }) => status === 'loaded').map((face) => face.unicodeRange)"
    first, rest = "U+20-7E", "U+0-1F"  # where the parts begin, as the browser writes it
    beginnings = [ranges.split(",")[0] for ranges in page.page.evaluate(loaded)]
    assert beginnings == [first] * len(faces.FACES)
    page.paste("The dog r\u00e4n")
    page.page.wait_for_function(f"{loaded}.some((ranges) => ranges.startsWith('{rest}'))")
    page.rest()
    drawn = page.picture_of("machine")
    page.paste("The dog ran")
    page.paste("The dog r\u00e4n")
    page.rest()
    assert page.picture_of("machine") == drawn, "what was drawn before the face was there was not drawn again"
