"""Training: from plain text to a bundled checkpoint, with `python -m model.train`."""
