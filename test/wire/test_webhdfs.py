"""The file store over WebHDFS: PyPI's hdfs, fsspec, curl and bare requests against the running program."""

import hashlib
import io
import json
import os
import random
import signal
import socket
import struct
import subprocess
import threading
import time

import fsspec
import hdfs
import pytest
import requests
from weir_server import WeirServer


def blob(n, seed=1):
    return random.Random(seed).randbytes(n)


@pytest.fixture(scope="module")
def server(weir_program, tmp_path_factory):
    s = WeirServer(weir_program, str(tmp_path_factory.mktemp("webhdfs")))
    yield s
    s.stop()


@pytest.fixture(scope="module")
def url(server):
    return server.facts["webhdfs"]


def rest(url, method, path, op, data=None, **params):
    return requests.request(method, f"{url}/webhdfs/v1{path}", params={"op": op, **params}, data=data,
                            allow_redirects=False, timeout=60)


def put(url, path, data, **params):
    first = rest(url, "PUT", path, "CREATE", **params)
    assert first.status_code == 307, first.text
    return requests.put(first.headers["Location"], data=data, timeout=60)


def get(url, path, **params):
    return requests.get(f"{url}/webhdfs/v1{path}", params={"op": "OPEN", **params}, timeout=60)


def status(url, path):
    return rest(url, "GET", path, "GETFILESTATUS").json()["FileStatus"]


def refused(answer, code, name):
    assert answer.status_code == code, answer.text
    assert answer.json()["RemoteException"]["exception"] == name


def test_the_address_is_where_it_is_said_to_be(server, url):
    assert server.facts["nodes"][0]["webhdfs"] == url
    assert requests.get(url, timeout=10).status_code == 200


def test_a_file_goes_there_and_back_by_the_redirect(url):
    data = blob(3_000_000)
    assert put(url, "/r/f", data).status_code == 201
    assert get(url, "/r/f").content == data
    assert get(url, "/r/f", offset=1_000_001, length=700).content == data[1_000_001:1_000_701]
    refused(get(url, "/r/f", offset=3_000_000), 403, "IOException")
    first = rest(url, "PUT", "/r/g", "CREATE", noredirect="true")
    assert requests.put(first.json()["Location"], data=b"12", timeout=10).status_code == 201
    assert status(url, "/r/g")["length"] == 2


def crc32c_table():
    table = []
    for i in range(256):
        c = i
        for _ in range(8):
            c = (c >> 1) ^ (0x82F63B78 if c & 1 else 0)
        table.append(c)
    return table


TABLE = crc32c_table()


def crc32c(data):
    c = 0xFFFFFFFF
    for x in data:
        c = TABLE[(c ^ x) & 255] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


def hadoop_checksum(blocks, per_block):
    digests = b"".join(
        hashlib.md5(b"".join(struct.pack(">I", crc32c(b[i:i + 512])) for i in range(0, len(b), 512))).digest()
        for b in blocks)
    room = 32
    while room < len(digests):
        room *= 2
    return struct.pack(">IQ", 512, per_block) + hashlib.md5(digests.ljust(room, b"\0")).digest()


def test_checksums_are_those_of_hadoop(url):
    data = blob(5 << 18)
    put(url, "/sum/f", data, blocksize=1 << 19)
    first = rest(url, "GET", "/sum/f", "GETFILECHECKSUM")
    answer = requests.get(first.headers["Location"], timeout=30).json()["FileChecksum"]
    assert answer["algorithm"] == "MD5-of-1024MD5-of-512CRC32C"
    half = 1 << 19
    want = hadoop_checksum([data[:half], data[half:2 * half], data[2 * half:]], 1024)
    assert answer["bytes"][:56] == want.hex()
    rest(url, "POST", "/sum/f", "TRUNCATE", newlength=1000)
    first = rest(url, "GET", "/sum/f", "GETFILECHECKSUM")
    answer = requests.get(first.headers["Location"], timeout=30).json()["FileChecksum"]
    assert answer["bytes"][:56] == hadoop_checksum([data[:1000]], 0).hex()


