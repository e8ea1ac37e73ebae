"""The repository as a Space of the hub: its front matter, and the app as a Space starts it."""

from __future__ import annotations

from importlib.metadata import version

import httpx
from PIL import Image
from playwright.sync_api import Browser

from app.engine import Engine
from model import zoo
from model.tokenizers import from_hub
from tests.ui import space
from tests.ui.page import Pages
from tests.ui.server import ROOT


def test_the_front_matter_names_what_is_there():
    told = space.front_matter()
    assert told["sdk"] == "gradio"
    assert told["sdk_version"] == version("gradio")
    assert (ROOT / str(told["app_file"])).is_file()
    assert len(str(told["short_description"])) <= 60  # the hub cuts it there
    assert told["models"] == [entry.name for entry in zoo.HUB]
    preloaded = [str(line).split() for line in told["preload_from_hub"]]
    assert {name for name, _ in preloaded} < set(from_hub.SUGGESTED)
    assert {file for _, file in preloaded} == {from_hub.FILE}
    assert len(told["tags"]) > 3


def test_the_thumbnail_is_a_small_picture_of_the_page():
    address = str(space.front_matter()["thumbnail"])
    name = address.partition("/resolve/main/")[2]
    with Image.open(ROOT / name) as picture:
        assert picture.size == (1200, 630)
        assert len(picture.convert("RGB").getcolors(100_000) or []) > 20
    assert (ROOT / name).stat().st_size < 100_000


def test_a_space_starts_from_a_read_only_source_and_an_empty_home(browser: Browser):
    with space.started() as url:
        pages = Pages(browser, url)
        page = pages()
        page.type(space.TYPED)
        assert page.frame()["next"]["top"][0]["id"] == int(Engine().trace(space.TYPED).logits[0, -1].argmax())
        pages.close()
        with httpx.Client(base_url=url, trust_env=False) as http:
            assert http.get("/", headers={"Host": "someone-cutaway.hf.space"}).status_code == 200
            assert http.get("/config").status_code == 404  # strangers' programs are not answered
            assert http.get("/healthz").json()["status"] == "ok"
