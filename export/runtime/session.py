"""Runs a graph with ONNX Runtime: arrays in, logits, taps and cache out.

No torch here: this and the graph files are all that serving needs. What the caller leaves out takes its neutral value
(nothing masked, every head's gate open, no expert favoured, one segment, an empty past), so that one graph serves every
request.

Axes: batch; pos and query (the tokens of this call), past (those of the cache), key (past and pos together); encoder
(the tokens of the text that a T5 read), decoder (those that it writes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from export import runtime
from export.runtime import GraphName, Precision, ending, other_weights
from export.runtime.layout import FINGERPRINT, INT8_FINGERPRINT, MADE_OF, digest, fingerprint, metadata
from model import config as configs
from model.config import Place

Array = NDArray[Any]
Cache = tuple[tuple[Array, Array], ...]
"""One (key, value) pair per block. *Shape:* (batch, kv_head, key, d_head) each, a value of its own width; (batch,
encoder, heads x d_head) where a decoder looks across."""

WEIGHTS, INT8_WEIGHTS = "model.safetensors", "model.int8.safetensors"
DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}
NEUTRAL: Mapping[str, float | bool] = {
    "attention_mask": True,
    "decoder_attention_mask": True,
    "cross_attention_mask": True,
    "head_gate": 1.0,
    "decoder_head_gate": 1.0,
    "cross_head_gate": 1.0,
    "head_bias": 0.0,
    "decoder_head_bias": 0.0,
    "cross_head_bias": 0.0,
    "mlp_gate": 1.0,
    "decoder_mlp_gate": 1.0,
    "mlp_bias": 0.0,
    "decoder_mlp_bias": 0.0,
    "neuron_gate": 1.0,
    "decoder_neuron_gate": 1.0,
    "expert_bias": 0.0,
    "token_type_ids": 0,
}
"""What changes nothing, for each input that may be left out."""
PREFIX: Mapping[Place, str] = {"text": "", "encoder": "", "decoder": "decoder_", "cross": "cross_"}
"""What the names of inputs begin with that act on one kind of attention, or on the feed-forward parts of a stack."""
PAST, CROSS, PRESENT = "past_key_values.", "cross_key_values.", "present."


@dataclass(frozen=True)
class Run:
    """What one run of a graph gave."""

    logits: Array
    """*Shape:* (batch, pos, d_vocab); no columns where the model predicts no tokens."""
    taps: Mapping[str, Array]
    """The taps that were asked for; their axes are in `model.taps.table(config)`."""
    cache: Cache | None
    """Keys and values of all tokens so far, if asked for."""
    cross: Cache | None = None
    """What T5's decoder looks across at, of its encoder's graph."""
    heads: Mapping[str, Array] = field(default_factory=dict)
    """What BERT's other heads say: next_sentence, pooled, replaced, hidden, as in
    `model.transformer.bert.BertOutput`."""


class Session:
    """A checkpoint's graph, loaded and ready; threads may share it.

    Args:
        folder: holds config.json, model.safetensors and the graphs that `python -m export build` writes.
        graph: "tapped" gives every inner value, "fused" logits and cache only; T5 has "encoder" and "decoder" instead.
        providers: ONNX Runtime's execution providers in order of preference; the fastest that works here, unless given.
        precision: "fp16" and "int8" are there once `python -m export build --precision` wrote them; of "tapped" never.
        spins: whether its threads spin within a run, see `runtime.options`.
        weights: what stands in the place of the file's tensors, by their names; those that are left out are the file's.

    Raises:
        FileNotFoundError: the folder holds no such graph, or no weights.
        ValueError: the weights are not those that the graph was built for: a file is laid out otherwise, the 8-bit
            weights were made of others, or `weights` do not fit, see `export.runtime.other_weights`.
    """

    def __init__(
        self,
        folder: Path,
        graph: GraphName = "tapped",
        providers: Sequence[str] | None = None,
        precision: Precision = "float32",
        spins: bool = False,
        weights: Mapping[str, Array] | None = None,
    ) -> None:
        path = runtime.file(Path(folder), graph, precision)
        build = f"python -m export build {path.parent}" + f" --precision {precision}" * (precision != "float32")
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; {build} writes it")
        keys = {FINGERPRINT: WEIGHTS} | ({INT8_FINGERPRINT: INT8_WEIGHTS} if precision == "int8" else {})
        for name in keys.values():
            if not (path.parent / name).is_file():
                raise FileNotFoundError(f"{path.parent / name} is missing; {path.name} holds no weights of its own")
        if precision == "int8" and metadata(path.parent / INT8_WEIGHTS).get(MADE_OF) != digest(path.parent / WEIGHTS):
            raise ValueError(f"{path.parent / INT8_WEIGHTS} was made of another {WEIGHTS}; {build} mends it")
        self.config = configs.load(path.parent)
        self.graph = graph
        options = runtime.options(spins)
        replaced = other_weights.as_stored(path.parent / WEIGHTS, weights) if weights else {}
        self._lent = runtime.replace_weights(options, replaced)
        self.inner = runtime.load(path, providers or runtime.default_providers(graph), options)
        stated = self.inner.get_modelmeta().custom_metadata_map
        for key, name in keys.items():
            if stated.get(key) != fingerprint(path.parent / name):
                raise ValueError(f"{path} points into another {name}; {build} mends it")
        self.inputs = {node.name: node for node in self.inner.get_inputs()}
        self.outputs = tuple(node.name for node in self.inner.get_outputs())

    @property
    def takes_past(self) -> bool:
        """Whether the graph goes on behind the keys and values of an earlier run."""
        return any(name.startswith(PAST) for name in self.inputs)

    def run(
        self,
        ids: ArrayLike,
        *,
        decoder_ids: ArrayLike | None = None,
        segments: ArrayLike | None = None,
        taps: Iterable[str] = (),
        past: Cache | None = None,
        cross: Cache | None = None,
        cache: bool = False,
        **interventions: ArrayLike | None,
    ) -> Run:
        """Runs the graph; only what is asked for is fetched.

        Args:
            ids: token ids; of a T5's decoder graph, those that it wrote. *Shape:* (batch, pos), or (pos,) for a batch
                of one.
            decoder_ids: what a T5's tapped graph wrote, `ids` being what it read. *Shape:* (batch, decoder).
            segments: which of a BERT's segments each token belongs to. Broadcasts to (batch, pos).
            taps: names from `model.taps.table(config)`.
            past: the cache of an earlier run; `ids` continue it.
            cross: what a run of a T5's encoder graph gave; its decoder graph needs it.
            cache: whether to return the grown cache.
            interventions: `attention_mask`, True where attending is allowed besides what the model forbids, broadcasts
                to (batch, query, key); in a T5 also `decoder_attention_mask` and `cross_attention_mask`, whose keys are
                the encoder's tokens. `head_gate`, what each head's output is multiplied by, (n_layers, n_heads), and
                `head_bias`, what is added to it then, (n_layers, n_heads, d_head); `mlp_gate` and `mlp_bias`, the same
                of what each feed-forward part adds, (n_layers,) and (n_layers, d_model); `neuron_gate`, what each
                hidden neuron of an MLP is multiplied by, (n_layers, d_mlp); in a T5 also all five with the prefix
                `decoder_`, and the first two with `cross_`. `expert_bias`, added to the router logits, minus infinity
                switches an expert off, (n_layers, n_experts).

        Raises:
            ValueError: an array does not fit the model, or the graph lacks what is asked for; the message says which.
            EndedError: whoever asked ended it meanwhile, see `export.runtime.ending`.
        """
        tokens = {"input_ids": self._checked_ids(ids)}
        if decoder_ids is not None:
            tokens["decoder_input_ids"] = self._checked_ids(decoder_ids)
        given = {name: value for name, value in interventions.items() if value is not None}
        if segments is not None:
            given["token_type_ids"] = self._checked_segments(segments)
        given |= self._named(PAST, "past", past) | self._named(CROSS, "cross", cross) | tokens
        n_batch, n_read = tokens["input_ids"].shape
        n_pos = n_read if decoder_ids is None else tokens["decoder_input_ids"].shape[1]
        n_past = 0 if past is None else np.shape(past[0][0])[-2]
        self._check_context(max(n_past + n_pos, n_read))
        feed = self._feed(given, lengths(n_batch, n_pos, n_past, n_read if cross is None else np.shape(cross[0][0])[1]))

        tapped = list(taps)
        if unknown := [name for name in tapped if name not in self.outputs]:
            raise ValueError(f"the {self.graph} graph of {self.config.name} has no taps {unknown}")
        wanted = [name for name in self.outputs if name in HEADS or name.startswith(CROSS)]
        wanted += [name for name in self.outputs if cache and name.startswith(PRESENT)]
        names = list(dict.fromkeys([*wanted, *tapped]))
        values = dict(zip(names, ending.run(self.inner, names, feed), strict=True))
        return Run(
            values["logits"] if "logits" in values else np.empty((n_batch, n_pos, 0), np.float32),
            {name: values[name] for name in tapped},
            _pairs(PRESENT, values) if cache else None,
            _pairs(CROSS, values) or None,
            {name: values[name] for name in HEADS if name in values and name != "logits"},
        )

    def _checked_ids(self, ids: ArrayLike) -> Array:
        tokens = np.asarray(ids)
        tokens = tokens[None] if tokens.ndim == 1 else tokens
        if tokens.ndim != 2 or tokens.size == 0 or tokens.dtype.kind not in "iu":
            raise ValueError(
                f"ids are {tokens.dtype} of shape {np.shape(ids)}; they should be integers, (batch, pos), at least one"
            )
        last = self.config.d_vocab - 1
        if tokens.min() < 0 or tokens.max() > last:
            raise ValueError(f"ids lie in {tokens.min()}..{tokens.max()}; the vocabulary's are 0..{last}")
        return tokens.astype(np.int64)

    def _checked_segments(self, segments: ArrayLike) -> Array:
        numbers = np.asarray(segments)
        n_segments = self.config.n_segments
        if n_segments and (numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= n_segments):
            raise ValueError(f"segments are {numbers.dtype}; they should be integers in 0..{n_segments - 1}")
        return numbers

    def _check_context(self, n_keys: int) -> None:
        if self.config.positions.ends and n_keys > self.config.n_ctx:
            raise ValueError(f"{n_keys} tokens, but its positions end at n_ctx = {self.config.n_ctx}; clip the text")

    def _named(self, prefix: str, argument: str, cache: Cache | None) -> dict[str, Array]:
        """A cache under the names of the graph's inputs."""
        if cache is None:
            return {}
        names = [name for name in self.inputs if name.startswith(prefix)]
        tensors = [tensor for pair in cache for tensor in pair]
        if len(names) != len(tensors):
            raise ValueError(
                f"{argument} holds {len(tensors)} tensors; the {self.graph} graph of {self.config.name} takes "
                f"{len(names)}, two a block"
            )
        return dict(zip(names, tensors, strict=True))

    def _feed(self, given: Mapping[str, ArrayLike], lengths: Mapping[str, int]) -> dict[str, Array]:
        """Every input: what was given, brought to the graph's shape and type, else the neutral value."""
        if foreign := given.keys() - self.inputs.keys():
            raise ValueError(f"the {self.graph} graph of {self.config.name} takes no {', '.join(sorted(foreign))}")
        feed = {}
        for name, node in self.inputs.items():
            shape = tuple(lengths.get(axis, axis) for axis in node.shape)
            if name not in given and not (name in NEUTRAL or name.startswith(PAST)):
                raise ValueError(f"the {self.graph} graph of {self.config.name} needs {NEEDED.get(name, 'cross')}")
            value: Array = np.asarray(given.get(name, NEUTRAL.get(name, 0.0)), DTYPES[node.type])
            if value.shape != shape:
                if (name in given and name not in NEUTRAL) or not broadcasts(value.shape, shape):
                    axes = ", ".join(str(axis) for axis in node.shape)
                    raise ValueError(f"{name} has shape {value.shape}; ({axes}) should be {shape}")
                value = np.broadcast_to(value, shape)
            feed[name] = np.ascontiguousarray(value)
        return feed


HEADS = ("logits", "next_sentence", "pooled", "replaced", "hidden")
"""Outputs that every run fetches."""
NEEDED = {"decoder_input_ids": "decoder_ids"}
"""What `Session.run` calls an input that cannot be left out."""


def _pairs(prefix: str, values: Mapping[str, Array]) -> Cache:
    flat = [value for name, value in values.items() if name.startswith(prefix)]
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def lengths(batch: int, pos: int, past: int = 0, encoder: int = 0) -> dict[str, int]:
    """The length of every axis that a run chooses."""
    own = {"pos": pos, "query": pos, "decoder": pos, "past": past, "key": past + pos}
    return {"batch": batch, "encoder": encoder, **own}


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether NumPy's rules stretch one shape to the other."""
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