def test_append_truncate_concat(url):
    parts = [blob(n, n) for n in (300, 1, 100_000, 511)]
    put(url, "/a/f", parts[0], blocksize=1 << 16)
    for part in parts[1:]:
        first = rest(url, "POST", "/a/f", "APPEND")
        assert requests.post(first.headers["Location"], data=part, timeout=30).status_code == 200
    whole = b"".join(parts)
    assert get(url, "/a/f").content == whole
    assert rest(url, "POST", "/a/f", "TRUNCATE", newlength=70_001).json() == {"boolean": True}
    first = rest(url, "POST", "/a/f", "APPEND")
    requests.post(first.headers["Location"], data=b"end", timeout=30)
    assert get(url, "/a/f").content == whole[:70_001] + b"end"
    put(url, "/a/g", b"more", blocksize=1 << 16)
    rest(url, "POST", "/a/f", "CONCAT", sources="/a/g")
    assert get(url, "/a/f").content == whole[:70_001] + b"endmore"
    refused(rest(url, "GET", "/a/g", "GETFILESTATUS"), 404, "FileNotFoundException")


def test_errors_have_hadoops_names(url):
    put(url, "/e/f", b"1")
    refused(rest(url, "PUT", "/e/f", "CREATE", overwrite="false"), 403, "FileAlreadyExistsException")
    refused(rest(url, "PUT", "/e/f/x", "MKDIRS"), 403, "ParentNotDirectoryException")
    refused(rest(url, "DELETE", "/e", "DELETE"), 403, "PathIsNotEmptyDirectoryException")
    refused(rest(url, "PUT", "/e/x", "MKDIRS", permission="9"), 400, "IllegalArgumentException")
    refused(rest(url, "GET", "/e", "NOSUCH"), 400, "IllegalArgumentException")
    refused(rest(url, "PUT", "/e", "ALLOWSNAPSHOT"), 400, "UnsupportedOperationException")
    refused(rest(url, "GET", "/e/../x", "LISTSTATUS"), 404, "FileNotFoundException")  # the client resolves it
    refused(rest(url, "PUT", "/e/y", "MKDIRS", **{"user.name": "mallory"}), 403, "AccessControlException")
    assert "message" in rest(url, "GET", "/none", "OPEN").json()["RemoteException"]


def test_the_hdfs_package(url, tmp_path):
    client = hdfs.InsecureClient(url, user="root")
    data = blob(2_000_000, 3)
    client.write("/p/f", data, overwrite=True)
    with client.read("/p/f") as f:
        assert f.read() == data
    client.write("/p/f", b"tail", append=True)
    assert client.status("/p/f")["length"] == len(data) + 4
    for name in ("x", "y/z"):
        local = tmp_path / "up" / name
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_bytes(blob(100_000, len(name)))
    client.upload("/p/up", str(tmp_path / "up"))
    client.download("/p/up", str(tmp_path / "down"))
    assert (tmp_path / "down" / "y" / "z").read_bytes() == blob(100_000, 3)
    assert [n for n, _ in client.list("/p", status=True)] == ["f", "up"]
    with pytest.raises(hdfs.HdfsError) as e:
        client.status("/p/none")
    assert e.value.exception == "FileNotFoundException"


def test_fsspec(url):
    host, port = url[7:].split(":")
    fs = fsspec.filesystem("webhdfs", host=host, port=int(port), user="root", skip_instance_cache=True)
    data = blob(12 << 20, 5)
    with fs.open("/fs/f", "wb", block_size=5 << 20) as f:
        for i in range(0, len(data), 1 << 20):
            f.write(data[i:i + (1 << 20)])
    assert fs.cat_file("/fs/f") == data
    with fs.open("/fs/f", "rb") as f:
        f.seek(7_000_001)
        assert f.read(1000) == data[7_000_001:7_001_001]
    fs.mv("/fs/f", "/fs/g")
    assert fs.exists("/fs/g") and not fs.exists("/fs/f")
    fs.rm("/fs", recursive=True)
    assert not fs.exists("/fs/g")


def test_curl_with_100_continue_and_chunked(url, tmp_path):
    data = blob(5_000_000, 9)
    local = tmp_path / "f"
    local.write_bytes(data)
    target = f"{url}/webhdfs/v1/c/f?op=CREATE&overwrite=true"
    for extra in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]):
        subprocess.run(["curl", "-sfL", "-X", "PUT", "-T", str(local), *extra, target], check=True, timeout=60)
        out = subprocess.run(["curl", "-sfL", f"{url}/webhdfs/v1/c/f?op=OPEN"], check=True, timeout=60,
                             capture_output=True).stdout
        assert out == data


