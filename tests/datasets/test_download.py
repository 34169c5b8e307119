"""Downloads from a server on this machine: what arrives is right and whole, or nothing is there."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from neurarium.datasets import download, shelf, tiny_shakespeare
from neurarium.datasets.card import RemoteFile

TEXT = b"To be, or not to be, that is the question.\n" * 5_000
Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(content: bytes = TEXT) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def cut(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(TEXT)))
    request.end_headers()
    request.wfile.write(TEXT[: len(TEXT) // 2])


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        while True:
            request.wfile.write(b"0" * 65_536)
    except OSError:
        pass  # the client has had enough


def status(code: int) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


class Server(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one for ever, and counts the requests."""

    asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/input.txt"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        answer = self.server.answers[min(self.server.asked, len(self.server.answers) - 1)]
        self.server.asked += 1
        answer(self)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server, online, from which Tiny Shakespeare comes; pauses before another attempt take no time."""
    with Server() as server:
        file = RemoteFile("input.txt", hashlib.sha256(TEXT).hexdigest(), len(TEXT), server.url)
        monkeypatch.setattr(tiny_shakespeare, "CARD", dataclasses.replace(tiny_shakespeare.CARD, files=(file,)))
        monkeypatch.setenv("NEURARIUM_OFFLINE", "")
        monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def remains(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


def test_the_right_bytes_arrive_once_and_are_used(server, tmp_path, capfd):
    server.answers = [whole()]
    assert shelf.load("tiny_shakespeare").data == TEXT.decode()
    assert shelf.load("tiny_shakespeare").data == TEXT.decode()
    assert shelf.fetch("tiny_shakespeare") == shelf.where("tiny_shakespeare") == tmp_path / "cache" / "tiny_shakespeare"
    assert server.asked == 1
    assert remains(tmp_path) == ["cache/tiny_shakespeare/input.txt"]
    assert capfd.readouterr() == ("", "")  # stderr is no terminal


def test_a_server_that_stumbles_is_asked_again(server):
    server.answers = [status(503), cut, whole()]
    assert shelf.load("tiny_shakespeare").data == TEXT.decode()
    assert server.asked == 3


@pytest.mark.parametrize(
    ("answer", "error", "words", "times"),
    [
        (whole(b"x" * len(TEXT)), ValueError, "damaged on the way, or .* another version. Nothing was kept", 3),
        (whole(TEXT[:-1]), ValueError, "sha256 is not the expected one", 3),
        (cut, ConnectionError, "failed", 3),
        (status(404), ConnectionError, "HTTP status 404", 1),
        (status(500), ConnectionError, "failed", 3),
        (endless, ValueError, "longer than 215,000 bytes", 1),
    ],
    ids=["wrong", "short", "cut", "404", "500", "endless"],
)
def test_nothing_wrong_is_ever_kept(server, tmp_path, answer, error, words, times):
    server.answers = [answer]
    with pytest.raises(error, match=words) as caught:
        shelf.load("tiny_shakespeare")
    assert server.url in str(caught.value)
    assert "input.txt" in str(caught.value)
    assert server.asked == times
    assert remains(tmp_path) == []
    assert shelf.where("tiny_shakespeare") is None


def test_without_a_network_it_says_what_to_put_where(server, tmp_path, monkeypatch):
    server.answers = [whole()]
    file = dataclasses.replace(tiny_shakespeare.CARD.files[0], url="http://127.0.0.1:1/input.txt")
    monkeypatch.setattr(tiny_shakespeare, "CARD", dataclasses.replace(tiny_shakespeare.CARD, files=(file,)))
    with pytest.raises(ConnectionError, match="failed") as caught:
        shelf.load("tiny_shakespeare")
    assert str(tmp_path / "cache" / "tiny_shakespeare") in str(caught.value)


def test_offline_no_server_is_asked(server, monkeypatch):
    server.answers = [whole()]
    monkeypatch.setenv("NEURARIUM_OFFLINE", "1")
    with pytest.raises(FileNotFoundError, match="NEURARIUM_OFFLINE"):
        shelf.fetch("tiny_shakespeare")
    assert server.asked == 0


def test_a_damaged_file_in_the_cache_is_downloaded_anew(server, tmp_path):
    server.answers = [whole()]
    folder = shelf.fetch("tiny_shakespeare")
    (folder / "input.txt").write_bytes(b"x")
    assert shelf.fetch("tiny_shakespeare") == folder
    assert (folder / "input.txt").read_bytes() == TEXT
    assert server.asked == 2


def test_a_folder_that_may_not_be_written_to_is_named(server, monkeypatch):
    server.answers = [whole()]
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError("read-only")))
    with pytest.raises(PermissionError, match="NEURARIUM_CACHE"):
        shelf.fetch("tiny_shakespeare")


def test_two_processes_at_once_both_get_the_whole_file(server, tmp_path):
    together = threading.Barrier(2, timeout=30)

    def both(request: BaseHTTPRequestHandler) -> None:
        together.wait()  # neither gets its first byte before the other has asked
        whole()(request)

    server.answers = [both]
    file = tiny_shakespeare.CARD.files[0]
    code = f"""
import dataclasses
from neurarium.datasets import shelf, tiny_shakespeare
from neurarium.datasets.card import RemoteFile
file = RemoteFile({file.path!r}, {file.sha256!r}, {file.size}, {file.url!r})
tiny_shakespeare.CARD = dataclasses.replace(tiny_shakespeare.CARD, files=(file,))
raise SystemExit(len(shelf.load("tiny_shakespeare").data) != {len(TEXT)})
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    runs = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(2)]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    assert server.asked == 2
    assert remains(tmp_path) == ["cache/tiny_shakespeare/input.txt"]


def test_a_terminal_sees_how_far_it_is(server, monkeypatch, capsys):
    server.answers = [whole()]
    monkeypatch.setattr(download, "Console", lambda stderr: Console(stderr=stderr, force_terminal=True, width=120))
    shelf.fetch("tiny_shakespeare")
    assert "tiny_shakespeare/input.txt" in capsys.readouterr().err
