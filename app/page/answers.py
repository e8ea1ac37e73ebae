"""What the page asks while it is used: a frame, a draw, what exhibits answer on a click; `app.wire.payload` tells the
form.

Each takes what the browser sent and gives a plain dictionary; what cannot be answered raises
`app.wire.fields.RequestError`.
"""

from __future__ import annotations

import codecs
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

from app.asked import pin
from app.asked.question import Question
from app.engine import Engine
from app.exhibits import WALK, registry
from app.figures import answers as figures
from app.figures import faces
from app.page import card
from app.page.traits import traits
from app.running import budget
from app.running.fetching import Fetcher, Progress
from app.running.model import N_WRITTEN, is_large
from app.wire import payload
from app.wire.fields import Fields, RequestError
from app.wire.text import CHARACTERS, unfamiliar
from model import zoo
from model.study import routing, sampling
from model.study.sampling import MAX_SEED

DEFAULT_TEXT = "The little dog ran to the park because"
OWN = ("frame", "draw", "card", "faces", "figure", "figure_numbers", "fetch", "fetched", "cancel")
"""The answers that are no exhibit's."""
LONGEST_TICKET = 40
PIECES_PER_CHARACTER = 4
"""UTF-8 needs at most four bytes, so at most four tokens, to spell a character."""


