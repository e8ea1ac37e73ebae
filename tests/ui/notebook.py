"""A notebook's browser side for a widget: a plain page that mounts its module, and the bridge to the real object."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from playwright.sync_api import Browser, Frame, Page

from app.notebook.document import STATIC

MODEL = """
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
class Model {
  constructor(state) { Object.assign(this, { state, dirty: {}, listeners: new Map() }); }
  on(name, listener) { this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]); }
  off(name, gone) { this.listeners.set(name, this.listeners.get(name).filter((one) => one !== gone)); }
  fire(name, ...values) { for (const listener of this.listeners.get(name) ?? []) listener(...values); }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (JSON.stringify(this.state[name]) === JSON.stringify(value)) return;
    this.state[name] = this.dirty[name] = value;
    this.fire(`change:${name}`);
  }
  async say(data) { this.take(await window.kernel(data)); }
  save_changes() { const state = this.dirty; this.dirty = {}; this.say({ method: "update", state }); }
  send(content) { this.say({ method: "custom", content }); }
  take(messages) {
    for (const { method, state, content, buffers } of messages) {
      if (method === "custom") this.fire("msg:custom", content, buffers.map(bytes));
      else if (method === "update") for (const [name, value] of Object.entries(state ?? {})) {
        this.state[name] = value;
        this.fire(`change:${name}`);
      }
    }
  }
}
"""


class Notebook:
    """A plain page and a widget of this process, which speak through their messages as in a notebook.

    Args:
        browser: where the page is.
        patched: what puts the bridge in the place of a kernel's connection.
    """

    def __init__(self, browser: Browser, patched: pytest.MonkeyPatch) -> None:
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._said: list[dict[str, Any]] = []
        said = self._said

        class Bridge(BaseComm):
            def publish_msg(
                self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any
            ) -> None:
                written = [base64.b64encode(one).decode("ascii") for one in buffers or ()]
                if msg_type == "comm_msg":
                    said.append({**data, "buffers": written})

        patched.setattr(comm, "create_comm", lambda **options: Bridge(**options))

    def mount(self, widget: Any, ink: str = "black") -> Page:
        """A page that shows a widget, and writes in a colour."""
        self.widget = widget
        page = self._browser.new_page(viewport={"width": 1100, "height": 900}, reduced_motion="reduce")
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))
        page.expose_function("kernel", self._heard)
        page.set_content(f'<main style="color: {ink}"></main>')
        source = base64.b64encode((STATIC / "js" / "notebook" / "widget.js").read_bytes()).decode("ascii")
        state = {name: widget.get_state(name)[name] for name in widget.keys if not name.startswith("_")}
        state = {name: value for name, value in state.items() if name not in ("layout", "tabbable", "tooltip")}
        page.add_script_tag(content=f"{MODEL}; window.Model = Model;")
        page.evaluate(
            """async ([source, state]) => {
              const { default: { render } } = await import(`data:text/javascript;base64,${source}`);
              window.model = new window.Model(state);
              window.end = render({ model: window.model, el: document.querySelector("main") });
            }""",
            [source, state],
        )
        self.page = page
        return page

    def _heard(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """What the widget says to a message of the page."""
        self.widget._handle_msg({"content": {"data": data | {"buffer_paths": []}}, "buffers": []})
        return self._taken()

    def _taken(self) -> list[dict[str, Any]]:
        said, self._said[:] = list(self._said), []
        return said

    def sync(self) -> None:
        """Hands to the page what the widget has said by itself."""
        self.page.evaluate("messages => window.model.take(messages)", self._taken())

    def frame(self) -> Frame:
        """The frame in the widget, once it is there."""
        self.page.locator("iframe").wait_for()
        self.until(lambda: len(self.page.frames) == 2)
        return self.page.frames[1]

    def until(self, holds: Callable[[], bool], within_s: float = 60) -> None:
        """Waits while the page goes on."""
        end = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < end, (self.faults, self.widget.trait_values())
            self.page.wait_for_timeout(50)
