"""More than one server behind one address, by Ray Serve: `cutaway serve --ray N`.

A request carries all that its answer depends on, so any replica may answer it, and the page asks again where none did:
a replica that ends takes no key with it. What does not travel with a request stays with one replica: a model is fetched
by whichever is asked, and the page may be told by another that nobody asked for it, so fetch models before. And
`gradio_client` asks in one request and listens in another, which no replica takes then; programs ask at
`/gradio_api/run/`, or by MCP.

Ray's own proxy holds the connections here, with its bounds and not ours; put one before it that has them.
"""

from __future__ import annotations

import os
import signal
import threading
from importlib.util import find_spec
from types import FrameType
from typing import Any

from app.running.limits import Limits, limits
from app.serving.listening import bare, listen, url

NO_RAY = "More than one replica needs a package more: pip install 'cutaway[ray]'."
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "RAY_SERVE_LOG_TO_STDERR": "0"}
"""Read by Ray when it is imported: nothing is reported to anybody."""
LISTENS = "CUTAWAY_LISTENS"
"""The variable that tells a replica which address the proxy listens on: it decides who may frame the page."""
MEMORY_BYTES = 80 * 2**20
"""Of Ray's store of objects, the least that it takes; requests do not pass through it."""


class NoRayError(Exception):
    """Replicas are asked for, and Ray is missing; the message says what to do."""


def built() -> Any:
    """The ASGI application of one replica, in its process."""
    from app.engine import Engine
    from app.serving import logs, stubs
    from app.serving.surroundings import settle

    settle()
    with stubs.unwritten():
        from app.serving.house import CutawayServer

        logs.to()
        root = os.environ.get("GRADIO_ROOT_PATH", "")
        house = CutawayServer(Engine(), os.environ[LISTENS], limits(), root, alone=False)
    house.opened()
    return house.door


def serve(n: int, host: str, port: int, bounds: Limits) -> None:
    """Serves the page by `n` replicas until told to stop.

    Raises:
        NoRayError: Ray is not installed.
        ValueError: `n` is no number of replicas.
        app.serving.listening.AddressError: the address cannot be had.
    """
    if n < 1:
        raise ValueError(f"{n} replicas serve nobody; give --ray a number from 1 up.")
    if find_spec("ray") is None:
        raise NoRayError(NO_RAY)
    for one in listen(host, port):  # Ray would wait for an address that it cannot have
        port = int(one.getsockname()[1])
        one.close()
    os.environ.update(QUIET | {LISTENS: host})
    import ray
    from ray import serve as engine

    ends = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ends.set()

    ray.init(include_dashboard=False, log_to_driver=False, object_store_memory=MEMORY_BYTES)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        engine.start(http_options={"host": bare(host), "port": port, "request_timeout_s": bounds.answer_s})
        replica = engine.deployment(
            engine.ingress(built)(),
            name="cutaway",
            num_replicas=n,
            max_ongoing_requests=bounds.connections,
            graceful_shutdown_timeout_s=bounds.stop_s,
            health_check_period_s=1,
            health_check_timeout_s=10,
            ray_actor_options={"num_cpus": 0},
        )
        engine.run(replica.bind(), name="cutaway", route_prefix="/")
        print(f"Cutaway: {url(host, port)} by {n} replicas (Ctrl+C to stop)", flush=True)
        ends.wait()
    finally:
        engine.shutdown()
        ray.shutdown()
