"""The pack: every step of every exhibit as a figure, for whoever gives a first lecture on transformers.

FOLDER/index.html            all of them, each with its sentence and its files
FOLDER/CREDITS.txt           what they were made with, and by which formulas, with their sources
FOLDER/pack.json             what they were made of, by which an interrupted pack goes on
FOLDER/attention/1.svg, 1.png, 2.svg ...
"""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.running.version import version
from app.shooting.studio import ShootingError, Shown, Studio

INDEX, CREDITS, MADE_OF = "index.html", "CREDITS.txt", "pack.json"
KINDS = {"svg": "svg", "png": "png2"}
_ABOUT = """() => {
  const { store } = window.cutaway;
  const root = document.querySelector(`[data-exhibit="${store.state.exhibit}"]`);
  const shown = (selector) => [...root.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const said = (nodes) => nodes.map(({ innerText }) => innerText.trim().replace(/\\s+/g, " ")).join(" ");
  return {
    title: root.querySelector("h1").textContent,
    lead: said(shown(".lead p")),
    computed: said(shown(".notes > div:nth-child(3) p")),
  };
}"""


class Pack:
    """A pack in a folder.

    Args:
        folder: where; what of it is there is not made again.
        state: text, model and theme, where they are not the page's own.

    Raises:
        ShootingError: the folder holds a pack that was made of something else.
    """

    def __init__(self, folder: Path, state: dict[str, str]) -> None:
        self.folder = folder
        self.state = state
        made_of = {"version": version(), **state}
        file = folder / MADE_OF
        self._made: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {"of": made_of}
        self._made.setdefault("exhibits", {})
        if self._made["of"] != made_of:
            raise ShootingError(f"{folder} holds a pack of {self._made['of']}; name another folder for {made_of}.")

    def make(self, room: Studio, exhibits: Sequence[str]) -> int:
        """Draws what is not there yet, and writes index and credits; gives how many figures there are."""
        with tqdm(unit=" figures", disable=None) as bar:
            for exhibit in exhibits:
                self._exhibit(room, exhibit, bar)
        (self.folder / INDEX).write_text(index(self._made), "utf-8")
        (self.folder / CREDITS).write_text(credits(self._made), "utf-8")
        return sum(len(one["steps"]) for one in self._made["exhibits"].values())

    def _exhibit(self, room: Studio, exhibit: str, bar: tqdm[Any]) -> None:
        known = self._made["exhibits"].get(exhibit)
        if known and len(known["steps"]) == known["of"]:
            bar.update(known["of"])
            return
        bar.set_description(exhibit)
        with room.shown({"exhibit": exhibit, **self.state}) as shown:
            says = shown.steps()
            if shown.absent or not says:
                return
            known = self._made["exhibits"].setdefault(exhibit, {**shown.page.evaluate(_ABOUT), "of": len(says)})
            known.setdefault("steps", [])
            bar.update(len(known["steps"]))
            for at in range(len(known["steps"]), len(says)):
                known["steps"].append(self._step(shown, exhibit, at))
                _write(self.folder / MADE_OF, json.dumps(self._made, indent=1, ensure_ascii=False).encode())
                bar.update()

    def _step(self, shown: Shown, exhibit: str, at: int) -> dict[str, Any]:
        says = shown.to_step(at)
        files = {}
        for ending, kind in KINDS.items():
            figure = shown.make(kind, theme=self.state.get("theme", "paper"))
            files[ending] = f"{exhibit}/{at + 1}.{ending}"
            _write(self.folder / files[ending], figure.data)
        return {"says": says, "caption": figure.caption, "link": figure.link, **files}


def _write(path: Path, data: bytes) -> None:
    """A file that is whole, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)


_STYLE = """body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:#1c1b22;
background:#faf8f4}figure{margin:2rem 0}img{max-width:100%;border:1px solid #d9d5cc}figcaption small{color:#625e6b}"""


def index(made: dict[str, Any]) -> str:
    """The page that shows them all."""
    sections = []
    for one in made["exhibits"].values():
        figures = "\n".join(
            f'<figure><img src="{step["svg"]}" alt="{escape(step["caption"])}" loading="lazy"><figcaption>{number}. '
            f'{escape(step["says"])} <small><a href="{step["svg"]}">SVG</a> <a href="{step["png"]}">PNG</a> '
            f'<a href="{escape(step["link"])}">live</a></small></figcaption></figure>'
            for number, step in enumerate(one["steps"], 1)
        )
        sections.append(f"<section><h2>{escape(one['title'])}</h2><p>{escape(one['lead'])}</p>\n{figures}</section>")
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Cutaway: a pack of figures</title>'
        f"<style>{_STYLE}</style>\n<h1>Inside a transformer, step by step</h1>\n"
        f'<p>Made by Cutaway {escape(made["of"]["version"])}. <a href="{CREDITS}">Credits</a>.</p>\n'
        + "\n".join(sections)
        + "\n</html>\n"
    )


def credits(made: dict[str, Any]) -> str:
    """What the figures owe to whom."""
    captions = [step["caption"] for one in made["exhibits"].values() for step in one["steps"]]
    computed = "\n\n".join(
        f"{one['title']}\n{textwrap.fill(one['computed'], 100)}" for one in made["exhibits"].values()
    )
    return f"""These figures were made by Cutaway {made["of"]["version"]}, Apache-2.0; CITATION.cff says how to cite it.

Each says under it which model and weights, text and settings it shows, for example:
  {captions[0] if captions else "(there is none yet)"}
What a bundled model has read, and under which licences, its card says: model/checkpoints/NAME/CARD.md.

The faces are Inter, JetBrains Mono and Source Serif 4, under the SIL Open Font License 1.1.

How what they show is computed, with its sources:

{computed}
"""
