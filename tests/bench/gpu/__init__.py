"""The graphs on a GPU: where their nodes run, whether they agree, how fast they are, and what the card could do.

`python -m tests.bench.gpu` runs it. `models` says what is run, `machine` on what; a module a section says what is
asked: `placement`, `parity`, `ceilings`, `speed`, whose `runners` are ours and the ways of PyTorch. `results` keeps
what came out, `readme` tells it. The race on the CPU, `tests.bench.race`, lends its way to count turns.
"""
