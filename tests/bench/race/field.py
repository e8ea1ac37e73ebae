"""Who races: a name and a label each, the module that holds it, and the environment that it runs in.

The first of a section is ours, and all ratios are to it. Nothing is imported here but what every process has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A contestant."""

    name: str
    label: str
    """As charts and tables call it."""
    module: str
    """In `contestants`; its `CONTESTANT` is made without arguments."""
    peer: bool = False
    """Whether it needs what `peers.txt` names, in an environment of its own."""
    same: bool = True
    """Whether it gives the same arrays, and so may be the best peer."""
    longest: int = 10**9
    """Of the tokens that it is asked for: past that it would take minutes."""
    precision: str | None = None
    """What it computes in whatever the task says."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of its process."""


PASSES = (
    Entry("ours", "Cutaway", "ours"),
    Entry("ours-all", "Cutaway, every tap", "ours_every_tap", same=False),
    Entry("unfused", "ONNX, unfused", "unfused"),
    Entry("by-hand", "PyTorch by hand", "by_hand"),
    Entry("transformers", "transformers, eager", "transformers_eager"),
    Entry("transformer-lens", "TransformerLens", "lens", peer=True),
    Entry("nnsight", "nnsight", "nnsight_trace", peer=True),
    Entry("bertviz", "bertviz's page", "bertviz_view", peer=True, same=False, longest=128),
)
DECODING = (
    Entry("ours", "Cutaway", "ours_decoding"),
    Entry("generate", "transformers.generate", "generate"),
    Entry("compiled", "torch.compile", "compiled"),
    Entry("genai", "onnxruntime-genai", "genai", peer=True),
    Entry("llama", "llama.cpp", "llama", peer=True),
)
READING = Entry("reading", "memory, read", "reading")
