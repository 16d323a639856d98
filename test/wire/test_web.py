"""The web page: what it serves, whom it serves, and how it looks alive in a real browser."""
import http.client
import json
import re
import shutil
import subprocess

import pytest
from browser import Browser
from conftest import BUILD, ROOT


class Server:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([BUILD / "test/web/web_demo", "127.0.0.1:0", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.process.stdout.readline().decode().strip()

    def get(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, response, body

    def stop(self):
        self.process.stdin.close()
        try:
            return self.process.wait(timeout=20)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser():
    assert shutil.which("chromium"), "chromium is needed: tools/install brings it"
    browser = Browser()
    yield browser
    browser.close()


def test_the_page_and_its_parts_are_served_and_cached_by_their_content(server):
    for path in ("/", "/style.css", "/app.js", "/views.js", "/icon.svg"):
        status, response, body = server.get(path)
        assert status == 200 and len(body) > 100
        etag = response.getheader("ETag")
        status, _, body = server.get(path, **{"If-None-Match": etag})
        assert (status, body) == (304, b"")


def test_the_page_fetches_nothing_from_elsewhere(server):
    for file in (ROOT / "src/web/assets").iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://[a-z]", text), file
    _, response, _ = server.get("/")
    assert "default-src 'self'" in response.getheader("Content-Security-Policy")


def test_the_state_is_one_json_document(server):
    status, response, body = server.get("/api/state")
    state = json.loads(body)
    assert status == 200 and response.getheader("Content-Type") == "application/json"
    assert list(state) == ["time_ms", "overview", "queries", "topics", "streams", "events"]
    assert state["topics"][0]["name"] == "flights"


def test_what_nobody_fills_in_is_empty():
    server = Server("empty")
    state = json.loads(server.get("/api/state")[2])
    assert state["overview"] == {} and state["queries"] == state["events"] == []
    assert server.stop() == 0


def test_events_bring_the_state_again_and_again(server):
    connection = http.client.HTTPConnection(server.address, timeout=20)
    connection.request("GET", "/events")
    response = connection.getresponse()
    assert response.getheader("Content-Type") == "text/event-stream"
    times = []
    while len(times) < 3:
        line = response.readline()
        if line.startswith(b"data: "):
            times.append(json.loads(line[6:])["time_ms"])
            assert response.readline() == b"\n"
    assert 500 < times[1] - times[0] < 5000 and times[2] > times[1]
    connection.close()


SAMPLE = re.compile(r'^[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [-+.0-9e]+$')


def test_metrics_are_in_prometheus_form(server):
    status, response, body = server.get("/metrics")
    assert status == 200 and response.getheader("Content-Type").startswith("text/plain; version=0.0.4")
    lines = body.decode().splitlines()
    assert "weir_up 1" in lines
    assert r'weir_demo{topic="a\"b\\c\nd"} 6' in lines
    assert lines.count("# TYPE weir_demo gauge") == 1
    assert all(line.startswith("# ") or SAMPLE.match(line) for line in lines)


def test_topics_and_lag_have_the_names_that_dashboards_ask_for(server):
    lines = server.get("/metrics")[2].decode().splitlines()
    assert 'kafka_topic_partitions{topic="flights"} 6' in lines
    assert 'kafka_topic_partition_oldest_offset{topic="flights",partition="5"} 0' in lines
    assert 'kafka_consumergroup_members{consumergroup="dashboard"} 2' in lines
    assert 'kafka_consumergroup_lag{consumergroup="dashboard",topic="flights",partition="0"} 0' in lines
    values = {}
    for line in lines:
        if not line.startswith("#"):
            sample, value = line.rsplit(" ", 1)
            values[sample] = float(value)
    where = 'topic="flights",partition="4"}'
    lag = values['kafka_consumergroup_lag{consumergroup="dashboard",' + where]
    assert lag == (values["kafka_topic_partition_current_offset{" + where]
                   - values['kafka_consumergroup_current_offset{consumergroup="dashboard",' + where]) > 0


def test_only_reading_is_allowed(server):
    status, response, _ = server.get("/", "POST")
    assert status == 405 and response.getheader("Allow") == "GET, HEAD"
    assert server.get("/nothing")[0] == 404
    assert server.get("/..%2f..%2fetc/passwd")[0] == 404
    assert server.get("/", "HEAD")[2] == b""


@pytest.mark.parametrize("host,status", [
    ("localhost:4040", 200), ("127.0.0.1", 200), ("[::1]:4040", 200),
    ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil.example:80", 403),
])
def test_a_foreign_name_for_this_computer_is_refused(server, host, status):
    assert server.get("/api/state", Host=host)[0] == status


def test_a_token_is_asked_for_once():
    server = Server("secret-token")
    assert server.get("/")[0] == 401
    assert server.get("/metrics")[0] == 401
    assert server.get("/?token=secret-toke")[0] == 401
    assert server.get("/metrics", Authorization="Bearer secret-token")[0] == 200
    assert server.get("/metrics", Authorization="Bearer secret-token2")[0] == 401
    status, response, _ = server.get("/?token=secret-token")
    cookie = response.getheader("Set-Cookie").split(";")[0]
    assert status == 200 and server.get("/api/state", Cookie="a=b; " + cookie)[0] == 200
    assert server.get("/healthz")[0] == 200
    assert server.stop() == 0


TEXT = "document.getElementById('main').innerText"


def test_the_page_shows_what_runs_and_moves(server, browser):
    browser.open(f"http://{server.address}/?lang=en")
    browser.wait(f"{TEXT}.includes('flights')")
    text = browser.eval(TEXT)
    for words in ("Running queries", "lineitem", "DIVIDE_BY_ZERO", "killed by signal 9", "delays",
                  "sc://127.0.0.1:15002", "4177"):
        assert words in text, words
    assert browser.eval("document.getElementById('live').textContent") == "live"
    tile = "document.querySelectorAll('.tile .value')[1].textContent"
    browser.wait(f"{tile} !== '–'")  # a rate needs two states
    before = browser.eval(TEXT)
    browser.wait(f"{TEXT} !== {json.dumps(before)}")


def test_text_of_users_is_never_markup(server, browser):
    browser.open(f"http://{server.address}/?lang=en#queries/q15")
    browser.wait(f"{TEXT}.includes('<b>bold</b>')")
    assert browser.eval("document.querySelector('pre b') === null")


@pytest.mark.parametrize("view,words", [
    ("queries/q17", "Tasks by slot"), ("topics/flights", "Group dashboard"),
    ("streams", "ProcessingTime 1 second"), ("events", "ready after 31 ms"),
])
def test_each_view_opens_by_its_address(server, browser, view, words):
    browser.open(f"http://{server.address}/?lang=en&x={view.split('/')[0]}#{view}")
    browser.wait(f"{TEXT}.includes({json.dumps(words)})")


def test_nothing_is_wider_than_a_laptop_screen(server, browser):
    for view in ("overview", "queries", "topics", "streams", "events"):
        browser.open(f"http://{server.address}/?lang=pt&wide={view}#{view}")
        browser.wait("document.querySelector('main .panel') !== null")
        assert browser.eval("document.documentElement.scrollWidth <= innerWidth")


def contrast(browser, selector):
    return browser.eval("""(() => {
      const node = document.querySelector(%s);
      const parse = (c) => c.match(/[0-9.]+/g).slice(0, 3).map(Number);
      let back = node;
      while (getComputedStyle(back).backgroundColor.match(/, 0\\)|transparent/)) back = back.parentElement;
      const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const [a, b] = [light(parse(getComputedStyle(node).color)), light(parse(getComputedStyle(back).backgroundColor))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    })()""" % json.dumps(selector))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_have_enough_contrast(server, browser, theme):
    browser.open(f"http://{server.address}/?theme={theme}&lang=en")
    browser.wait("document.querySelector('.cell.behind b') !== null")
    for selector in (".tile .label", ".tile .value", ".error", ".muted", ".cell.behind b", "nav a",
                     ".panel a", ".events time", ".state.failed"):
        assert contrast(browser, selector) >= 4.5, selector


def test_pages_that_were_left_hold_no_connection(server, browser):
    for i in range(10):  # a browser gives one host six connections
        browser.open(f"http://{server.address}/?lang=en&left={i}")
        browser.wait("document.querySelector('main .panel') !== null", seconds=5)


def test_focus_and_open_parts_survive_an_update(server, browser):
    browser.open(f"http://{server.address}/?lang=en&keep#queries/q17")
    browser.wait("document.querySelector('details') !== null")
    browser.eval("document.querySelector('details').open = true; document.querySelector('summary').focus()")
    before = browser.eval(TEXT)
    browser.wait(f"{TEXT} !== {json.dumps(before)}")
    assert browser.eval("document.querySelector('details').open")
    assert browser.eval("document.activeElement.nodeName") == "SUMMARY"


def test_a_lost_server_is_said(browser):
    server = Server("empty")
    browser.open(f"http://{server.address}/?lang=en")
    browser.wait(f"{TEXT}.includes('Connect a PySpark program')")
    assert server.stop() == 0
    browser.wait("document.getElementById('live').textContent.includes('lost')")
