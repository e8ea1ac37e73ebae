"""Asks the API as its own schema says, and as it says not to: schemathesis against a real server.

What Gradio tells of the endpoints' parameters and replies is written as OpenAPI; schemathesis makes calls of it, right
ones and wrong ones, and holds each answer against it: no fault of the server, a status that is named, a reply of the
shape that was told, and a refusal where the call breaks the schema. That a call keeps to it is no reason to be taken:
Gradio's types say of a model's name and of a number only that they are text and number.

Usage: python tests/bench/fuzz_schema.py [--examples N], so many calls an endpoint (200). Its exit status is 0 only if
every answer holds. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from http import HTTPStatus
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.ui.server import serve

RUN = "gradio_api/run/"
REFUSED = {"type": "object", "required": ["error"], "properties": {"error": {"type": ["string", "null"]}}}
REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


def document(told: dict[str, Any]) -> dict[str, Any]:
    """The endpoints as OpenAPI 3.1.

    Args:
        told: what `/gradio_api/info` says.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cutaway", "version": "0"},
        "paths": {
            f"/{RUN}{name.removeprefix('/')}": {"post": _operation(endpoint)}
            for name, endpoint in told["named_endpoints"].items()
        },
    }


def _operation(endpoint: dict[str, Any]) -> dict[str, Any]:
    taken = [_taken(one) for one in endpoint["parameters"]]
    question = {
        "type": "object",
        "required": ["data"],
        "additionalProperties": False,
        "properties": {"data": _row(taken)},
    }
    (returned,) = (one["type"] for one in endpoint["returns"])
    answer = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"type": "array", "items": returned, "minItems": 1, "maxItems": 1}},
    }
    return {
        "requestBody": {"required": True, "content": _json(question)},
        "responses": {"200": {"description": "the answer", "content": _json(answer)}}
        | {str(int(status)): {"description": "why not", "content": _json(REFUSED)} for status in REFUSALS},
    }


def _taken(parameter: dict[str, Any]) -> dict[str, Any]:
    """What a parameter may be: of the words that a default is one of, that and a wrong one; of numbers, small ones."""
    told: dict[str, Any] = parameter["type"]
    if told["type"] == "string" and parameter["parameter_has_default"]:
        return {"enum": [parameter["parameter_default"], "nobody"]}
    return {**told, "minimum": -1, "maximum": 2} if told["type"] in ("integer", "number") else told


def _row(types: list[dict[str, Any]]) -> dict[str, Any]:
    """A list of exactly these."""
    return {"type": "array", "prefixItems": types, "items": False, "minItems": len(types), "maxItems": len(types)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def hold(url: str, examples: int) -> tuple[Counter[str], list[str]]:
    """Asks each endpoint so many times; gives how often each status came, and what does not hold."""
    told = httpx.get(f"{url}gradio_api/info", headers={"Accept": "application/json"}).raise_for_status().json()
    schema = schemathesis.openapi.from_dict(document(told))
    statuses: Counter[str] = Counter()
    broken: list[str] = []
    for name in told["named_endpoints"]:
        operation = schema[f"/{RUN}{name.removeprefix('/')}"]["POST"]
        try:
            _ask(name, operation.as_strategy(), url, examples, statuses)
        except (AssertionError, FailureGroup) as failure:
            broken.append(f"{name}: {failure}")
    return statuses, broken


def _ask(name: str, cases: SearchStrategy[Case[Any]], url: str, examples: int, statuses: Counter[str]) -> None:
    """Asks one endpoint. Raises FailureGroup where an answer is not as the schema says."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def ask(case: Case[Any]) -> None:
        response = case.call(base_url=url)
        statuses[f"{name} {response.status_code}"] += 1
        case.validate_response(response, excluded_checks=[positive_data_acceptance])

    ask()


def main() -> int:
    """Runs it against a server of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200, help="calls an endpoint (200)")
    examples = parser.parse_args().examples
    with serve() as url:
        statuses, broken = hold(url, examples)
    for status, count in sorted(statuses.items()):
        print(f"{count:6,}  {status}")
    print("\n".join(broken))
    print(json.dumps({"statuses": statuses, "broken": len(broken)}))
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
