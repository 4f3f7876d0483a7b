"""R11.1: posts to addresses that somebody typed: guarded against the inner net, signed, truthful about what left."""

from __future__ import annotations

import base64
import json
import socket
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from outreach.channels import guard, wire
from outreach.channels.base import Incoming, Later, MayHaveLeft, NotOurs, NotSent, Outgoing, Sent
from outreach.channels.call.http import CallHttp
from outreach.channels.guard import Blocked
from outreach.channels.webhook.http import WebhookHttp
from outreach.channels.wecom.robot import MOST, WecomRobot
from tests.outreach.stubs import DROP, HANG, Stub, closed_port

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
MESSAGE = Outgoing(key="k-1", to="+8613800000001", text="您好", language="zh-hans", about={"lead": "17"})

INNER = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.9.9", "192.168.0.1",
    "192.168.255.255", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1",
    "192.88.99.1", "[64:ff9b:1::1]",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[fe80::1]", "[fc00::1]",
    "[fd12:3456::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]",
    "[2002:7f00:1::]", "[2002:a00:1::1]", "[2001:0:7f00:1::80ff:fffe]",
]  # fmt: skip


@pytest.mark.parametrize("host", INNER)
def test_no_post_goes_into_the_inner_net(host: str) -> None:
    try:
        with pytest.raises(Blocked):
            guard.target(f"http://{host}:8000/latest/meta-data/")
    except socket.gaierror:
        pytest.fail(f"{host} was not judged but unknown")


def test_there_are_forty_of_them() -> None:
    assert len(set(INNER)) >= 40


NO_ADDRESS = [
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "", "http://",
    "http://example.com:99999/", "http://[::1", "https://user:pass@example.com/", "http://exa mple.com/", "javascript:x",
    "http://example.com/a b", "http://example.com/\r\nHost: evil",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises((Blocked, socket.gaierror)):
        guard.target(url)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "[64:ff9b::808:808]"])
def test_the_open_net_is_let_through(address: str) -> None:
    assert guard.target(f"https://{address}/hook?x=1").path == "/hook?x=1"


