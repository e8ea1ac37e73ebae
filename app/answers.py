"""The three questions that the page asks while it is used: a frame, a cell, a draw. `app.payload` describes their form.

Each takes what the browser sent and gives a plain dictionary; what cannot be answered raises `app.fields.RequestError`.
"""

from __future__ import annotations

import codecs
import functools
import time
from typing import Any

from app import payload, payload_experts, payload_machine, payload_residual
from app.engine import Engine, Reading
from app.fields import Fields
from app.text import CHARACTERS
from model import routing, sampling
from model.sampling import MAX_SEED

DEFAULT_TEXT = "The little dog ran to the park because"
N_TOP = {"machine": 12, "tokens": 12, "attention": 12, "experts": 12, "residual": 12, "sampling": 40}
"""The exhibits, and how many of the likeliest entries each one lists."""
PIECES_PER_CHARACTER = 4
"""UTF-8 needs at most four bytes, so at most four tokens, to spell a character."""


class Answers:
    """Answers from one engine. Nothing is kept between calls except what the engine keeps."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def catalog(self) -> dict[str, Any]:
        """What the browser must know before its first request. Loads every model."""
        names = self.engine.names
        return {
            "models": {name: self._description(name) for name in names},
            "default": {"model": "gpt" if "gpt" in names else names[0], "text": DEFAULT_TEXT, "exhibit": "machine"},
            "limits": {"characters": CHARACTERS},
        }

    def _description(self, name: str) -> dict[str, Any]:
        model = self.engine.model(name)
        config = model.config
        experts = config.experts and {
            "n_experts": config.experts.n_experts,
            "top_k": config.experts.top_k,
            "d_expert": config.experts.d_expert,
            "layers": list(config.expert_layers),
            "active_parameters": model.parameters - routing.inactive_parameters(config),
        }
        return {
            "name": config.name,
            "family": config.family,
            "n_layers": config.n_layers,
            "n_heads": config.n_heads,
            "n_kv_heads": config.kv_heads,
            "d_head": config.head_width,
            "d_model": config.d_model,
            "n_ctx": config.n_ctx,
            "d_vocab": config.d_vocab,
            "positions": config.positions.scheme,
            "norm": config.norm,
            "experts": experts,
            "parameters": model.parameters,
        }

    def _read(self, fields: Fields) -> Reading:
        name = fields.choice("model", self.engine.names)
        return self.engine.read(
            fields.text("text"), name, fields.interventions("interventions", self.engine.model(name).config)
        )

    def _experts(self, fields: Fields, reading: Reading) -> dict[str, Any] | None:
        """The field `experts` of a frame; a changed model is run once more as it is, to say what changed."""
        layers = payload_experts.loads(reading.trace)
        if layers is None:
            return None
        change = None
        if reading.interventions:
            name = fields.choice("model", self.engine.names)
            untouched = self.engine.read(fields.text("text"), name).trace.logits[0, -1]
            describe = functools.partial(payload.entry, reading.model.tokenizer)
            change = payload_experts.change(untouched, reading.trace.logits[0, -1], describe)
        return {"layers": layers, "change": change}

    def _residual(self, fields: Fields, reading: Reading) -> dict[str, Any]:
        """The field `residual` of a frame."""
        config = reading.model.config
        return payload_residual.drawing(
            reading.trace,
            reading.model.lens,
            functools.partial(payload.entry, reading.model.tokenizer),
            query=fields.optional_integer("query", 0, config.n_ctx - 1),
            target=fields.optional_integer("target", 0, config.d_vocab - 1),
            against=fields.optional_integer("against", 0, config.d_vocab - 1),
            of=fields.choice("of", payload_residual.OF),
        )

    def frame(self, request: object) -> dict[str, Any]:
        """Everything that the open exhibit draws for one text."""
        begun = time.perf_counter()
        fields = Fields(request)
        exhibit = fields.choice("exhibit", N_TOP)
        settings, _ = fields.settings("sampling")
        reading = self._read(fields)
        packing = time.perf_counter()
        trace = reading.trace
        logits = trace.logits[0, -1]
        distribution = sampling.shape(logits, settings)
        describe = functools.partial(payload.entry, reading.model.tokenizer)
        arrays: dict[str, payload.Packed] = {}
        parts: dict[str, Any] = {}
        if exhibit == "attention":
            arrays = payload.patterns(trace)
        elif exhibit == "machine":
            arrays = payload_machine.drawing(trace)
        elif exhibit == "experts":
            arrays, parts["experts"] = payload_experts.routers(trace), self._experts(fields, reading)
        elif exhibit == "residual":
            parts["residual"] = self._residual(fields, reading)
        elif exhibit == "sampling":
            arrays = payload.curve(logits, distribution)
        answer = {
            "text": fields.text("text"),
            "notice": " ".join(reading.notices) or None,
            "tokens": payload.tokens(trace.streams["text"]),
            "clipped": trace.streams["text"].clipped,
            "next": payload.next_token(logits, distribution, describe, N_TOP[exhibit]),
            **parts,
            **payload.pack(arrays),
        }
        done = time.perf_counter()
        answer["timing_ms"] = {
            "tokenize": reading.tokenize_ms,
            "graph": reading.graph_ms,
            "pack": 1e3 * (done - packing),
            "total": 1e3 * (done - begun),
        }
        return answer

    def cell(self, request: object) -> dict[str, Any]:
        """One attention cell in exact numbers."""
        fields = Fields(request)
        reading = self._read(fields)
        trace, config = reading.trace, reading.model.config
        last = len(trace.tokens) - 1
        place = {
            "layer": fields.integer("layer", 0, config.n_layers - 1),
            "head": fields.integer("head", 0, config.n_heads - 1),
            "query": fields.integer("query", 0, last),
            "key": fields.integer("key", 0, last),
        }
        return {"text": fields.text("text"), **place, **payload.cell(trace, **place)}

    def draw(self, request: object) -> dict[str, Any]:
        """One more character's worth of text: a token, or the few that spell a character together."""
        fields = Fields(request)
        settings, seed = fields.settings("sampling")
        numbers = sampling.generator(seed, fields.integer("draw", 0, MAX_SEED)).random(PIECES_PER_CHARACTER)
        reading = self._read(fields)
        text = fields.text("text")
        tokenizer = reading.model.tokenizer
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        drawn: list[dict[str, Any]] = []
        spelled = ""
        for u in numbers.tolist():
            logits = self.engine.logits_after(reading, [token["id"] for token in drawn])
            chances = sampling.shape(logits, settings).chances
            id = sampling.draw(chances, u)
            drawn.append({**payload.entry(tokenizer, id), "chance": float(chances[id])})
            if id in tokenizer.special_ids:
                return {"text": text, "drawn": drawn, "u": float(numbers[0]), "ended": True}
            spelled += decoder.decode(tokenizer.bytes_of(id))
            if not decoder.getstate()[0]:
                break
        spelled += decoder.decode(b"", final=True)
        return {"text": text + spelled, "drawn": drawn, "u": float(numbers[0]), "ended": False}
