/* Keeps the page current: one event stream brings the whole state once a second; the view is built
   anew and the page is changed only where it differs, so that focus, selection and open parts stay. */
"use strict";

const SAMPLES = 120;
let current = null;

/* One shape for the views, from what the driver and Spark's progress documents call things. */
function normalise(s) {
  for (const q of s.queries) {
    if (q.state === "done") q.state = "finished";
    q.start_ms = q.started_ms;
    q.duration_ms = q.ms;
    q.stages = (q.stages || []).map((stage, i) => ({...stage, id: i + 1, done: stage.tasks_done || 0,
      running: stage.tasks_running || 0, rows: stage.rows_out}));
    const again = (q.timeline || []).filter((a) => a.attempt > 0).length;
    q.again = again || Math.max(0, (q.attempts || 0) - sum(q.stages, (stage) => stage.tasks));
    for (const stage of (q.timeline || []).length > 0 ? q.stages : []) {
      stage.failed = q.timeline.filter((a) => a.stage + 1 === stage.id && (a.state === "lost" || a.state === "failed")).length;
    }
  }
  for (const q of s.streams) {
    const p = q.progress || {};
    q.batch = p.batchId;
    q.input_rows_per_s = p.inputRowsPerSecond;
    q.processed_rows_per_s = p.processedRowsPerSecond;
    q.batch_ms = (p.durationMs || {}).triggerExecution || p.batchDuration;
    q.batch_rows = p.numInputRows;
    q.state_rows = sum(p.stateOperators || [], (o) => o.numRowsTotal);
    q.watermark_ms = (p.eventTime || {}).watermark ? Date.parse(p.eventTime.watermark) : undefined;
    q.sink = (p.sink || {}).description;
    q.sources = (p.sources || []).map((o) => ({description: o.description,
      end: offsetSum(o.endOffset), latest: offsetSum(o.latestOffset)}));
  }
  const internal = (topic) => topic.name.startsWith("__");
  s.topics.sort((a, b) => internal(a) - internal(b) || a.name.localeCompare(b.name));
  if (s.overview.uptime_ms === undefined) {
    s.overview.uptime_ms = ((s.overview.processes || [])[0] || {}).uptime_ms;
  }
  return s;
}

/* Kafka's offsets are {"topic": {"0": 12, "1": 7}}, others a number; either may come as a text. */
function offsetSum(offset) {
  if (typeof offset === "string") {
    try { offset = JSON.parse(offset); } catch { return offset; }
  }
  if (offset === null || typeof offset !== "object") return offset;
  return sum(Object.values(offset), (value) => offsetSum(value));
}

/* The last two minutes of every number that is drawn as a line, one sample an event. */
const history_ = {
  lines: new Map(),
  times: [],
  sample(s) {
    const fresh = new Map();
    const put = (name, value) => fresh.set(name, value);
    put("running", s.queries.filter((q) => q.state === "running").length);
    put("records", sum(s.topics, (topic) => sum(topic.partitions || [], (p) => p.end)));
    put("lag", totalLag(s));
    put("memory", (s.overview.memory || {}).used_bytes);
    for (const topic of s.topics) {
      put("topic/" + topic.name, sum(topic.partitions || [], (p) => p.end));
      for (const g of topic.groups || []) put("lag/" + topic.name + "/" + g.group, groupLag(topic, g));
    }
    for (const q of s.streams) {
      put("stream/" + q.id, q.processed_rows_per_s || 0);
      put("input/" + q.id, q.input_rows_per_s || 0);
    }
    this.times = [...this.times, s.time_ms].slice(-SAMPLES);
    for (const name of [...this.lines.keys()]) if (!fresh.has(name)) this.lines.delete(name);
    for (const [name, value] of fresh) {
      const line = this.lines.get(name) || new Array(this.times.length - 1).fill(undefined);
      this.lines.set(name, [...line, value].slice(-SAMPLES));
    }
  },
  values(name) {
    return this.lines.get(name) || [];
  },
  /* What a growing count gained a second, between samples. */
  rates(name) {
    const line = this.values(name);
    const times = this.times.slice(-line.length);
    return line.slice(1).map((v, i) => v === undefined || line[i] === undefined ? undefined
      : Math.max(0, (v - line[i]) * 1000 / Math.max(1, times[i + 1] - times[i])));
  },
};

