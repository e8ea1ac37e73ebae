"""Puts the parts of a server together: the page over an engine, Gradio behind the door, the files, and what the server
tells of itself.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI

from app.api.answers import Programs as Asked
from app.api.endpoints import Endpoints
from app.engine import Engine
from app.page import charts, page
from app.page.answers import Answers
from app.page.calls import frames
from app.page.desk import Desk
from app.running import version
from app.running.clients import networks
from app.running.limits import Limits
from app.serving import door, gradios, visitors
from app.serving.door import Door, House
from app.serving.files import ASK_AGAIN, FOR_EVER, Answer, Folder
from app.serving.listening import is_loopback
from app.serving.metrics import Metrics
from app.serving.offers import Offers
from app.serving.programs import Programs
from app.serving.soundness import Inspector
from app.serving.whole_page import get, render
from export.runtime import ready
from model.loops import in_a_loop_of_its_own

NOT_SERVED = ("screenshots",)
"""Folders in `static/` that are for the README."""
NO_MODEL = "There is no model to show. `python -m export build gpt` makes the graphs of the bundled one."
NO_MCP = "MCP needs a package more: pip install 'cutaway[mcp]'."
LOCAL_PAGES = ("http://localhost:*", "http://127.0.0.1:*")
EVERY_PAGE = ("*",)
RESTS_S = 60.0
"""How long Gradio's queue sleeps between two looks. Nothing is ever in it, and by itself it looks 1,100 times a second:
that takes the interpreter from the threads that compute, and with many visitors every answer waits for it."""

logger = logging.getLogger(__name__)


class NoModelError(Exception):
    """There is nothing that could be shown; the message says why, and what to do."""


class NoMcpError(Exception):
    """MCP is asked for, and cannot be offered; the message says what to do."""


class CutawayServer:
    """Everything of one server but its sockets.

    Args:
        engine: the models.
        host: the address that it listens on.
        limits: its bounds.
        root: the path in front of it, "/cutaway", or the whole address that it is reached by; "" for none.
        alone: whether all requests of a visitor come here, and not some to another server behind the same address.
    """

    def __init__(self, engine: Engine, host: str, limits: Limits, root: str = "", alone: bool = True) -> None:
        self.engine = engine
        self.metrics = Metrics()
        listed = ready.listed(limits.models)
        for one in listed:
            if one.folder:
                engine.add(one.repository, one.folder)
        self.offers = Offers(listed)
        self.inspector = Inspector(engine)
        self.inspector.look()
        if not engine.names:
            raise NoModelError(
                "; ".join([NO_MODEL, *(f"{name} is {how}" for name, how in self.inspector.found.items())])
            )
        self.answers = Answers(engine, self.offers.entries)
        self.stopping = False
        outside = urlsplit(root if "://" in root else f"//{root}" if root and not root.startswith("/") else root)
        self.root = outside.path.rstrip("/")
        self._ancestors = ancestors(host, limits)
        self._ours = Folder(
            page.STATIC,
            skipped=NOT_SERVED,
            besides={charts.SCRIPT: charts.script()},
            live=not page.ASSETS.are_built,
        )
        self.version = self._ours.version()
        self.files = f"v/{self.version}"
        desk = Desk(limits, self.metrics.waited)
        self.metrics.waiting.set_function(lambda: desk.turns.waiting)
        endpoints = Endpoints(Asked(self.answers), desk, self.metrics.watched) if limits.api else None
        self.blocks = page.build(
            engine,
            files=self.files,
            answers=self.answers,
            watched=self.metrics.watched,
            desk=desk,
            besides=endpoints.register if endpoints else lambda: None,
        )
        self._gradio = mounted(self.blocks, page.ASSETS.head(self.files), mcp=limits.api and limits.mcp)
        self._shown: tuple[str, ...] = ()
        self._page: Answer | None = None
        self._rendering = threading.Lock()
        names = [*visitors.listed(limits.hosts), *filter(None, [outside.hostname])]
        self.door = Door(
            House(
                gradio=self._gradio,
                frame=frames(desk, self.metrics.watched(self.answers.frame)),
                functions=page.functions(self.blocks),
                page=self.page,
                files={f"/{self.files}/": self._ours, **gradios_files()},
                single={"/favicon.ico": self._ours.answer("favicon.svg"), "/robots.txt": door.robots()}
                | {"/theme.css": in_a_loop_of_its_own(self._theme())},
                told={"/healthz": self.health, "/version": self._version, "/metrics": self._metrics},
            ),
            visitors.Visitors.of(host, names, networks(limits.trusted_proxies)),
            limits,
            self.root,
            programs_of(self.blocks, limits, alone) if limits.api else None,
            count=self.metrics.count,
        )
        self.page()

    def page(self) -> Answer:
        """The page as it is sent, written anew where the models that it offers are others than before."""
        with self._rendering:
            names = (*self.engine.names, *(entry.name for entry in self.offers.entries()))
            if self._page is None or names != self._shown:
                page.describe_anew(self.blocks, self.answers, self.files)
                theme = self.blocks.config.get("theme_hash")
                hints = page.ASSETS.hints(self.files, gradios.hints(gradios.frontend(), theme))
                self._page = in_a_loop_of_its_own(render(self._gradio, hints, self._ancestors))
                self._shown = names
            return self._page

    def opened(self) -> None:
        """The page answers; what may come after that begins."""
        # What is loaded by now stays for good; a full collection that goes through it keeps a key waiting for 100 ms.
        gc.collect()
        gc.freeze()
        self.inspector.begin_to_read()
        self.offers.begin()

    def close(self) -> None:
        """The server is told to stop: what runs beside the answers in hand ends."""
        self.stopping = True
        self.offers.end()
        self.answers.fetcher.close()
        self.inspector.end()

    def health(self) -> tuple[int, Answer]:
        """Whether the server answers, and how each model stands."""
        if self.stopping:
            return door.told({"status": "stopping"}, 503)
        names = self.engine.names
        return door.told(
            {"status": "ok" if names else "no model", "models": self.inspector.told}, 200 if names else 503
        )

    def _version(self) -> tuple[int, Answer]:
        return door.told(version.told(self.version))

    def _metrics(self) -> tuple[int, Answer]:
        self.metrics.offered.set(len(self.engine.names))
        self.metrics.models.set(self.engine.n_loaded)
        return 200, self.metrics.answer()

    async def _theme(self) -> Answer:
        _, body = await get(self._gradio, "/theme.css")
        return Answer.of(body, "text/css; charset=utf-8", FOR_EVER)  # it is asked for with its digest


def ancestors(host: str, limits: Limits) -> tuple[str, ...]:
    """Who may frame the page; app/serving/policy.py says why."""
    if limits.frame_ancestors:
        return tuple(limits.frame_ancestors.split())
    return LOCAL_PAGES if is_loopback(host) else EVERY_PAGE


def programs_of(blocks: gr.Blocks, limits: Limits, alone: bool) -> Programs:
    """The endpoints of a page as the door knows them."""
    named = {number: fn for number, fn in blocks.fns.items() if fn.api_name}
    return Programs(
        {str(fn.api_name): len(fn.inputs) for fn in named.values()},
        {number: str(fn.api_name) for number, fn in named.items()},
        limits,
        mcp=limits.mcp,
        queue=alone,
    )


def mounted(blocks: gr.Blocks, head: str, mcp: bool = False) -> FastAPI:
    """Gradio's application for a page, behind no server of its own: nothing of it is asked from within.

    Raises:
        NoMcpError: MCP is asked for, and its package is missing.
    """
    if mcp and find_spec("mcp") is None:
        raise NoMcpError(NO_MCP)
    outer = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    gr.mount_gradio_app(
        outer,
        blocks,
        "/",
        root_path="",  # Gradio would take GRADIO_ROOT_PATH; the page finds its path in the browser
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1kb",  # nothing is ever uploaded
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=mcp,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=head,
    )
    queue = blocks._queue
    queue.sleep_when_free = queue.progress_update_sleep_when_free = RESTS_S
    return outer


def gradios_files() -> Mapping[str, Folder]:
    """Those of Gradio's own files that its page loads, by the beginnings of their addresses."""
    frontend = gradios.frontend()
    return {
        "/assets/": Folder(frontend / "assets"),
        "/static/js/": Folder(frontend / "static" / "js", ASK_AGAIN),
    }