def a_name(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A name server that answers one after the other."""
    asked: list[str] = []
    waiting = list(answers)

    def look_up(host: str, port: int, *args: Any, **more: Any) -> Any:
        asked.append(host)
        rows = (waiting.pop(0) if len(waiting) > 1 else waiting[0]).split()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (row, port)) for row in rows]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_that_leads_inside_is_refused_even_beside_an_open_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_name(monkeypatch, "93.184.216.34 10.0.0.1")
    with pytest.raises(Blocked):
        guard.target("https://rebind.example/")


def test_a_name_is_asked_once_and_the_post_goes_where_it_was_judged(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer of the name server is another one, and nobody asks for it."""
    port = int(stub.url.rpartition(":")[2])
    gone_to: list[Any] = []
    asked = a_name(monkeypatch, "93.184.216.34", "127.0.0.1")

    class Line(socket.socket):
        def connect(self, where: Any) -> None:
            gone_to.append(where)
            raise OSError("no net in tests")

    monkeypatch.setattr(wire.socket, "socket", Line)
    with pytest.raises(Later):
        wire.post(f"http://rebind.example:{port}/", b"{}", {})
    assert asked == ["rebind.example"] and gone_to == [("93.184.216.34", port)]
    assert stub.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_wherever_it_leads(stub: Stub, status: int) -> None:
    stub.say((status, {}, {"Location": f"{stub.url}/inner"}))
    with pytest.raises(Later) as caught:
        webhook(stub.url + "/hook").send(MESSAGE)
    assert caught.value.down and [row["path"] for row in stub.asked] == ["/hook"]


def webhook(url: str, **more: str) -> WebhookHttp:
    return WebhookHttp({"url": url, "secret": SECRET, "hook": "https://crm.example.com/hooks/1/k/", **more})


def test_R11_1_a_webhook_is_signed_as_the_standard_has_it(stub: Stub) -> None:
    stub.say((200, {"id": "their-1"}))
    assert webhook(stub.url + "/in?a=1").send(MESSAGE) == Sent("their-1")
    (row,) = stub.asked
    headers = {name.lower(): value for name, value in row["headers"].items()}
    said = Webhook(SECRET).verify(row["body"], headers)
    assert (
        said["text"] == "您好" and said["key"] == headers["webhook-id"] == "k-1" and row["path"] == "/in?a=1"
    )
    assert headers["host"] == stub.url.removeprefix("http://")
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(row["body"] + b" ", headers)


def test_R11_1_a_robot_is_told_whom_to_call(stub: Stub) -> None:
    robot = CallHttp(
        {"url": stub.url, "secret": SECRET, "voice": "calm", "hook": "https://crm.example.com/h/"}
    )
    robot.send(MESSAGE)
    said = stub.json()
    assert (
        said["type"] == "call"
        and said["to"] == MESSAGE.to
        and said["voice"] == "calm"
        and "caller" not in said
    )
    assert said["reports_to"] == "https://crm.example.com/h/"


ANSWERS: list[tuple[Any, type[Exception], bool, float | None]] = [
    ((400, {}), NotSent, False, None),
    ((410, {}), NotSent, False, None),
    ((422, {}), NotSent, False, None),
    ((429, {}, {"Retry-After": "17"}), Later, False, 17),
    ((429, {}, {"Retry-After": "soon"}), Later, False, None),
    ((503, {}, {"Retry-After": "5"}), Later, True, 5),
    ((401, {}), Later, True, None),
    ((404, {}), Later, True, None),
    ((500, {}), MayHaveLeft, False, None),
    ((502, b"bad gateway"), MayHaveLeft, False, None),
    (HANG, MayHaveLeft, False, None),
    (DROP, MayHaveLeft, False, None),
]


@pytest.mark.parametrize(("answer", "meant", "down", "after"), ANSWERS)
def test_R11_4_what_a_server_answers_means(
    stub: Stub, answer: Any, meant: type[Exception], down: bool, after: float | None
) -> None:
    stub.say(answer)
    with pytest.raises(meant) as caught:
        webhook(stub.url).send(MESSAGE)
    assert type(caught.value) is meant and getattr(caught.value, "down", False) is down
    assert getattr(caught.value, "after", None) == after
    assert len(stub.asked) == 1


def test_R11_4_a_server_that_drips_is_cut_off(stub: Stub) -> None:
    """Each single read is quick enough; the whole is not."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip() -> None:
            line, _where = server.accept()
            with line:
                line.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.1):
                    try:
                        line.sendall(b"X-More: yes\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(MayHaveLeft):
                webhook(f"http://127.0.0.1:{server.getsockname()[1]}/").send(MESSAGE)
        finally:
            over.set()
            thread.join()


def test_R11_4_where_no_line_comes_about_nothing_left(stub: Stub) -> None:
    for url in (f"http://127.0.0.1:{closed_port()}/", "http://no-such-host.invalid/"):
        with pytest.raises(Later) as caught:
            webhook(url).send(MESSAGE)
        assert caught.value.down


def test_garbage_as_an_answer_is_no_answer_but_taken(stub: Stub) -> None:
    """The status counts: 200 with anything is taken."""
    stub.say((200, b"<html>"))
    assert webhook(stub.url).send(MESSAGE) == Sent("")


def test_R11_4_keys_are_honoured_by_who_knows_the_standard() -> None:
    assert WebhookHttp.keyed and CallHttp.keyed and not WecomRobot.keyed


def reported(body: Any, secret: str = SECRET, when: float | None = None) -> Incoming:
    text = json.dumps(body)
    at = datetime.fromtimestamp(when or time.time(), UTC)
    headers = {
        "webhook-id": "r-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("r-1", at, text),
    }
    return Incoming("POST", "/hooks/1/k/", headers, {}, {}, text.encode())


def test_R11_5_reports_of_a_robot_are_believed_when_signed() -> None:
    events = [
        {"type": "receipt", "what": "delivered", "key": "k-1", "at": "2026-03-02T01:00:00+00:00"},
        {"type": "receipt", "what": "bounced", "id": "r2", "why": "nobody there", "dead": True},
        {"type": "receipt", "what": "something new"},
        {"type": "reply", "from": "+8613800000001", "text": "call me", "key": "k-1", "event_id": "e1"},
    ]
    driver = webhook("https://x.example")
    good, bad = driver.receipts(reported({"events": events}))
    assert (good.what, good.key) == ("delivered", "k-1") and good.at is not None
    assert (bad.what, bad.provider_id, bad.dead) == ("bounced", "r2", True)
    (answer,) = driver.inbound(reported({"events": events}))
    assert (answer.sender, answer.answers, answer.id) == ("+8613800000001", ("k-1",), "e1")
    other = "whsec_" + base64.b64encode(b"another secret of the same").decode()
    for forged in (reported(events, secret=other), reported(events, when=time.time() - 3600)):
        with pytest.raises(NotOurs):
            driver.receipts(forged)


@pytest.mark.parametrize("body", [1, "x", None, [1], {"events": "x"}, {"events": [None]}, [[]]])
def test_signed_garbage_is_refused(body: Any) -> None:
    with pytest.raises(NotOurs):
        webhook("https://x.example").receipts(reported(body))


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b""), ({"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": "v1,x"}, b"{}"),
     ({"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "nonsense"}, b"{}"),
     ({"webhook-id": "1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,%%"}, b"\xff")],
)  # fmt: skip
def test_unsigned_garbage_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotOurs):
        webhook("https://x.example").receipts(Incoming("POST", "/", headers, {}, {}, body))


def test_settings_of_a_webhook_that_cannot_be() -> None:
    assert WebhookHttp.faults({"url": "https://x.example/in", "secret": SECRET}) == []
    wrong = WebhookHttp.faults({"url": "ftp://x.example", "secret": "whsec_c2hvcnQ="})
    assert [name for name, _text in wrong] == ["url", "secret"]
    assert [name for name, _text in WebhookHttp.faults({"url": "https://x.example", "secret": "é"})] == [
        "secret"
    ]


def robot(url: str) -> WecomRobot:
    return WecomRobot({"key": "k/e y", "endpoint": url})


def test_R11_1_a_group_robot_tells_a_team(stub: Stub) -> None:
    stub.say((200, {"errcode": 0, "errmsg": "ok"}))
    assert robot(stub.url).send(Outgoing(key="1", to="", subject="Back on the desk", text="Li Lei")) == Sent()
    assert stub.asked[0]["path"] == "/cgi-bin/webhook/send?key=k%2Fe%20y"
    assert stub.json() == {"msgtype": "text", "text": {"content": "Back on the desk\nLi Lei"}}
    robot(stub.url).send(Outgoing(key="2", to="", text="长" * 2000))
    content = stub.json()["text"]["content"]
    assert len(content.encode()) <= MOST and content.endswith("…")


@pytest.mark.parametrize(
    ("said", "meant", "down"),
    [
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, Later, False),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, Later, True),
        ({"errcode": -1, "errmsg": "system busy"}, Later, True),
        ({"errcode": 40058, "errmsg": "content"}, NotSent, False),
        (b"<html>", MayHaveLeft, False),
    ],
)
def test_R11_4_a_group_robot_says_no_in_its_own_way(
    stub: Stub, said: Any, meant: type[Exception], down: bool
) -> None:
    stub.say((200, said))
    with pytest.raises(meant) as caught:
        robot(stub.url).send(MESSAGE)
    assert type(caught.value) is meant and getattr(caught.value, "down", False) is down
    assert "k/e y" not in str(caught.value)
