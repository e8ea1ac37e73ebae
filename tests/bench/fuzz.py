"""Hostile requests in process: whatever is sent is answered in JSON, without an unexpected exception, in bounded time.

Hypothesis makes the requests: every answer of the page but the fetching of models, and those of programs, each field
right, wrong or missing, texts of the kinds that cost most. Told are the requests that failed, the dearest of each
answer in seconds of the processor, and the memory before and after. `tests/app/test_fuzz.py` does a short run. Usage:

    python tests/bench/fuzz.py [--requests 100000] [--seconds 5]

The exit status is 1 where one failed or took longer than `--seconds`. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from app.api.answers import Programs
from app.engine import Engine
from app.exhibits import WALK
from app.page.answers import Answers
from app.page.desk import BROKEN, Desk
from app.wire import payload
from tests.frames import opened

NOT_SENT = ("fetch",)
"""It would begin to download."""
BATCH = 2_000
"""Requests of one run of Hypothesis, which keeps all that it made until it ends: 2 GB of 100,000."""
PIECES = (
    *(
        "a",
        " ",
        "\n",
        "\r\n",
        "\t",
        "é",
        "e\u0301",
        "\u0301",
        "ﷺ",
        "한국",
        "人",
        "👨‍👩‍👧",
        "\u200b",
        "\u202e",
        "\x00",
        "\ud800",
    ),
    *("[MASK]", "<extra_id_0>", "<|endoftext|>", "[UNK]", "<pad>", "xylophone ", "1234567890", "{}", "</script>"),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("constructor"),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)
texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
    st.builds(lambda piece, n: piece * n, st.sampled_from(PIECES), st.sampled_from([1, 7, 64, 500, 3_000, 10_001])),
)
places = st.sampled_from([None, None, 0, 0, 0, 1, 1, 2, 3])
masks = st.sampled_from(["window", "strided", "fixed", "longformer", "bigbird", "document", "painted", "x"]).flatmap(
    lambda kind: st.lists(st.integers(0, 200), max_size=5).map(lambda numbers: ":".join(map(str, [kind, *numbers])))
) | st.sampled_from(["painted:2.8A", "painted:2.8", "painted:9.", "document:" + ":".join(map(str, range(1, 400)))])
changes = st.fixed_dictionaries(
    {},
    optional={
        "expert_bias": st.dictionaries(
            st.sampled_from(["0.0", "1.1", "3.2", "5.7", "x", "__proto__"]), st.sampled_from([-4, 0.5, "off", 9, None])
        ),
        "heads_off": st.lists(
            st.sampled_from(["text.0.0", "encoder.1.1", "cross.0.2", "decoder.3.3", "a.b"]), max_size=4
        ),
        "neurons": st.dictionaries(
            st.sampled_from(["text.0.1", "text.1.7.9", "encoder.0.5", "decoder.3.319", "text.1", "__proto__"]),
            st.sampled_from([0, 2, 4, 0.5, -1, None, "off"]),
            max_size=2,
        ),
        "mask": masks,
    },
)
models = st.sampled_from(["gpt", "bert", "t5", "gpt-alibi", "gpt-nope"])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "seq": st.integers(),
    "text": texts,
    "model": models,
    "exhibit": st.sampled_from(WALK),
    "sampling": st.fixed_dictionaries(
        {
            "temperature": st.sampled_from([0, 1e-9, 1, 10]),
            "top_k": st.sampled_from([0, 1, 40, 10**9]),
            "top_p": st.sampled_from([1, 0.9, 1e-9]),
            "min_p": st.sampled_from([0, 0.1, 1]),
            "seed": st.integers(0, 5),
        }
    ),
    "interventions": changes,
    "pin": st.none() | st.fixed_dictionaries({"text": texts, "model": models}, optional={"interventions": changes}),
    "kind": st.sampled_from(["text", "encoder", "decoder", "cross"]),
    **dict.fromkeys(("layer", "head", "query", "key", "written", "target", "against", "draw", "at", "window"), places),
    "of": st.sampled_from(["logit", "difference"]),
    "scheme": st.sampled_from(["own", "rope", "alibi", "t5", "learned", "sinusoidal", "none"]),
    "sees": st.sampled_from(["own", "left", "both"]),
    "factor": st.sampled_from([1, 2.5, 64]),
    "context": st.sampled_from([1, 2**20]),
    "batch": st.sampled_from([1, 256]),
    "precision": st.sampled_from(["fp16", "int8"]),
    "task": st.sampled_from(["translate", "fill"]),
    "rulers": st.sampled_from(["", "a/b", "a/b,c/d", "../../etc/passwd"]),
    "tokenizer": st.sampled_from(["own", "bpe", "byte", "google/flan-t5-small", "a/b"]),
    "width": st.integers(2, 5),
    "depth": st.sampled_from([1, 3, 12]),
    "theme": st.sampled_from(["paper", "blueprint"]),
    "longest": st.sampled_from([1, 1_000, 2**20]),
    "points": st.lists(
        st.fixed_dictionaries(dict.fromkeys(("n_tokens", "cached_ms", "uncached_ms"), st.integers(-1, 100))), max_size=5
    ),
    "reader": st.sampled_from(["gpt-rope", "gpt-nope"]),
    "ticket": st.text(max_size=50),
    "taps": st.lists(st.sampled_from(["logits", "hook_embed", "blocks.1.attn.hook_pattern", "x"]), max_size=17),
    "n": st.sampled_from([1, 5, 64]),
}
requests = st.fixed_dictionaries(FIELDS).flatmap(
    lambda right: st.builds(
        lambda wrong, missing: {name: value for name, value in (right | wrong).items() if name not in missing},
        st.dictionaries(st.sampled_from(list(FIELDS)), anything | st.integers(-(10**7), 10**7), max_size=1),
        st.just([]) | st.lists(st.sampled_from(list(FIELDS)), max_size=1),
    )
)


@dataclass
class Found:
    """What came of many requests."""

    n_requests: int = 0
    refused: int = 0
    broken: list[Any] = field(default_factory=list)
    dearest: dict[str, float] = field(default_factory=dict)
    """Seconds of the processor, of all threads, that the dearest request of each answer took."""
    first_mb: float = 0.0
    last_mb: float = 0.0


def many(n_requests: int) -> settings:
    """So many requests, each sent once: none is made smaller or kept for another run."""
    return settings(
        max_examples=n_requests,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def fuzz(answers: Answers, n_requests: int) -> Found:
    """Sends so many requests."""
    desk, found = Desk(), Found()
    programs = Programs(answers)
    asked = {name: answers.named(name) for name in answers.names if name not in NOT_SENT}
    asked |= {f"api {name}": getattr(programs, name) for name in ("tokenize", "trace", "attention", "sample")}

    def send(name: str, request: object) -> None:
        begun = time.process_time()
        encode = payload.framed if name == "frame" else payload.as_json
        body = desk.reply(asked[name], request, encode=encode)
        reply = opened(body) if name == "frame" else json.loads(body)
        seconds = time.process_time() - begun
        kind = f"frame of {request.get('exhibit')}" if name == "frame" and isinstance(request, dict) else name
        found.n_requests += 1
        found.refused += "error" in reply
        found.dearest[kind[:30]] = max(seconds, found.dearest.get(kind[:30], 0.0))
        if reply.get("error") == BROKEN or "seq" not in reply:
            found.broken.append((name, request))
        if found.n_requests == min(1_000, n_requests // 2):
            found.first_mb = held_mb()

    sent = st.sampled_from(list(asked)), st.one_of(requests, requests, requests, anything)
    for first in range(0, n_requests, BATCH):
        seed(first)(many(min(BATCH, n_requests - first))(given(*sent)(send)))()
        if first:
            print(f"{found.n_requests:,} sent, {len(found.broken)} broken, {held_mb():.0f} MB", file=sys.stderr)
    found.last_mb = held_mb()
    return found


def held_mb() -> float:
    """What this process holds, in MB; NaN where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan")
    return int(status.read_text(encoding="ascii").partition("VmRSS:")[2].split()[0]) / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Sends requests and tells what came of them; gives the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--seconds", type=float, default=5.0, help="of the processor that none may exceed")
    chosen = options.parse_args(arguments)
    found = fuzz(Answers(Engine()), chosen.requests)
    for name, request in found.broken[:10]:
        print(f"broken: {name} {request!r:.500}")
    for name, seconds in sorted(found.dearest.items(), key=lambda entry: -entry[1]):
        print(f"{name:30} {1e3 * seconds:8.0f} ms")
    print(f"memory: {found.first_mb:.0f} MB after the first thousand, {found.last_mb:.0f} MB at the end")
    dearest = max(found.dearest.values())
    told = {"requests": found.n_requests, "refused": found.refused, "broken": len(found.broken), "dearest_s": dearest}
    print(json.dumps(told | {"first_mb": found.first_mb, "last_mb": found.last_mb}))
    return int(bool(found.broken) or dearest > chosen.seconds)


if __name__ == "__main__":
    sys.exit(main())
