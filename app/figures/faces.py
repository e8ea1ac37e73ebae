"""The page's faces, cut to the characters that one figure writes.

A figure must look the same wherever it is opened, so it carries its type; whole, the faces would be ten times as
heavy as the figure. The same characters give the same bytes.
"""

from __future__ import annotations

import base64
import functools
import io
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from app.wire.fields import Fields, RequestError

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
FILES = {
    ("Inter", "normal"): ("inter-latin-wght-normal", "inter-latin-ext-wght-normal"),
    ("JetBrains Mono", "normal"): ("jetbrains-mono-latin-wght-normal", "jetbrains-mono-latin-ext-wght-normal"),
    ("Source Serif 4", "normal"): ("source-serif-4-latin-opsz-normal", "source-serif-4-latin-ext-wght-normal"),
    ("Source Serif 4", "italic"): ("source-serif-4-latin-wght-italic",),
}
"""By family and style, the files that hold the characters, the likeliest first."""
FORMATS = ("woff2", "ttf")
MOST_FACES, MOST_CHARACTERS = 8, 4_000
FEATURES = ["kern", "tnum", "mark", "mkmk", "ccmp", "locl"]
"""Of the layout: no ligatures, since a token's characters must stay apart."""
OPTICAL = 14
"""Px for which a fixed face is cut, where it differs by size."""
KEPT = 64


def faces(request: object) -> dict[str, Any]:
    """The faces that a figure asks for: {"format", "faces": [{family, style, weights, characters}]}.

    As "woff2", a face comes as one file with all its weights; as "ttf", as a file for each weight, which is what a PDF
    embeds. Which characters a face does not hold, `missing` says, by family and style: they are left to other fonts.

    Raises:
        RequestError: there are too many of them, or too many characters.
    """
    fields = Fields(request)
    format = fields.choice("format", FORMATS)
    cut: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for face in fields.objects("faces", MOST_FACES):
        family, style = face.text("family"), face.text("style")
        characters = face.text("characters")
        if len(characters) > MOST_CHARACTERS:
            raise RequestError(f"characters are {len(characters)}; send at most {MOST_CHARACTERS}.")
        weights = face.value("weights") if format == "ttf" else None
        made, left = _cut(family, style, characters, _weights(weights))
        cut += [
            {"family": family, "style": style, "weights": said, "data": base64.b64encode(data).decode("ascii")}
            for said, data in made
        ]
        missing.append({"family": family, "style": style, "characters": left})
    return {"faces": cut, "missing": missing}


def _weights(given: object) -> tuple[int, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > 9 or not all(type(one) is int and 1 <= one <= 1000 for one in given):
        raise RequestError(f"weights are {given!r:.60}; send at most nine whole numbers from 1 to 1000.")
    return tuple(given)


@functools.lru_cache(KEPT)
def _cut(family: str, style: str, characters: str, weights: tuple[int, ...]) -> tuple[list[tuple[str, bytes]], str]:
    """The files that hold some characters: the weights that a file is for, as CSS writes them, and its bytes. And the
    characters that none holds.
    """
    left = set(characters)
    made = []
    for name in FILES.get((family, style), ()):
        with TTFont(FONTS / f"{name}.woff2", recalcTimestamp=False) as font:
            held = {character for character in left if ord(character) in font.getBestCmap()}
            left -= held
            if not held:
                continue
            options = subset.Options(layout_features=FEATURES, notdef_outline=True, name_IDs=[1, 2, 6])
            cutter = subset.Subsetter(options)
            cutter.populate(text="".join(sorted(held)))
            cutter.subset(font)
            if not weights:
                weight = next(axis for axis in font["fvar"].axes if axis.axisTag == "wght")
                made.append((f"{weight.minValue:g} {weight.maxValue:g}", _bytes(font, "woff2")))
            variable = _bytes(font, None)
        made += [(str(weight), _fixed(variable, weight)) for weight in weights]
    return made, "".join(sorted(left))


def _fixed(variable: bytes, weight: int) -> bytes:
    """A variable face at one weight."""
    with TTFont(io.BytesIO(variable), recalcTimestamp=False) as font:
        axes = {axis.axisTag: axis for axis in font["fvar"].axes}
        wanted = {"wght": float(weight), "opsz": float(OPTICAL)}
        held = {tag: max(axis.minValue, min(axis.maxValue, wanted[tag])) for tag, axis in axes.items()}
        return _bytes(instancer.instantiateVariableFont(font, held), None)


def _bytes(font: TTFont, flavor: str | None) -> bytes:
    font.flavor = flavor
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()
