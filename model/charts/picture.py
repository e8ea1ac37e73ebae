"""A figure as an SVG file: drawn by Plotly in a Chromium of this machine, with no network, and made small.

Kaleido drives the browser; the extra `train` brings it. Letters stay text, in the faces that `model.charts.look` names.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from model.loops import in_a_loop_of_its_own

SVG = "http://www.w3.org/2000/svg"
KEPT = {"clip-path", "d", "height", "text-anchor", "transform", "viewBox", "width", "x", "y", "cx", "cy", "r", "dy"}
"""Attributes that say what is drawn where."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")


class NoBrowserError(RuntimeError):
    """No Chromium was found that could draw."""


def browser() -> str | None:
    """The path of a Chromium: $CHROMIUM, or one on the PATH; None if there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def svg(figures: Sequence[Any], chromium: str | None = None) -> list[str]:
    """The figures' pictures, each a whole SVG file; the same figure gives the same bytes.

    Args:
        figures: of `plotly.graph_objects`, each with its width and height.
        chromium: the browser's path; the one that `browser` finds unless given.

    Raises:
        NoBrowserError: there is none, or Kaleido is not installed.
    """
    path = chromium or browser()
    if path is None:
        raise NoBrowserError("Charts are drawn by Chromium, and none was found: install one or name it in CHROMIUM.")
    try:
        import kaleido
    except ImportError:
        raise NoBrowserError("Charts are drawn by kaleido, which pip install 'cutaway[train]' brings.") from None

    async def drawn() -> list[str]:
        async with kaleido.Kaleido(path=path, mathjax=False) as drawer:
            return [(await drawer.calc_fig(one, opts={"format": "svg"})).decode("utf-8") for one in figures]

    return [tidy(text, str(one.layout.meta)) for text, one in zip(in_a_loop_of_its_own(drawn()), figures, strict=True)]


def tidy(drawn: str, label: str) -> str:
    """The same picture in fewer words, and nothing that differs from one drawing to the next.

    Plotly leaves marks for its scripts, groups and clips that nothing stands in or uses, and random ids.

    Args:
        drawn: the SVG as Plotly gives it.
        label: what a screen reader says of it.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(drawn)
    used = list(dict.fromkeys(re.findall(r"url\(['\"]?#([^'\")]+)", drawn)))
    ids = {name: f"clip{number}" for number, name in enumerate(used, start=1)}
    for node in root.iter():
        kept = {name: _rounded(name, value) for name, value in node.attrib.items() if name in KEPT}
        kept |= {"id": ids[node.attrib["id"]]} if node.attrib.get("id") in ids else {}
        if "clip-path" in kept:
            kept["clip-path"] = f"url(#{ids[kept['clip-path'].partition('#')[2].rstrip(chr(39) + chr(34) + ')')]})"
        kept["style"] = _style(node.attrib.get("style", ""))
        if re.match(r"rotate\(0,", kept.get("transform", "")):
            del kept["transform"]
        node.attrib = {name: value for name, value in kept.items() if value}
    _prune(root)
    root.attrib |= {"role": "img", "aria-label": label}
    ElementTree.indent(root, "")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _rounded(name: str, value: str) -> str:
    """An attribute with its numbers to two digits after the point."""
    return value if name == "clip-path" else re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", value)


def _style(style: str) -> str:
    """What of a style changes how a thing looks."""
    parts = [part.strip() for part in style.split(";")]
    silent = r"(pointer-events|white-space|cursor|vector-effect|stroke-miterlimit): .*|[\w-]*opacity: 1"
    return "; ".join(part for part in parts if part and not re.fullmatch(silent, part))


def _prune(parent: ElementTree.Element) -> None:
    """Takes out of a node what draws nothing, and what only holds others together."""
    for child in list(parent):
        _prune(child)
        tag = child.tag.removeprefix(f"{{{SVG}}}")
        place = list(parent).index(child)
        unseen = "fill-opacity: 0" in child.get("style", "") and "stroke-opacity: 0" in child.get("style", "")
        nothing = (tag == "path" and child.get("d") in (None, "M0,0")) or (
            tag == "clipPath" and "id" not in child.attrib
        )
        if unseen or nothing or (tag in ("g", "defs") and not len(child)):
            parent.remove(child)
        elif tag == "g" and not child.attrib:
            parent[place : place + 1] = list(child)