/* Makes `old` like `fresh` with as few changes as a walk side by side finds. */
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const {name} of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS") && name !== "style") old.removeAttribute(name);
  }
  for (const {name, value} of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (fresh.style && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  morphChildren(old, [...fresh.childNodes]);
}

function morphChildren(old, fresh) {
  while (old.childNodes.length > fresh.length) old.lastChild.remove();
  fresh.forEach((child, i) => {
    if (i < old.childNodes.length) morph(old.childNodes[i], child);
    else old.append(child);
  });
}

function route() {
  const [view, ...rest] = decodeURIComponent(location.hash.slice(1) || "overview").split("/");
  return [VIEWS[view] ? view : "overview", rest.join("/")];
}

function draw() {
  if (!current) return;
  const [view, chosen] = route();
  morphChildren(document.getElementById("nav"), Object.entries(VIEWS).map(([name, [title, , count]]) => {
    const n = count(current);
    return h("a", {href: "#" + name, "aria-current": name === view ? "page" : undefined}, t(title),
      n !== null && n > 0 && h("span.count", {}, n));
  }));
  morphChildren(document.getElementById("main"), VIEWS[view][1](current, history_, chosen).filter(Boolean));
  document.title = t(VIEWS[view][0]) + " · Weir";
}

function setLive(alive, why) {
  const live = document.getElementById("live");
  live.className = alive ? "live" : "live lost";
  live.textContent = alive ? t("live") : t(why || "connection lost, trying again");
}

let source = null;
let last = Date.now();

function connect() {
  if (source) return;
  last = Date.now();
  source = new EventSource("/events");
  source.onmessage = (event) => {
    last = Date.now();
    try {
      current = normalise(JSON.parse(event.data));
      history_.sample(current);
      draw();
      setLive(true);
    } catch (error) {
      setLive(false, "the server's state cannot be read");
      throw error; /* for the browser's console */
    }
  };
  source.onerror = () => {
    setLive(false);
    if (source && source.readyState === EventSource.CLOSED) {
      disconnect();
      setTimeout(connectIfSeen, 1000);
    }
  };
}

function disconnect() {
  if (source) source.close();
  source = null;
}

/* A browser gives one host six connections. A page that nobody sees, in a tab behind or kept for
   the way back, must not hold one, or the seventh page would wait without a word. */
function connectIfSeen() {
  if (document.hidden) disconnect();
  else connect();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function start() {
  const asked = new URLSearchParams(location.search);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(asked.get("theme") || localStorage.getItem("theme") || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => { if (!localStorage.getItem("theme")) setTheme(dark.matches ? "dark" : "light"); });
  document.getElementById("theme").onclick = () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", theme);
    setTheme(theme);
  };
  const setLanguage = (code) => {
    language = code;
    document.documentElement.lang = code;
    document.getElementById("language").textContent = code === "pt" ? "EN" : "PT";
    draw();
  };
  setLanguage(asked.get("lang") || localStorage.getItem("lang") || (navigator.language.startsWith("pt") ? "pt" : "en"));
  document.getElementById("language").onclick = () => {
    const code = language === "pt" ? "en" : "pt";
    localStorage.setItem("lang", code);
    setLanguage(code);
  };
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a")) location.hash = row.dataset.href;
  });
  addEventListener("hashchange", () => { draw(); scrollTo(0, 0); });
  connectIfSeen();
  document.addEventListener("visibilitychange", connectIfSeen);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connectIfSeen);
  /* A server that is gone without a word. */
  setInterval(() => { if (source && Date.now() - last > 5000) setLive(false); }, 1000);
}

start();
