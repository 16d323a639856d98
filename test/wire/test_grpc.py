"""The gRPC server against the real grpcio client: messages, streams, status, flow, cancellation."""
import os
import pathlib
import subprocess
import threading
import time

import grpc
import pytest
from conftest import BUILD

LIMIT = 128 << 20
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@pytest.fixture(scope="module")
def address():
    server = subprocess.Popen([BUILD / "test/net/net_grpc_echo"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        yield server.stdout.readline().decode().strip()
        server.stdin.close()
        assert server.wait(timeout=20) == 0
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def channel(address):
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        yield channel


def unary(channel, method, data, **kwargs):
    return channel.unary_unary(f"/test.Echo/{method}")(data, timeout=60, **kwargs)


@pytest.mark.parametrize("size", [0, 1, 100, 16384, 16385, 1 << 20, 40 << 20])
def test_a_message_of_any_size_comes_back(channel, size):
    data = os.urandom(size)
    assert unary(channel, "Unary", data) == data


def test_calls_on_many_threads_are_kept_apart(channel):
    call = channel.unary_unary("/test.Echo/Unary")
    failures = []

    def work(worker):
        for i in range(200):
            data = b"%d-%d" % (worker, i)
            if call(data, timeout=60) != data:
                failures.append(data)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failures == []


def test_both_sides_stream(channel):
    sent = [bytes([i]) * (i * 1000) for i in range(50)]
    got = list(channel.stream_stream("/test.Echo/Unary")(iter(sent), timeout=60))
    assert got == sent


@pytest.mark.parametrize("count,size", [(0, 5), (10000, 10), (200, 1 << 20), (3, 50 << 20)])
def test_a_stream_arrives_whole_and_in_order(channel, count, size):
    got = 0
    for message in channel.unary_stream("/test.Echo/Stream")(b"%d %d" % (count, size), timeout=60):
        assert len(message) == size
        assert message[:1] == bytes([got & 0xFF]) and message[-1:] == bytes([got & 0xFF])
        got += 1
    assert got == count


def test_a_slow_reader_stops_the_producer(address):
    """Without back-pressure the server would gather two gigabytes here."""
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        stream = channel.unary_stream("/test.Echo/Stream")(b"2000 1048576", timeout=60)
        next(stream)
        rss = max(resident_bytes() for _ in range(20) if time.sleep(0.02) is None)
        assert rss < 200 << 20
        stream.cancel()


def resident_bytes():
    """Of the echo server, found as the child of this process."""
    children = pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    sizes = [int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
             for pid in children
             if "net_grpc_echo" in pathlib.Path(f"/proc/{pid}/cmdline").read_text()]
    return max(sizes)


def test_a_status_carries_message_and_details(channel):
    with pytest.raises(grpc.RpcError) as caught:
        unary(channel, "Fail", b"")
    error = caught.value
    assert error.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "100% naïve\nsecond line"
    assert dict(error.trailing_metadata())["grpc-status-details-bin"] == b"\0\1\2x"


def test_an_unknown_method_is_unimplemented(channel):
    with pytest.raises(grpc.RpcError) as caught:
        unary(channel, "Nothing", b"x")
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_compressed_message_is_refused(channel):
    with pytest.raises(grpc.RpcError) as caught:
        unary(channel, "Unary", b"a" * 10000, compression=grpc.Compression.Gzip)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "compressed" in caught.value.details()


def test_a_message_above_the_limit_is_refused_and_the_connection_lives(channel):
    with pytest.raises(grpc.RpcError) as caught:
        unary(channel, "Unary", b"a" * (LIMIT + 1))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert unary(channel, "Unary", b"still here") == b"still here"


def test_an_answer_before_the_clients_end_is_complete(channel):
    def endless():
        while True:
            yield b"x" * 1000

    call = channel.stream_unary("/test.Echo/Early")
    assert call(endless(), timeout=30) == b"x" * 1000


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def counts(channel):
    return [int(n) for n in unary(channel, "Cancels", b"").split()]


def test_a_cancelled_call_ends_on_the_server(channel):
    cancels, open_calls = counts(channel)
    hang = channel.unary_unary("/test.Echo/Hang").future(b"")
    stream = channel.unary_stream("/test.Echo/Stream")(b"100000 1048576")
    next(stream)
    wait_until(lambda: counts(channel)[1] >= open_calls + 2)
    hang.cancel()
    stream.cancel()
    wait_until(lambda: counts(channel)[0] == cancels + 2)
    wait_until(lambda: counts(channel)[1] == open_calls)


def test_a_lost_connection_cancels_its_calls(address, channel):
    cancels, open_calls = counts(channel)
    other = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
    hang = other.unary_unary("/test.Echo/Hang").future(b"")
    wait_until(lambda: counts(channel)[1] == open_calls + 1)
    other.close()
    assert hang.done()
    wait_until(lambda: counts(channel) == [cancels + 1, open_calls])


def test_a_deadline_ends_a_call(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/test.Echo/Hang")(b"", timeout=0.1)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_keepalive_pings_are_answered(address):
    options = [("grpc.keepalive_time_ms", 100), ("grpc.keepalive_timeout_ms", 2000),
               ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0),
               ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options=options) as channel:
        hang = channel.unary_unary("/test.Echo/Hang").future(b"")
        with pytest.raises(grpc.FutureTimeoutError):
            hang.result(timeout=1.0)
        assert hang.running()
        hang.cancel()
