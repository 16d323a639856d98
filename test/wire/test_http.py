"""The HTTP server against python's http.client, and against raw bytes where no client misbehaves."""
import http.client
import os
import socket
import subprocess
import time

import pytest
from conftest import BUILD


@pytest.fixture(scope="module")
def address():
    server = subprocess.Popen([BUILD / "test/net/net_http_echo"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        host, port = server.stdout.readline().decode().strip().split(":")
        yield host, int(port)
        server.stdin.close()
        assert server.wait(timeout=20) == 0
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def client(address):
    connection = http.client.HTTPConnection(*address, timeout=20)
    yield connection
    connection.close()


def ask(client, method, target, body=None, headers={}):
    client.request(method, target, body, headers)
    response = client.getresponse()
    return response.status, response.read(), response


def raw(address, data):
    """All that the server says to these bytes until it closes."""
    with socket.create_connection(address, timeout=20) as s:
        s.sendall(data)
        answer = b""
        while part := s.recv(65536):
            answer += part
        return answer


def test_a_request_arrives_whole(client):
    status, body, response = ask(client, "PUT", "/echo/a%20b%2Fc?q=%20x&y", b"body", {"X-TEST": "v"})
    assert (status, body) == (200, b"PUT|/echo/a b/c|q=%20x&y|v|body")
    assert response.getheader("Content-Type") == "application/octet-stream"
    assert response.getheader("X-Evil") is None


def test_a_connection_serves_many_requests(client):
    ask(client, "GET", "/echo")
    first = client.sock
    for i in range(200):
        status, body, _ = ask(client, "POST", "/echo", b"%d" % i)
        assert body.endswith(b"|%d" % i)
    assert client.sock is first


def test_a_chunked_body_is_put_together(client):
    parts = [os.urandom(n) for n in (1, 100, 70000, 3)]
    _, body, _ = ask(client, "POST", "/echo", iter(parts))
    assert body == b"POST|/echo||-|" + b"".join(parts)


def test_a_large_body_comes_back(client):
    data = os.urandom(60 << 20)
    _, body, _ = ask(client, "POST", "/echo", data)
    assert body[-len(data):] == data


def test_a_body_above_the_limit_is_refused_before_it_is_sent(address):
    answer = raw(address, b"POST /echo HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_above_the_limit_is_refused(address):
    chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    with socket.create_connection(address, timeout=20) as s:
        s.sendall(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(65):
                s.sendall(chunk)
        except ConnectionError:
            pass
        assert s.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_head_has_the_length_but_no_body(client):
    status, body, response = ask(client, "HEAD", "/echo")
    assert (status, body) == (200, b"")
    assert int(response.getheader("Content-Length")) == len("HEAD|/echo||-|")
    assert ask(client, "GET", "/echo")[0] == 200


def test_pipelined_requests_are_answered_in_order(address):
    answer = raw(address, b"".join(b"GET /echo/%d HTTP/1.1\r\n\r\n" % i for i in range(20))
                 + b"GET /echo/last HTTP/1.1\r\nConnection: close\r\n\r\n")
    at = [answer.index(b"/echo/%d|" % i) for i in range(20)] + [answer.index(b"/echo/last|")]
    assert at == sorted(at)


def test_an_old_client_gets_an_answer_and_the_end(address):
    answer = raw(address, b"GET /stream HTTP/1.0\r\n\r\n")
    assert b"chunked" not in answer
    assert answer.endswith(b"".join(b"data: %d\n\n" % i for i in range(5)))


def test_a_stream_arrives_in_chunks_and_the_connection_lives(client):
    status, body, response = ask(client, "GET", "/stream")
    assert response.getheader("Transfer-Encoding") == "chunked"
    assert body == b"".join(b"data: %d\n\n" % i for i in range(5))
    assert ask(client, "GET", "/param?p=x")[1] == b"x"


def test_a_stream_notices_that_the_client_left(address, client):
    before = int(ask(client, "GET", "/left")[1])
    with socket.create_connection(address, timeout=20) as s:
        s.sendall(b"GET /endless HTTP/1.1\r\n\r\n")
        while b"tick" not in s.recv(1000):
            pass
    deadline = time.monotonic() + 20
    while int(ask(client, "GET", "/left")[1]) != before + 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_expect_continue_is_answered_before_the_body(address):
    with socket.create_connection(address, timeout=20) as s:
        s.sendall(b"POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert s.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(b"ok")
        assert s.recv(1000).endswith(b"|ok")


def test_query_parameters_are_decoded(client):
    assert ask(client, "GET", "/param?pp=1&p=a%2Bb+c%26&p=2")[1] == b"a+b c&"
    assert ask(client, "GET", "/param?p")[1] == b""
    assert ask(client, "GET", "/param?p=%zz")[0] == 400
    assert ask(client, "GET", "/param?q=1")[0] == 400


@pytest.mark.parametrize("request_bytes,status", [
    (b"NONSENSE\r\n\r\n", 400),
    (b"GET /echo HTTP/2.0\r\n\r\n", 505),
    (b"GET /%00 HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 400),
    (b"GET /%4 HTTP/1.1\r\n\r\n", 400),
    (b"CONNECT a:1 HTTP/1.1\r\n\r\n", 501),
    (b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nA: " + b"a" * 70000 + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20000 + b"\r\n", 431),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
])
def test_what_makes_no_sense_is_refused_and_the_connection_ends(address, request_bytes, status):
    answer = raw(address, request_bytes)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in answer


def test_an_upgrade_that_we_do_not_know_is_served_as_it_is(address):
    answer = raw(address, b"GET /echo HTTP/1.1\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