def test_many_writers_and_a_full_listing(url):
    wrong = []

    def work(i):
        data = blob(50_000 + i, i)
        put(url, f"/m/f{i:03d}", data)
        if get(url, f"/m/f{i:03d}").content != data:
            wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    names, after = [], ""
    while True:
        page = rest(url, "GET", "/m", "LISTSTATUS_BATCH", startAfter=after).json()["DirectoryListing"]
        found = [s["pathSuffix"] for s in page["partialListing"]["FileStatuses"]["FileStatus"]]
        names += found
        if page["remainingEntries"] == 0:
            break
        after = found[-1]
    assert names == [f"f{i:03d}" for i in range(24)]
    assert rest(url, "GET", "/m", "GETCONTENTSUMMARY").json()["ContentSummary"]["fileCount"] == 24


def test_a_client_that_leaves_leaves_what_came(url):
    host, port = url[7:].split(":")
    first = rest(url, "PUT", "/gone/f", "CREATE")
    where = first.headers["Location"].split(port, 1)[1]
    with socket.create_connection((host, int(port))) as s:
        s.sendall(f"PUT {where} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".encode() + b"z" * 5000)
        late = time.monotonic() + 30
        while rest(url, "GET", "/gone/f", "GETFILESTATUS").status_code != 200:
            assert time.monotonic() < late
            time.sleep(0.01)
    late = time.monotonic() + 30
    while status(url, "/gone/f")["length"] == 0:
        assert time.monotonic() < late
        time.sleep(0.01)
    assert get(url, "/gone/f").content == b"z" * status(url, "/gone/f")["length"]
    assert put(url, "/gone/f", b"again", overwrite="true").status_code == 201


def test_damage_on_disk_is_no_answer(server, url):
    put(url, "/dam/f", blob(100_000))
    block = rest(url, "GET", "/dam/f", "GET_BLOCK_LOCATIONS").json()["LocatedBlocks"]["locatedBlocks"][0]["block"]
    path = os.path.join(server.facts["data"], "blocks", f"{block['blockId'] & 255:02x}", f"blk_{block['blockId']}")
    with open(path, "r+b") as f:
        f.seek(70_000)
        f.write(b"damage")
    answer = get(url, "/dam/f")
    refused(answer, 403, "IOException")
    assert "is damaged at byte" in answer.json()["RemoteException"]["message"]
    assert get(url, "/dam/f", length=60_000).status_code in (200, 403)


def test_other_web_sites_get_nothing(url):
    put(url, "/csrf/f", b"12345")
    target = f"{url}/webhdfs/v1/csrf/f"
    evil = requests.post(f"{target}?op=TRUNCATE&newlength=0", headers={"Origin": "http://evil.example"}, timeout=10)
    refused(evil, 403, "AccessControlException")
    refused(requests.get(f"{target}?op=OPEN", headers={"Host": "evil.example:9870"}, timeout=10), 403,
            "AccessControlException")
    body = requests.put(f"{target}?op=CREATE&overwrite=true&namenoderpcaddress=x", data=b"evil", timeout=10,
                        headers={"Origin": "http://evil.example"})
    refused(body, 403, "AccessControlException")
    same = requests.get(f"{target}?op=OPEN", headers={"Origin": url}, timeout=10)
    assert same.content == b"12345"


def test_a_reader_of_a_removed_file_gets_on(url):
    data = blob(8 << 20, 21)
    put(url, "/late/f", data, blocksize=1 << 20)
    with requests.get(f"{url}/webhdfs/v1/late/f?op=OPEN", stream=True, timeout=30) as answer:
        first = answer.raw.read(1000)
        assert rest(url, "DELETE", "/late/f", "DELETE").json() == {"boolean": True}
        assert first + answer.raw.read() == data


