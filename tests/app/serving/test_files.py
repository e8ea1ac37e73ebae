"""Files: their validators, their packing, and that nothing outside of their folder is one of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from app.serving.files import ASK_AGAIN, FOR_EVER, Answer, Folder, accepted
from app.serving.refused import RefusedError

SCRIPT = "export const words = 'the little dog';\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "static"
    (root / "js").mkdir(parents=True)
    (root / "shots").mkdir()
    (root / "js" / "main.js").write_text(SCRIPT)
    (root / "shots" / "a.png").write_bytes(b"png")
    (root / ".hidden.js").write_text("hidden")
    return root


def test_a_file_is_sent_packed_in_what_the_browser_takes(folder: Path) -> None:
    answer = Folder(folder).answer("js/main.js")
    for asked, way, unpack in (
        (b"gzip, deflate, br", b"br", brotli.decompress),
        (b"gzip, br;q=0", b"gzip", gzip.decompress),
        (b"identity", None, bytes),
    ):
        status, headers, body = answer.sent({b"accept-encoding": asked})
        said = dict(headers)
        assert (status, said.get(b"content-encoding")) == (200, way)
        assert unpack(body).decode() == SCRIPT
        assert said[b"content-length"] == str(len(body)).encode()
        assert said[b"vary"] == b"accept-encoding"
        assert said[b"cache-control"] == FOR_EVER.encode()
        assert said[b"content-type"].startswith(b"text/javascript")


def test_a_file_is_packed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Folder(folder)
    first = files.answer("js/main.js")
    monkeypatch.setattr(brotli, "compress", lambda *_, **__: pytest.fail("packed again"))
    assert files.answer("js/main.js") is first


def test_what_the_browser_has_is_not_sent_again(folder: Path) -> None:
    answer = Folder(folder).answer("js/main.js")
    strong = answer.tag.removeprefix("W/")
    for condition in (answer.tag, strong, f'"other", {answer.tag}', "*"):
        status, headers, body = answer.sent({b"if-none-match": condition.encode()})
        assert (status, body) == (304, b"")
        assert dict(headers)[b"etag"] == answer.tag.encode()
    assert answer.sent({b"if-none-match": b'"other"'})[0] == 200


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "js/../../secret.txt",
        "/etc/passwd",
        "",
        "js",
        "js/",
        ".hidden.js",
        "shots/a.png",
        "js//main.js",
    ],
)
def test_nothing_else_is_a_file(folder: Path, name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        Folder(folder, skipped=["shots"]).answer(name)
    assert refused.value.status == 404


def test_a_file_from_elsewhere_has_the_name_that_it_is_given(folder: Path) -> None:
    files = Folder(folder, besides={"plotly.js": folder.parent / "secret.txt"})
    assert files.answer("plotly.js").plain == b"secret"


def test_the_version_follows_every_name_and_every_byte(folder: Path) -> None:
    versions = {Folder(folder).version()}
    (folder / "js" / "main.js").write_text(SCRIPT + "\n")
    versions.add(Folder(folder).version())
    (folder / "js" / "main.js").rename(folder / "js" / "other.js")
    versions.add(Folder(folder).version())
    assert len(versions) == 3
    assert Folder(folder).version() in versions


def test_whoever_edits_a_file_sees_it_at_the_next_visit(folder: Path) -> None:
    kept, live = Folder(folder), Folder(folder, live=True)
    before = kept.answer("js/main.js").plain, live.answer("js/main.js").plain
    (folder / "js" / "main.js").write_text("// edited")
    assert kept.answer("js/main.js").plain == before[0]
    assert live.answer("js/main.js").plain == b"// edited" != before[1]
    assert live.answer("js/main.js").kept == ASK_AGAIN


def test_an_answer_that_packing_would_not_shorten_stays_as_it_is() -> None:
    assert not Answer.of(b"short", "text/plain", ASK_AGAIN).packed
    assert not Answer.of(brotli.compress(SCRIPT.encode() * 9) * 30, "text/plain", ASK_AGAIN, pack=False).packed


def test_the_best_way_comes_first_and_a_refused_one_never() -> None:
    ways = {"br": b"", "gzip": b""}
    assert accepted("gzip, br", ways) == ["br", "gzip"]
    assert accepted("br;q=0.0, gzip;q=0.5", ways) == ["gzip"]
    assert accepted("", ways) == []
