"""Reads the page of every bundled model in every exhibit, and holds what stands there against the passes.

Usage: python -m tests.ui.audit [MODEL ...]. Prints, for each text, model and exhibit, how many items were compared, and
each that does not hold; exit status 1 if there is one.
"""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

from tests.ui import chromium
from tests.ui.audit.exhibits import audit
from tests.ui.audit.sight import CHECKPOINTS, Passes, open_page
from tests.ui.server import serve

TEXTS = {
    "gpt": ("The little dog ran to the park because", "Once upon a time, naïve Zoë saw two birds. “Hello!” they"),
    "bert": ("The little dog ran to the [MASK] .", "Once upon a time, naïve Zoë saw two birds."),
    "t5": ("fill: The little girl <extra_id_0> to the park.", "The little dog ran to the park because"),
}
"""By family."""
MOST_PRINTED = 40
"""Faults of one exhibit; of more, the number alone is told."""


def main() -> int:
    """All of it."""
    models = sys.argv[1:] or sorted(folder.name for folder in CHECKPOINTS.iterdir() if folder.is_dir())
    passes, compared, wrong = Passes(whole=True), 0, 0
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for model in models:
            for text in TEXTS[passes.checkpoint(model).config["family"]]:
                print(f"{model} on {text!r}")
                page = open_page(browser, url)
                for exhibit, finding in audit(page, passes, model, text):
                    compared += finding.compared
                    wrong += len(finding.faults)
                    print(f"  {exhibit}: {finding.compared:,} compared, {len(finding.faults)} wrong", flush=True)
                    for fault in finding.faults[:MOST_PRINTED]:
                        print(f"    {fault}")
                    if len(finding.faults) > MOST_PRINTED:
                        print(f"    and {len(finding.faults) - MOST_PRINTED} more")
                page.close()
        browser.close()
    print(f"{compared:,} items compared, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
