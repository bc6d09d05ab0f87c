"""The one HTTP client, against a loopback server that misbehaves as told."""

import gzip
import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from broadsheet import __version__, config, net
from broadsheet.errors import FetchError, Interrupted
from broadsheet.net.client import REDIRECTS


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Site:
    """A loopback server: each request takes the next answer of the script, the last one again and again."""

    def __init__(self) -> None:
        self.script: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                site.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                site.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                (site.script.pop(0) if len(site.script) > 1 else site.script[0])(self)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def says(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        given = {"Content-Length": str(len(body))} | {k.replace("_", "-"): v for k, v in headers.items()}
        for name, value in given.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        if int(given["Content-Length"]) > len(body):
            handler.close_connection = True

    return answer


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(clock: Clock, home: Path, **options: Any) -> net.Client:
    settings = config.load({}, home=home, options={"net.contact": "me@example.org", "arxiv.min_interval": 3} | options)
    return net.Client(settings, clock=clock, sleep=clock.sleep, rng=random.Random(1), proxies={})


def test_a_good_answer_comes_with_body_etag_and_our_name(site: Site, clock: Clock, tmp_path: Path) -> None:
    """The body, the ETag and one User-Agent that names the contact of the settings."""
    site.script = [says(200, b"hello", ETag='"x"')]
    with client(clock, tmp_path) as c:
        answer = c.get(site.url + "/a", host="arxiv", params={"b": "c d"}, accept="text/xml")
    assert (answer.status, answer.body, answer.etag) == (200, b"hello", '"x"')
    path, headers = site.seen[0]
    assert path == "/a?b=c+d"
    assert headers["user-agent"].startswith("broadsheet/")
    assert "(+me@example.org)" in headers["user-agent"]
    assert headers["accept"] == "text/xml"


def test_an_etag_that_holds_is_304_without_a_body(site: Site, clock: Clock, tmp_path: Path) -> None:
    """A conditional request may be answered 304; an unconditional one may not."""
    site.script = [says(304, ETag='"x"')]
    with client(clock, tmp_path) as c:
        assert c.get(site.url, host="arxiv", etag='"x"').status == 304
        with pytest.raises(FetchError):
            c.get(site.url, host="arxiv")
    assert site.seen[0][1]["if-none-match"] == '"x"'


def test_requests_of_a_group_keep_their_distance(site: Site, clock: Clock, tmp_path: Path) -> None:
    """Two requests to arXiv are at least the interval apart, whatever the address; other groups do not wait."""
    site.script = [says(200, b"x")]
    with client(clock, tmp_path, **{"huggingface.min_interval": 0}) as c:
        c.get(site.url + "/a", host="arxiv")
        c.get(site.url.replace("127.0.0.1", "localhost") + "/b", host="arxiv")
        assert sum(clock.slept) == pytest.approx(3)
        c.get(site.url, host="huggingface")
        assert sum(clock.slept) == pytest.approx(3)


def test_threads_of_a_group_take_turns(site: Site, tmp_path: Path) -> None:
    """Never are two requests of one group under way at once."""
    busy, most, lock = 0, 0, threading.Lock()
    gate = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        gate.wait(0.02)
        with lock:
            busy -= 1
        says(200, b"x")(handler)

    site.script = [answer]
    settings = config.load({}, home=tmp_path, options={"arxiv.min_interval": 0})
    with net.Client(settings, proxies={}) as c:
        threads = [threading.Thread(target=c.get, args=(site.url,), kwargs={"host": "arxiv"}) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(site.seen), most) == (5, 1)


def test_the_pause_holds_between_processes(site: Site, clock: Clock, tmp_path: Path) -> None:
    """A second client on the same folder waits for what the first one asked."""
    site.script = [says(200, b"x")]
    settings = config.load({}, home=tmp_path, options={"arxiv.min_interval": 3})
    for _ in range(2):
        with net.Client(settings, clock=clock, sleep=clock.sleep, folder=tmp_path / "net", proxies={}) as c:
            c.get(site.url, host="arxiv")
    assert sum(clock.slept) == pytest.approx(3)


@pytest.mark.parametrize("trouble", [says(429), says(503), says(500), hangs_up, says(200, b"half", Content_Length="9")])
def test_what_may_pass_is_tried_again(
    site: Site, clock: Clock, tmp_path: Path, trouble: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    """429, 5xx, a reset and a truncated body are asked again, with a growing pause."""
    site.script = [trouble, trouble, says(200, b"whole")]
    with client(clock, tmp_path, **{"arxiv.min_interval": 0}) as c:
        assert c.get(site.url, host="arxiv").body == b"whole"
    assert len(clock.slept) == 2
    assert 0.5 <= clock.slept[0] <= 1.5
    assert 1 <= clock.slept[1] <= 3


def test_patience_ends(site: Site, clock: Clock, tmp_path: Path) -> None:
    """After the last attempt the error says what happened, how often and that it may pass."""
    site.script = [says(503)]
    with client(clock, tmp_path, **{"net.retries": 2}) as c, pytest.raises(FetchError) as caught:
        c.get(site.url, host="arxiv")
    assert len(site.seen) == 3
    assert (caught.value.permanent, caught.value.status) == (False, 503)
    assert "answered 503, 3 times" in str(caught.value)
    assert [asked.status for asked in c.asked] == [503, 503, 503]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final(site: Site, clock: Clock, tmp_path: Path, status: int) -> None:
    """A 4xx is not asked again and is permanent."""
    site.script = [says(status)]
    with client(clock, tmp_path) as c, pytest.raises(FetchError) as caught:
        c.get(site.url, host="arxiv")
    assert len(site.seen) == 1
    assert (caught.value.permanent, caught.value.status) == (True, status)


def test_retry_after_is_obeyed(site: Site, clock: Clock, tmp_path: Path) -> None:
    """The next attempt waits at least as long as the server asks, in seconds or until a date."""
    when = format_datetime(datetime.fromtimestamp(clock.now + 50, UTC), usegmt=True)
    site.script = [says(429, Retry_After="20"), says(503, Retry_After=when), says(200, b"x")]
    with client(clock, tmp_path) as c:
        c.get(site.url, host="arxiv")
    assert clock.slept[0] == pytest.approx(20)
    assert sum(clock.slept) == pytest.approx(50, abs=1)


def test_a_long_retry_after_is_an_error_that_says_when(site: Site, clock: Clock, tmp_path: Path) -> None:
    """Longer than max_wait: no wait, no further request of the group, and the time to come back."""
    site.script = [says(429, Retry_After="7200")]
    back = f"{datetime.fromtimestamp(clock.now + 7200, UTC):%Y-%m-%d %H:%M}"
    with client(clock, tmp_path) as c:
        for _ in range(2):
            with pytest.raises(FetchError, match=f"come back after {back}") as caught:
                c.get(site.url, host="arxiv")
            assert not caught.value.permanent
    assert len(site.seen) == 1


def test_large_answers_are_refused_while_they_stream(site: Site, clock: Clock, tmp_path: Path) -> None:
    """The cap counts bytes after decompression."""
    bomb = gzip.compress(b"\0" * 3_000_000)
    site.script = [says(200, bomb, Content_Encoding="gzip")]
    with client(clock, tmp_path, **{"net.max_bytes": 100_000}) as c, pytest.raises(FetchError) as caught:
        c.get(site.url, host="arxiv")
    assert caught.value.permanent
    assert "100,000 bytes" in str(caught.value)


def test_compressed_answers_are_read(site: Site, clock: Clock, tmp_path: Path) -> None:
    """gzip is asked for and undone."""
    site.script = [says(200, gzip.compress(b"text"), Content_Encoding="gzip")]
    with client(clock, tmp_path) as c:
        assert c.get(site.url, host="arxiv").body == b"text"


def test_redirects_are_requests_too(site: Site, clock: Clock, tmp_path: Path) -> None:
    """Each hop keeps the pause; the answer has the last address."""
    site.script = [says(301, Location="/there?q=1"), says(200, b"x")]
    with client(clock, tmp_path) as c:
        answer = c.get(site.url + "/here", host="arxiv", params={"q": "0"})
    assert [path for path, _ in site.seen] == ["/here?q=0", "/there?q=1"]
    assert answer.url == site.url + "/there?q=1"
    assert sum(clock.slept) == pytest.approx(3)


def test_a_question_is_sent_as_json_and_again_after_a_fault(site: Site, clock: Clock, tmp_path: Path) -> None:
    """POST has its own body and headers; what may pass is asked again, whole."""
    site.script = [says(503), says(200, b"[]")]
    with client(clock, tmp_path) as c:
        answer = c.post(
            site.url + "/q", host="arxiv", json={"ids": ["é"]}, params={"f": "x"}, private={"x-api-key": "k"}
        )
    assert answer.body == b"[]"
    assert site.bodies == ['{"ids":["é"]}'.encode()] * 2
    path, headers = site.seen[1]
    assert (path, headers["content-type"], headers["x-api-key"]) == ("/q?f=x", "application/json", "k")


def test_a_question_is_redirected_only_as_a_question(site: Site, clock: Clock, tmp_path: Path) -> None:
    """307 and 308 send the body again; after 301 to 303 a client would ask something else, so they are refused."""
    site.script = [says(307, Location="/there"), says(200, b"x")]
    with client(clock, tmp_path) as c:
        c.post(site.url + "/here", host="arxiv", json=[1])
        assert site.bodies == [b"[1]", b"[1]"]
        site.script = [says(301, Location="/there")]
        with pytest.raises(FetchError, match="redirects a question with 301"):
            c.post(site.url + "/here", host="arxiv", json=[1])


def test_secrets_stay_with_their_host(site: Site, clock: Clock, tmp_path: Path) -> None:
    """A redirect on the same host gets the private headers; one to another host does not, nor do later hops."""
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    site.script = [
        says(301, Location="/there"),
        says(301, Location=elsewhere + "/x"),
        says(301, Location=site.url + "/back"),
        says(200, b"x"),
    ]
    with client(clock, tmp_path) as c:
        c.get(site.url + "/here", host="arxiv", private={"Authorization": "Bearer t"})
    assert [headers.get("authorization") for _, headers in site.seen] == ["Bearer t", "Bearer t", None, None]


def test_a_used_up_limit_is_waited_for(site: Site, clock: Clock, tmp_path: Path) -> None:
    """403 with nothing remaining is asked again when the limit begins anew, or said with the time where that is far."""
    soon, far = (f"{clock.now + seconds:.0f}" for seconds in (20, 3000))
    site.script = [says(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=soon), says(200, b"x")]
    with client(clock, tmp_path) as c:
        assert c.get(site.url, host="arxiv").body == b"x"
        assert sum(clock.slept) == pytest.approx(20)
        site.script = [says(403, b'{"message": "used up"}', X_RateLimit_Remaining="0", X_RateLimit_Reset=far)]
        with pytest.raises(FetchError, match=r"answered 403 \(used up\) and asks to wait") as caught:
            c.get(site.url, host="arxiv")
    assert caught.value.until is not None
    assert caught.value.until.timestamp() == float(far)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, 5.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2000000060"}, 60.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1999999940"}, 0.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}, 90.0),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "90"}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
    ],
)
def test_a_wait_is_read_from_either_header(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After first, else the end of a limit that is used up, as a Unix time or in seconds."""
    assert net.asked_to_wait(headers, 2_000_000_000.0) == seconds


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"error": "No valid paper ids given"}', "No valid paper ids given"),
        (b'{"error": "x", "message": "  two\\n lines "}', "two lines"),
        (b"<html>", ""),
        (b'{"error": {"code": 1}}', ""),
        (b"[" * 100_000, ""),
        (b"", ""),
    ],
)
def test_a_refusal_says_what_the_source_said(site: Site, clock: Clock, tmp_path: Path, body: bytes, told: str) -> None:
    """A JSON message is told, briefly; a web page is not."""
    site.script = [says(400, body)]
    with client(clock, tmp_path) as c, pytest.raises(FetchError) as caught:
        c.get(site.url, host="arxiv")
    assert caught.value.told == told
    assert f"answered 400{f' ({told})' if told else ''};" in str(caught.value)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "", "http://["])
def test_redirects_leave_the_web_never(site: Site, clock: Clock, tmp_path: Path, target: str) -> None:
    """Only http and https are followed."""
    site.script = [says(302, Location=target)]
    with client(clock, tmp_path) as c, pytest.raises(FetchError, match="redirects to"):
        c.get(site.url, host="arxiv")


def test_redirects_end(site: Site, clock: Clock, tmp_path: Path) -> None:
    """A circle of redirects is given up."""
    site.script = [says(302, Location="/again")]
    with client(clock, tmp_path, **{"arxiv.min_interval": 0}) as c, pytest.raises(FetchError, match="redirects more"):
        c.get(site.url, host="arxiv")
    assert len(site.seen) == REDIRECTS + 1


def test_nobody_there_is_said_at_once(clock: Clock, tmp_path: Path) -> None:
    """A refused connection is one sentence, not permanent, and not waited for."""
    with client(clock, tmp_path) as c, pytest.raises(FetchError, match="cannot be reached") as caught:
        c.get("http://127.0.0.1:9/", host="arxiv")
    assert (caught.value.permanent, caught.value.status, clock.slept) == (False, None, [])


@pytest.mark.parametrize("url", ["http://", "http://[", "nonsense", "http://127.0.0.1:99999/"])
def test_a_wrong_address_is_an_error_of_ours(clock: Clock, tmp_path: Path, url: str) -> None:
    """Whatever stands in the settings, the answer is a FetchError."""
    with client(clock, tmp_path) as c, pytest.raises(FetchError):
        c.get(url, host="arxiv")


def test_a_proxy_is_used_but_not_for_this_machine(site: Site, clock: Clock, tmp_path: Path) -> None:
    """The environment's proxy gets what goes out; loopback addresses are asked directly."""
    site.script = [says(200, b"x")]
    settings = config.load({}, home=tmp_path, options={"arxiv.min_interval": 0})
    with net.Client(settings, clock=clock, sleep=clock.sleep, proxies={"http": site.url.removeprefix("http://")}) as c:
        c.get("http://papers.invalid/a", host="arxiv")
        c.get(site.url + "/b", host="arxiv")
    assert [path for path, _ in site.seen] == ["http://papers.invalid/a", "/b"]


def test_stop_ends_a_wait(site: Site, clock: Clock, tmp_path: Path) -> None:
    """Setting the event ends a pause with Interrupted."""
    stop = threading.Event()

    def sleep(seconds: float) -> None:
        stop.set()

    site.script = [says(200, b"x")]
    settings = config.load({}, home=tmp_path)
    with net.Client(settings, clock=clock, sleep=sleep, stop=stop, proxies={}) as c:
        c.get(site.url, host="arxiv")
        with pytest.raises(Interrupted):
            c.get(site.url, host="arxiv")
    assert len(site.seen) == 1


def test_what_was_asked_is_noted_without_secrets(site: Site, clock: Clock, tmp_path: Path) -> None:
    """Address, status, duration and size of each request; users, passwords and keys are left out."""
    site.script = [says(200, b"12345")]
    with client(clock, tmp_path) as c:
        c.get(site.url, host="arxiv", params={"api_key": "hunter2", "q": "x"})
    assert c.asked == [net.Asked(f"{site.url}?api_key=***&q=x", 200, 0.0, 5)]
    assert net.shown("https://user:pw@host/x?token=1") == "https://host/x?token=***"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5.0), (" 0 ", 0.0), ("soon", None), ("-3", None), ("", None), ("²", None), ("9" * 400, 999999999.0)],
)
def test_retry_after_is_read_or_ignored(value: str, seconds: float | None) -> None:
    """A number of seconds or a date; anything else says nothing."""
    assert net.retry_after(value, 0.0) == seconds


def test_a_contact_cannot_break_the_header() -> None:
    """Line breaks and letters outside ASCII do not reach the header."""
    assert net.user_agent("a\r\nX: y é") == f"broadsheet/{__version__} (+aX:y)"
    assert net.user_agent("") == f"broadsheet/{__version__}"
