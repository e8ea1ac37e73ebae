"""A hub on this machine: the few requests that downloading a model makes, and uploading one, answered from a folder.

Layout of the folder: `<owner>/<model>/<commit>/<file>`. What is uploaded becomes the commit that "main" names.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

TOKEN = "hf_written_in_the_environment"
"""Who may upload."""
LARGE = (".safetensors", ".onnx")


class Hub:
    """Answers as a context; before and after, its port does not.

    Args:
        root: the folder.
        revisions: names of revisions, each with its commit.
    """

    def __init__(self, root: Path, revisions: dict[str, str]) -> None:
        self.root, self.revisions = root, revisions
        self._stored: dict[str, bytes] = {}
        self.requests: list[str] = []
        """Method and path of all so far."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def close(self) -> None:
        """Gives the port back, whether or not it ever answered."""
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None: ...

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_POST(self) -> None:
                path = self.path.split("?")[0]
                hub.requests.append(f"{self.command} {path}")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told: Any = {"error": "no such token"}
                status = 200 if self.headers.get("Authorization") == f"Bearer {TOKEN}" or "lfs-store" in path else 401
                if status == 200:
                    told = hub.take(path.strip("/").split("/"), body)
                content = json.dumps(told).encode()
                self.send_response(status)
                for header in {"Content-Type": "application/json", "Content-Length": str(len(content))}.items():
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(content)

            do_PUT = do_POST

            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                hub.requests.append(f"{self.command} {path}")
                status, headers, content = hub.answer(path.strip("/").split("/"))
                self.send_response(status)
                for header in {**headers, "Content-Length": str(len(content)), "Connection": "close"}.items():
                    self.send_header(*header)
                self.end_headers()
                if self.command == "GET":
                    with contextlib.suppress(ConnectionError):  # who asked may have given up
                        for part in hub.parts(path, content):
                            self.wfile.write(part)

        return Handler

    def parts(self, path: str, content: bytes) -> Iterator[bytes]:
        """A content as it is sent: at once."""
        yield content

    def answer(self, path: list[str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content."""
        match path:
            case ["api", "models", owner, name]:
                return self._model(owner, name, "main")
            case ["api", "models", owner, name, "revision", revision]:
                return self._model(owner, name, revision)
            case ["api", "models", owner, name, "tree", revision]:
                return self._model(owner, name, revision, tree=True)
            case [owner, name, "resolve", revision, file]:
                return self._file(self.root / owner / name, self.revisions.get(revision, revision), file)
        return 404, {}, b""

    def take(self, path: list[str], body: bytes) -> Any:
        """What an upload is told: small files come within the commit, large ones are stored by their digests before."""
        match path:
            case ["api", "repos", "create"]:
                asked = json.loads(body)
                return {"url": f"{self.url}/{asked['organization']}/{asked['name']}"}
            case ["api", "validate-yaml"]:
                return {"errors": [], "warnings": []}
            case ["api", "models", _, _, "preupload", "main"]:
                names = [file["path"] for file in json.loads(body)["files"]]
                modes = {name: "lfs" if Path(name).suffix in LARGE else "regular" for name in names}
                return {"files": [{"path": name, "uploadMode": modes[name], "shouldIgnore": False} for name in names]}
            case [_, _, "info", "lfs", "objects", "batch"]:
                stored = [one | {"actions": {"upload": self._store(one["oid"])}} for one in json.loads(body)["objects"]]
                return {"transfer": "basic", "objects": stored}
            case ["lfs-store", oid]:
                assert hashlib.sha256(body).hexdigest() == oid
                self._stored[oid] = body
                return {}
            case ["api", "models", owner, name, "commit", "main"]:
                return self._commit(self.root / owner / name, body)
        raise AssertionError(f"nobody uploads to {'/'.join(path)}")

    def _store(self, oid: str) -> dict[str, Any]:
        return {"href": f"{self.url}/lfs-store/{oid}"}

    def _commit(self, folder: Path, body: bytes) -> dict[str, Any]:
        commit = hashlib.sha1(body).hexdigest()
        for line in map(json.loads, body.splitlines()):
            told = line["value"]
            if line["key"] in ("file", "lfsFile"):
                path = folder / commit / told["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                is_small = line["key"] == "file"
                path.write_bytes(base64.b64decode(told["content"]) if is_small else self._stored[told["oid"]])
        self.revisions["main"] = commit
        return {"success": True, "commitUrl": f"{self.url}/o/r/commit/{commit}", "commitOid": commit}

    def _model(self, owner: str, name: str, revision: str, tree: bool = False) -> tuple[int, dict[str, str], bytes]:
        commit = self.revisions.get(revision, revision)
        folder = self.root / owner / name / commit
        if not folder.parent.is_dir():
            return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
        if not folder.is_dir():
            return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
        if tree:
            answer: Any = [{"type": "file", "path": file, "size": size, "oid": file} for file, size in sizes.items()]
        else:
            files = [{"rfilename": file, "size": size, "blobId": file} for file, size in sizes.items()]
            answer = {"id": f"{owner}/{name}", "sha": commit, "siblings": files, "tags": [], "private": False}
            if (told := folder / "config.json").is_file():
                answer["config"] = {"architectures": json.loads(told.read_text()).get("architectures")}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    @staticmethod
    def _file(folder: Path, commit: str, file: str) -> tuple[int, dict[str, str], bytes]:
        path = folder / commit / file
        if not path.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}, b""
        content = path.read_bytes()
        return 200, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": commit}, content
