"""Charts that open large: the button beside a chart, and the dialog that shows its figure. `static/js/page/chart.js`
brings both to life.

Plotly's script comes out of the installed package and is loaded when the first chart is opened.
"""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path

SCRIPT = "plotly.min.js"
"""The name by which the page asks for Plotly's script."""


def opener(call: str, chart: str) -> str:
    """The markup of the button; `call` is the exhibit's answer that gives the figure, `chart` names it to the ear."""
    return (
        f'<button type="button" class="plain open-large" data-call="{call}" aria-haspopup="dialog"'
        f' aria-label="Open large: {escape(chart)}" hidden>Open large</button>'
    )


def script() -> Path:
    """The file with Plotly's script; finding it imports nothing.

    Raises:
        ModuleNotFoundError: Plotly is not installed.
    """
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("Charts open large with plotly, which is not installed: pip install plotly")
    return Path(spec.origin).parent / "package_data" / SCRIPT


def dialog(files: str) -> str:
    """The markup of the dialog; `files` is the address under which `SCRIPT` is served."""
    tools = (
        ("in", "+", "Zoom in"),
        ("out", "−", "Zoom out"),
        ("all", "All", "Show all"),
        ("svg", "SVG", "Save as SVG"),
        ("png", "PNG", "Save as PNG"),
        ("csv", "CSV", "Save the numbers as CSV"),
    )
    buttons = "".join(
        f'<button type="button" data-does="{does}" aria-label="{name}" title="{name}">{face}</button>'
        for does, face, name in tools
    )
    return f"""<dialog class="chart-large" aria-label="Chart" data-script="{escape(files)}/{SCRIPT}">
    <div class="plot" role="img" tabindex="0"></div>
    <p class="chart-status" role="status"></p>
    <form method="dialog">{buttons}<button class="close">Close</button></form>
  </dialog>"""
