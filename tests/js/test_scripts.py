"""The unit tests of the page's scripts, `*.test.js` beside this file, as one test."""

from __future__ import annotations

from tests.js import run


def test_the_scripts_pass_their_unit_tests():
    status, said = run.unit_tests()
    assert status == 0, said
