"""The faces of a figure: cut to what it writes, the same bytes each time."""

from __future__ import annotations

import base64
import io

import pytest
from fontTools.ttLib import TTFont

from app.figures.faces import MOST_CHARACTERS, faces
from app.wire.fields import RequestError


def asked(family: str, characters: str, format: str = "woff2", style: str = "normal"):
    face = {"family": family, "style": style, "weights": [450, 600], "characters": characters}
    return faces({"format": format, "faces": [face]})


def test_a_face_holds_the_characters_that_are_written_and_few_others():
    [cut] = asked("Inter", "Hello, 12 %")["faces"]
    font = TTFont(io.BytesIO(base64.b64decode(cut["data"])))
    assert {chr(code) for code in font.getBestCmap()} == set("Hello, 12 %")
    assert cut["weights"] == "100 900"


def test_the_same_characters_give_the_same_bytes():
    from app.figures.faces import _cut

    one = asked("JetBrains Mono", "·dog")
    _cut.cache_clear()
    assert asked("JetBrains Mono", "·dog") == one


def test_a_pdf_gets_a_file_for_each_weight():
    cut = asked("Source Serif 4", "The", "ttf", "italic")["faces"]
    assert [face["weights"] for face in cut] == ["450", "600"]
    assert all("fvar" not in TTFont(io.BytesIO(base64.b64decode(face["data"]))) for face in cut)


def test_what_no_face_holds_is_told():
    told = asked("JetBrains Mono", "a→犬")
    assert told["missing"] == [{"family": "JetBrains Mono", "style": "normal", "characters": "→犬"}]
    assert asked("Comic Sans", "ab")["missing"][0]["characters"] == "ab"


def test_too_much_is_refused_by_name():
    with pytest.raises(RequestError, match=f"at most {MOST_CHARACTERS}"):
        asked("Inter", "a" * (MOST_CHARACTERS + 1))
