"""What the server counts of itself, in the form that Prometheus reads: `/metrics`. No text, no address, no visitor.

Everything is counted in a registry of its own, one a server, so that two in a process do not share their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from app.serving.files import Answer

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
Reply = Mapping[str, Any]


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Counter(
            "cutaway_requests", "Answers by kind of address and status.", ["kind", "status"], registry=self.registry
        )
        self.refused = Counter(
            "cutaway_refused", "Requests that were refused, by reason.", ["reason"], registry=self.registry
        )
        self.calls = Counter(
            "cutaway_calls", "Calls of the page, by outcome.", ["call", "outcome"], registry=self.registry
        )
        self.latency = Histogram(
            "cutaway_stage_seconds",
            "Seconds that an answer took, by stage.",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.turns = Histogram(
            "cutaway_turn_wait_seconds",
            "Seconds that a call waited for its turn, by what it got: a turn, or a refusal.",
            ["got"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge("cutaway_turns_waiting", "Calls that wait for their turn now.", registry=self.registry)
        self.clipped = Counter("cutaway_clipped", "Texts that were longer than the context.", registry=self.registry)
        self.models = Gauge("cutaway_models_loaded", "Models in memory.", registry=self.registry)
        self.offered = Gauge("cutaway_models_offered", "Models that can be asked for.", registry=self.registry)

    def count(self, kind: str, status: int, reason: str | None) -> None:
        """Counts one answer of the door."""
        self.requests.labels(kind, str(status)).inc()
        if reason:
            self.refused.labels(reason).inc()

    def watched(self, answer: Callable[[object], Reply]) -> Callable[[object], Reply]:
        """The same answer, counted: how long each of its stages took, and whether its text was clipped."""
        name = answer.__name__

        def call(request: object) -> Reply:
            try:
                reply = answer(request)
            except Exception as error:
                self.calls.labels(name, type(error).__name__).inc()
                raise
            self.calls.labels(name, "answered").inc()
            for stage, milliseconds in reply.get("timing_ms", {}).items():
                self.latency.labels(stage).observe(milliseconds / 1e3)
            if reply.get("clipped"):
                self.clipped.inc()
            return reply

        call.__name__ = name
        return call

    def waited(self, seconds: float, got: str) -> None:
        """Counts one call at the desk."""
        self.turns.labels(got).observe(seconds)

    def answer(self) -> Answer:
        """All of it, as text."""
        return Answer.of(generate_latest(self.registry), CONTENT_TYPE_LATEST, "no-store", pack=False)
