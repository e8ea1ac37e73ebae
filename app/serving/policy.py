"""What every answer tells the browser to forbid. The page needs nothing from anywhere but its own server.

The Content-Security-Policy of the page starts from nothing and opens what is used. Two directives are wider than ours
alone would need, and Gradio is why:

- `script-src 'unsafe-eval'`: Gradio makes a function of the text in `js_on_load` (`new Function`), and ours stands in
  the page that this server wrote. Inline scripts stay shut: those of Gradio's template, and the one that names the open
  exhibit's script beforehand, are named by their digests, and markup that came in from outside could bring none.
- `style-src 'unsafe-inline'`: Gradio's template, its components and Plotly set `style` attributes and write style
  sheets from scripts; a style can load nothing here, since images and fonts come from this server too.

Who may frame the page: it keeps nothing of its visitors and has nobody logged in, so a hosted one may stand in any
page; one on the loopback interface only in pages from this machine.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)

NEVER = "accelerometer=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()"
EVERY_ANSWER = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", NEVER.encode()),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""On everything that is sent."""
NOTHING = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""Of answers that are no page: should a browser show one, it may do nothing."""


def inline_digests(html: str) -> list[str]:
    """The digests of a page's inline scripts, as a policy names them."""
    scripts = (match.encode("utf-8") for match in _INLINE_SCRIPT.findall(html))
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode("ascii") for script in scripts)
    return [f"'sha256-{digest}'" for digest in dict.fromkeys(digests)]


def of_page(html: str, ancestors: Iterable[str]) -> str:
    """The Content-Security-Policy of a page.

    Args:
        html: the page.
        ancestors: the sources, as CSP writes them, that may frame it besides itself.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'unsafe-eval'", *inline_digests(html)],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],  # pictures that the page makes of its own drawings
        "connect-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'", *ancestors],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