def test_a_killed_store_keeps_what_was_closed(weir_program, tmp_path):
    """Writers go on while the store is killed, three times; then each acknowledged file is whole."""
    server = WeirServer(weir_program, str(tmp_path))
    try:
        url = server.facts["webhdfs"]
        done, stop = {}, threading.Event()

        def write(worker):
            n = 0
            while not stop.is_set():
                name, data = f"/k/{worker}-{n}", blob(1000 + 37_000 * (n % 5), worker * 1000 + n)
                try:
                    if put(url, name, data, blocksize=1 << 16).status_code == 201:
                        done[name] = data
                except (requests.RequestException, AssertionError):
                    time.sleep(0.02)
                n += 1

        threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
        for t in threads:
            t.start()
        for _ in range(3):
            before, late = len(done), time.monotonic() + 60
            while len(done) < before + 20:
                assert time.monotonic() < late, "writers do not get on"
                time.sleep(0.01)
            with open(os.path.join(str(tmp_path), "ready.json")) as f:
                pid = [p["pid"] for p in json.load(f)["processes"] if p["role"] == "store"][0]
            os.kill(pid, signal.SIGKILL)
            late = time.monotonic() + 60
            while True:
                with open(os.path.join(str(tmp_path), "ready.json")) as f:
                    now = [p["pid"] for p in json.load(f)["processes"] if p["role"] == "store"]
                if now and now[0] != pid:
                    break
                assert time.monotonic() < late, "no new store"
                time.sleep(0.01)
        before, late = len(done), time.monotonic() + 60
        while len(done) < before + 20:
            assert time.monotonic() < late, "writers do not get on"
            time.sleep(0.01)
        stop.set()
        for t in threads:
            t.join()
        for name, data in done.items():
            assert get(url, name).content == data, name
        # Files that were open are closed by recovery, with a prefix of what was sent.
        listed = rest(url, "GET", "/k", "LISTSTATUS").json()["FileStatuses"]["FileStatus"]
        for found in listed:
            name = f"/k/{found['pathSuffix']}"
            late = time.monotonic() + 60
            while True:
                answer = rest(url, "POST", name, "APPEND")
                if answer.status_code == 307:
                    answer = requests.post(answer.headers["Location"], data=b"", timeout=30)
                if answer.status_code == 200:
                    break
                assert time.monotonic() < late, answer.text
                time.sleep(0.05)
            if name not in done:
                worker, n = map(int, found["pathSuffix"].split("-"))
                sent = blob(1000 + 37_000 * (n % 5), worker * 1000 + n)
                assert sent.startswith(get(url, name).content)
    finally:
        server.stop()


def test_a_token_is_asked_for(weir_program, tmp_path):
    server = WeirServer(weir_program, str(tmp_path), {"WEIR_TOKEN": "secret"})
    try:
        url = server.facts["webhdfs"]
        assert rest(url, "GET", "/", "LISTSTATUS").status_code == 401
        assert rest(url, "GET", "/", "LISTSTATUS", delegation="secret").status_code == 200
        good = requests.get(f"{url}/webhdfs/v1/?op=LISTSTATUS", headers={"Authorization": "Bearer secret"}, timeout=10)
        assert good.status_code == 200
        assert put(url, "/f", io.BytesIO(b"12"), delegation="secret").status_code == 201
    finally:
        server.stop()


def test_the_engine_reads_and_writes_by_path(server, url):
    from pyspark.sql import SparkSession, functions as F

    spark = SparkSession.builder.remote(server.connect).getOrCreate()
    try:
        frame = spark.range(20_000).withColumn("k", F.col("id") % 3).withColumn("t", F.col("id").cast("string"))
        for form in ("parquet", "csv", "json"):
            root = f"hdfs:///eng/{form}"
            frame.write.mode("overwrite").partitionBy("k").format(form).option("header", "true").save(root)
            back = spark.read.format(form).option("header", "true").option("inferSchema", "true").load(root)
            assert back.agg(F.count("*"), F.sum("id"), F.sum("k")).first() == (20_000, 199_990_000, 19_999), form
            assert back.where("k = 2").count() == 6666
        names = [s["pathSuffix"] for s in rest(url, "GET", "/eng/parquet", "LISTSTATUS").json()["FileStatuses"][
            "FileStatus"]]
        assert names == ["_SUCCESS", "k=0", "k=1", "k=2"]
        by_address = spark.read.parquet(f"webhdfs://{url[7:]}/eng/parquet/k=*")
        assert by_address.count() == 20_000
        put(url, "/eng/lines.csv", "a,b\n1,x\n2,y\n".encode())
        assert [tuple(r) for r in spark.sql("SELECT * FROM csv.`hdfs:///eng/lines.csv`").collect()][1:] == [
            ("1", "x"), ("2", "y")]
        with pytest.raises(Exception, match="PATH_NOT_FOUND"):
            spark.read.parquet("hdfs:///eng/none").count()
        with pytest.raises(Exception, match="PATH_ALREADY_EXISTS"):
            frame.write.parquet("hdfs:///eng/parquet")
    finally:
        spark.stop()
