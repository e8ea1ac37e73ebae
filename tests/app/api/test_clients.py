"""The API as programs meet it: a real server, asked by real clients."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import gradio as gr
import httpx
import pytest
from gradio_client import Client

from app.engine import Engine
from app.serving import house
from tests.bench import fuzz_schema
from tests.ui.server import serve

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gradio's temporary folder."""
    return tmp_path_factory.mktemp("gradio")


@pytest.fixture(scope="module")
def url(temporary: Path) -> Iterator[str]:
    with serve(settings={"GRADIO_TEMP_DIR": str(temporary)}) as address:
        yield address


def test_the_readmes_example_runs_and_tells_what_the_model_computes(url: str) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Ask it from a program")[2]
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert example is not None
    assert WRITTEN in example[1]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example[1].replace(f'Client("{WRITTEN}")', f'Client("{url}", verbose=False)'), {})
    tokens, likeliest, shape, row, text = printed.getvalue().splitlines()
    trace = Engine().trace("The little dog ran to the")
    best = int(trace.logits[0, -1].argmax())
    assert tokens == str([token.text for token in trace.tokens])
    assert likeliest.startswith(Engine().model("gpt").tokenizer.text_of(best))
    assert shape == str(list(trace.taps["blocks.2.hook_mlp_out"].shape))
    assert json.loads(row) == pytest.approx(trace.pattern(2)[4, -1].tolist(), abs=1e-5)
    assert text.startswith("The little dog")


def test_every_answer_is_as_the_schema_says(url: str) -> None:
    statuses, broken = fuzz_schema.hold(url, 15)
    assert not broken, "\n".join(broken)
    assert {name.partition(" ")[0] for name in statuses} == {"/tokenize", "/trace", "/attention", "/sample"}
    assert statuses["/tokenize 200"] > 0, "no call was answered"


def test_every_endpoint_has_a_schema_of_its_parameters_and_of_its_reply(url: str) -> None:
    told = Client(url, verbose=False).view_api(return_format="dict", print_info=False)
    assert isinstance(told, dict)
    endpoints = told["named_endpoints"]
    assert set(endpoints) == {"/tokenize", "/trace", "/attention", "/sample"}
    for endpoint in endpoints.values():
        assert all(parameter["type"].get("type") for parameter in endpoint["parameters"])
        (reply,) = endpoint["returns"]
        assert set(reply["type"]["required"]) == set(reply["type"]["properties"]) >= {"model", "notice"}
        assert endpoint["description"].endswith(".")


def test_many_questions_of_one_client_are_all_answered(url: str) -> None:
    client = Client(url, verbose=False)
    jobs = [client.submit("a" + " dog" * n, api_name="/tokenize") for n in range(20)]
    assert [len(job.result(timeout=60)["tokens"]) for job in jobs] == [2 + n for n in range(20)]


def test_a_refusal_reaches_the_program_as_a_sentence(url: str) -> None:
    with pytest.raises(Exception, match="layer is 99; send a whole number from 0 to 5"):
        Client(url, verbose=False).predict("a", layer=99, api_name="/attention")


def test_a_question_without_a_client_is_answered_too(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        assert http.post("gradio_api/run/tokenize", json={"data": ["a dog", "gpt"]}).json()["data"][0]["tokens"]
        for data in (None, [], ["a"], {"text": "a"}):
            refused = http.post("gradio_api/run/tokenize", json={"data": data})
            assert (refused.status_code, "no call of this API" in refused.json()["error"]) == (400, True)
        for path in ("run/frame", "api/tokenize", "call/tokenize", "upload", "mcp"):
            assert http.post(f"gradio_api/{path}", json={"data": []}).status_code == 404


def test_a_refusal_is_no_fault_of_the_server(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        for name, data in (("attention", ["a", "gpt", 99, 0, ""]), ("tokenize", [None, "gpt"]), ("tokenize", ["a", 7])):
            refused = http.post(f"gradio_api/run/{name}", json={"data": data})
            assert (refused.status_code, "send" in refused.json()["error"]) == (422, True)


def test_no_file_is_fetched_for_a_program(url: str, temporary: Path) -> None:
    """Gradio would copy what an object names that says it is a file, in whatever parameter it stands."""
    file = {"path": str(ROOT / "LICENSE"), "meta": {"_type": "gradio.FileData"}}
    with httpx.Client(base_url=url, trust_env=False) as http:
        for data in ([file, "gpt", []], ["a", "gpt", file], ["a", "gpt", [file]], [[[file]], "gpt", []]):
            assert http.post("gradio_api/run/trace", json={"data": data}).status_code == 400
        page = http.get("config").json()
        (number,) = (one["id"] for one in page["dependencies"] if one["api_name"] == "trace")
        question = {"data": [file, "gpt", []], "fn_index": number, "session_hash": "s"}
        assert http.post("gradio_api/queue/join", json=question).status_code == 400
    assert not [path for path in temporary.rglob("*") if path.is_file()]


def functions(page: str) -> dict[int, list[str]]:
    """The names of the server functions in a page, by the numbers of their components."""
    key = '"components":[{'
    components = json.JSONDecoder().raw_decode(page, page.index(key) + len(key) - 2)[0]
    return {one["id"]: names for one in components if (names := one["props"].get("server_fns"))}


def test_a_server_for_strangers_knows_no_programs_unless_told_so(url: str) -> None:
    """And it has the page's functions under the same numbers: a page of one server may ask another."""
    ours = functions(httpx.get(url, trust_env=False).text)
    with serve(settings={"CUTAWAY_HOSTED": "1"}) as other, httpx.Client(base_url=other, trust_env=False) as http:
        for path in ("config", "gradio_api/info", "gradio_api/queue/data?session_hash=a"):
            assert http.get(path).status_code == 404
        for path in ("run/tokenize", "queue/join", "mcp"):
            assert http.post(f"gradio_api/{path}", json={"data": ["a", "gpt"]}).status_code == 404
        assert functions(http.get("/").text) == ours


def test_mcp_clients_find_and_call_the_same_as_tools() -> None:
    pytest.importorskip("mcp", reason="mcp is not installed: pip install 'cutaway[mcp]'")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client
    from mcp.types import CallToolResult, TextContent

    def written(result: CallToolResult) -> str:
        (part,) = result.content
        assert isinstance(part, TextContent)
        return part.text

    async def ask(url: str) -> None:
        async with (
            streamable_http_client(f"{url}gradio_api/mcp") as (read, write, _),
            ClientSession(read, write) as one,
        ):
            await one.initialize()
            tools = {tool.name: tool for tool in (await one.list_tools()).tools}
            assert set(tools) == {"tokenize", "trace", "attention", "sample"}
            assert tools["trace"].inputSchema["required"] == ["text"]
            assert all(about["description"] for about in tools["sample"].inputSchema["properties"].values())
            told = await one.call_tool("tokenize", {"text": "The little dog"})
            assert not told.isError
            assert "' little'" in written(told)
            refused = await one.call_tool("attention", {"text": "a", "layer": 99})
            assert refused.isError
            assert "send a whole number from 0 to 5" in written(refused)

    with serve(("-m", "app.main", "--mcp")) as url:
        asyncio.run(ask(url))


def test_mcp_without_its_package_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "find_spec", lambda name: None)
    with pytest.raises(house.NoMcpError, match=r"pip install 'cutaway\[mcp\]'"):
        house.mounted(cast(gr.Blocks, None), "", mcp=True)
