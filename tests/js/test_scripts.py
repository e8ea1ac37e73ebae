"""The unit tests of the page's scripts, `*.test.js` beside this file, as one test."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from app.page import assets
from tests.js import bundle, make_packed, run


def test_the_scripts_pass_their_unit_tests():
    status, said = run.unit_tests()
    assert status == 0, said


def test_what_the_scripts_unpack_is_what_the_server_packs():
    kept = base64.b64decode(json.loads(make_packed.FILE.read_text(encoding="utf-8")))
    assert kept == make_packed.packed(), "run python -m tests.js.make_packed"


def test_what_browsers_load_was_built_from_these_sources(tmp_path: Path):
    bundle.bundle(tmp_path)
    built = bundle.STATIC / assets.BUILT
    made, there = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in bundle.files(root)}
        for root in (tmp_path, built)
    )
    assert there == made, "run python -m tests.js.bundle"