class Answers:
    """Answers from one engine. Nothing is kept between calls but by the engine, by the exhibits, and by the fetcher.

    Args:
        engine: the models.
        offered: what can be fetched besides the listed models of the hub.
    """

    def __init__(self, engine: Engine, offered: Callable[[], tuple[zoo.Entry, ...]] = lambda: ()) -> None:
        self.engine = engine
        self._offered = offered
        self.exhibits = registry.opened()
        self.fetcher = Fetcher(arrived=engine.add)

    def catalog(self) -> dict[str, Any]:
        """What the browser must know before its first request; no model is loaded for it."""
        names = self.engine.names
        return {
            "models": {name: self._description(name) for name in names},
            "default": {"model": self._first(names), "text": DEFAULT_TEXT, "exhibit": WALK[0]},
            "walk": WALK,
            "steps": {
                name: [step.sent(name, name in registry.SPEAKING) for step in steps]
                for name, steps in registry.STEPS.items()
            },
            "follow": [step.sent(name, name in registry.SPEAKING) for name, step in registry.FOLLOW],
            "limits": {"characters": CHARACTERS, "written": N_WRITTEN},
            "hub": [
                {"name": entry.name, "family": entry.family, "parameters": entry.n_parameters}
                | {"bytes": entry.n_bytes, "licence": entry.licence}
                for entry in self.fetchable
            ],
        }

    @property
    def fetchable(self) -> tuple[zoo.Entry, ...]:
        """The models of the hub that can be fetched."""
        return (*zoo.HUB, *self._offered())

    def _first(self, names: Sequence[str]) -> str:
        """The model that the page opens with."""
        wanted = (self.engine.first or "gpt", "gpt", names[0])
        return next(name for name in wanted if name in names)

    def _description(self, name: str) -> dict[str, Any]:
        config, parameters = self.engine.config(name), self.engine.parameters(name)
        experts = config.experts and {
            "n_experts": config.experts.n_experts,
            "top_k": config.experts.top_k,
            "d_expert": config.experts.d_expert,
            "layers": list(config.expert_layers),
            "switched": not is_large(name, self.engine.folder(name)),
            "active_parameters": parameters - routing.inactive_parameters(config),
        }
        return {
            "name": config.name,
            "family": config.family,
            "n_layers": config.n_layers,
            "n_heads": config.n_heads,
            "n_kv_heads": config.kv_heads,
            "d_head": config.head_width,
            "d_model": config.d_model,
            "d_mlp": config.d_mlp,
            "n_ctx": config.n_ctx,
            "d_vocab": config.d_vocab,
            "predicts": config.predicts,
            "stacks": {
                place: {"layers": stack.layers, **dataclasses.asdict(stack)} for place, stack in config.stacks.items()
            },
            "positions": config.positions.scheme,
            "traits": traits(config),
            "experts": experts,
            "parameters": parameters,
            "means": self.engine.has_means(name),
            "about": zoo.ABOUT.get(name),
        }

    def frame(self, request: object) -> dict[str, Any]:
        """Everything that the open exhibit draws for one text."""
        begun = time.perf_counter()
        question = Question(Fields(request), self.engine)
        exhibit = self.exhibits[question.fields.choice("exhibit", self.exhibits)]
        part = exhibit.frame(question)
        reading, tokenizer = question.reading, question.model.tokenizer
        read, *written = reading.trace.streams.values()
        mask = tokenizer.mask_id if question.predicts else None
        told = unfamiliar(read.tokens, zoo.ABOUT.get(reading.model.name))
        answer = {
            "text": question.fields.text("text"),
            "notice": " ".join([*reading.notices, *([told] if told else [])]) or None,
            "tokens": payload.tokens(read),
            "written": payload.tokens(written[0]) if written else None,
            "mask": None if mask is None else tokenizer.text_of(mask),
            "puts_space_in_front": tokenizer.puts_space_in_front,
            "clipped": read.clipped,
            "position": question.position,
            "next": question.next_token(exhibit.n_top),
            "unsaid": question.unsaid,
            "pinned": pin.compared(question),
            "absent": part.absent,
            **part.fields,
            **payload.pack(part.arrays),
        }
        total = 1e3 * (time.perf_counter() - begun)
        answer["timing_ms"] = {
            "tokenize": reading.tokenize_ms,
            "graph": reading.graph_ms,
            "pack": total - reading.tokenize_ms - reading.graph_ms,
            "total": total,
        }
        return answer

    def card(self, request: object) -> dict[str, Any]:
        """What a model is and has read, as markup; of one that has no card beside it, None."""
        name = Fields(request).choice("model", self.engine.names)
        return {"model": name, "markup": card.markup(self.engine.model(name).folder)}

    def faces(self, request: object) -> dict[str, Any]:
        """The faces that a figure is written in, cut to what it writes."""
        return faces.faces(request)

    def figure(self, request: object) -> dict[str, Any]:
        """What a figure says of itself, and the lines that compute its numbers."""
        return figures.figure(Question(Fields(request), self.engine))

    def figure_numbers(self, request: object) -> dict[str, Any]:
        """The numbers of a figure as a file."""
        return figures.figure_numbers(Question(Fields(request), self.engine))

    def fetch(self, request: object) -> dict[str, Any]:
        """Begins to fetch a model of the hub, and tells as `fetched` does."""
        name = self._hub_name(request)
        return self._fetching(name, self.fetcher.fetch(name, self._ticket(request) or ""))

    def fetched(self, request: object) -> dict[str, Any]:
        """How far the fetching of a model is; once it is there, what it is."""
        name = self._hub_name(request)
        progress = self.fetcher.progress(name, self._ticket(request))
        return self._fetching(name, progress or Progress(error=f"Nobody asked for {name}."))

    def cancel(self, request: object) -> dict[str, Any]:
        """Waits for a model no longer, and tells as `fetched` does."""
        self.fetcher.cancel(self._hub_name(request), self._ticket(request) or "")
        return self.fetched(request)

    def _hub_name(self, request: object) -> str:
        return Fields(request).choice("model", [entry.name for entry in self.fetchable])

    @staticmethod
    def _ticket(request: object) -> str | None:
        return Fields(request).optional_text("ticket")[:LONGEST_TICKET] or None

    def _fetching(self, name: str, progress: Progress) -> dict[str, Any]:
        if progress.folder:
            self.engine.add(name, progress.folder)
        return {
            "model": name,
            "doing": progress.doing,
            "done": progress.done,
            "total": progress.total,
            "unit": progress.unit,
            "refused": progress.error,
            "description": self._description(name) if progress.folder else None,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all answers: `OWN`, and those of the exhibits."""
        return (*OWN, *(name for exhibit in self.exhibits.values() for name in exhibit.calls))

    def named(self, name: str) -> Callable[[object], dict[str, Any]]:
        """An answer by the name that the browser calls it by, one of `names`."""
        if name in OWN:
            own: Callable[[object], dict[str, Any]] = getattr(self, name)
            return own
        call = next(exhibit.calls[name] for exhibit in self.exhibits.values() if name in exhibit.calls)

        def answer(request: object) -> dict[str, Any]:
            return call(Question(Fields(request), self.engine))

        answer.__name__ = name
        return answer

    def draw(self, request: object) -> dict[str, Any]:
        """One more character's worth of text: a token, or the few that spell a character together."""
        return self.drawn(Question(Fields(request), self.engine))

    def drawn(self, question: Question) -> dict[str, Any]:
        """The same for whoever has read the question."""
        draw = question.fields.integer("draw", 0, MAX_SEED)
        numbers = sampling.generator(question.seed, draw).random(PIECES_PER_CHARACTER)
        reading, text = question.reading, question.fields.text("text")
        config = reading.model.config
        if not config.predicts or not config.stacks[config.reader].causal:
            raise RequestError(f"{reading.model.name} does not continue a text; choose a GPT to draw from.")
        tokenizer = reading.model.tokenizer
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        drawn: list[dict[str, Any]] = []
        spelled = ""
        for u in numbers.tolist():
            budget.check()
            logits = self.engine.logits_after(reading, [token["id"] for token in drawn])
            chances = sampling.shape(logits, question.settings).chances
            id = sampling.draw(chances, u)
            drawn.append({**payload.entry(tokenizer, id), "chance": float(chances[id])})
            if id in tokenizer.special_ids:
                return {"text": text, "drawn": drawn, "u": float(numbers[0]), "ended": True}
            spelled += decoder.decode(tokenizer.bytes_of(id))
            if not decoder.getstate()[0]:
                break
        spelled += decoder.decode(b"", final=True)
        if not text and tokenizer.puts_space_in_front:
            spelled = spelled.removeprefix(" ")
        return {"text": text + spelled, "drawn": drawn, "u": float(numbers[0]), "ended": False}
