"""Which of Gradio's files its page loads: read out of its scripts, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

from app.serving import gradios

START = """const d=(m.f||(m.f=["./Index-1.js","./core-2.js","./src-3.css"]));
go(()=>import(`./Index-1.js`),__vite__mapDeps([0,1,2]),import.meta.url)"""
INDEX = """const d=(m.f||(m.f=["./Blocks-4.js","./blocks-5.css","./Login-6.js"]));
go(async()=>{let{default:e}=await import(`./Blocks-4.js`);return{default:e}},__vite__mapDeps([0,1]));
go(async()=>{let{default:e}=await import(`./Login-6.js`);return{default:e}},__vite__mapDeps([2]))"""
CORE = """const d=(m.f||(m.f=["./HTML-7.js","./html-8.css","./Video-9.js"]));
x={video:{component:()=>v(()=>import(`./Video-9.js`),__vite__mapDeps([2]),u)},html:{base:()=>v(()=>import(`./HTML-7.js`)
.then(e=>e.t),__vite__mapDeps([0,1,9]),u)}}"""
FILES = {
    "Index-1.js": INDEX,
    "core-2.js": CORE,
    "src-3.css": "",
    "Blocks-4.js": "",
    "blocks-5.css": "",
    "HTML-7.js": "",
}


def made(folder: Path, start: str = START) -> Path:
    (folder / "assets").mkdir()
    (folder / "index.html").write_text('<script type="module" src="./assets/index-0.js"></script>')
    for name, text in {**FILES, "index-0.js": start, "Login-6.js": "", "Video-9.js": ""}.items():
        (folder / "assets" / name).write_text(text)
    return folder


def test_what_the_page_comes_to_load_is_named_in_its_order(tmp_path: Path) -> None:
    found = gradios.loaded(made(tmp_path))
    assert found == ("index-0.js", *FILES)  # of the list, html-8.css is not there, and 9 is no number


def test_of_scripts_that_are_not_known_only_the_first_is_named(tmp_path: Path) -> None:
    assert gradios.loaded(made(tmp_path, "import('elsewhere')")) == ("index-0.js",)


def test_of_the_installed_gradio_every_wave_is_known() -> None:
    hints = gradios.hints(gradios.frontend(), "abc")
    kinds = {re.split(r"-", name)[0] for name in re.findall(r'href="assets/([^"]+)"', hints)}
    assert {"index", "Index", "core", "Blocks", "HTML"} <= kinds
    assert "theme.css?v=abc" in hints
    assert len(gradios.loaded(gradios.frontend())) < 50
