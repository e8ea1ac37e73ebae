"""Errors of libraries written in Rust: a panic comes as no `Exception`, and would end the thread that it is in."""

from __future__ import annotations


def is_failure(error: BaseException) -> bool:
    """Whether an error is one of the work, a panic among them, and no wish to stop.

    PyO3 derives its PanicException from BaseException, and gives no name to import it by.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
