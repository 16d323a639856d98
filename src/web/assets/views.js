/* What the state document looks like: pure functions from facts to nodes. app.js keeps the facts
   current and brings the nodes into the page. */
"use strict";

/* --- words ------------------------------------------------------------------------------------ */

const PORTUGUESE = {
  "Overview": "Visão geral", "Queries": "Consultas", "Topics": "Tópicos", "Streams": "Fluxos",
  "Events": "Eventos", "Processes": "Processos", "live": "ao vivo",
  "connection lost, trying again": "conexão perdida, tentando de novo",
  "the server's state cannot be read": "o estado do servidor não pode ser lido",
  "Running queries": "Consultas em execução", "Records per second": "Registros por segundo",
  "Unread by groups": "Não lidos pelos grupos", "Memory": "Memória", "of": "de",
  "all": "todos", "in topics": "nos tópicos", "tasks": "tarefas", "stages": "etapas",
  "Nothing has run yet. Connect a PySpark program to": "Nada foi executado ainda. Conecte um programa PySpark a",
  "No topics yet. Kafka clients connect to": "Ainda não há tópicos. Clientes Kafka se conectam a",
  "No streaming query runs.": "Nenhuma consulta de fluxo em execução.",
  "Nothing has happened yet.": "Nada aconteceu ainda.",
  "running": "em execução", "finished": "terminada", "failed": "falhou", "cancelled": "cancelada",
  "waiting": "aguardando", "stopped": "parado", "dead": "morto", "starting": "iniciando",
  "done": "pronta", "lost": "perdida", "Query": "Consulta", "State": "Estado", "Time": "Tempo",
  "Rows": "Linhas", "Progress": "Progresso", "Stage": "Etapa", "Data": "Dados",
  "Tasks by slot": "Tarefas por posição", "Attempts as a table": "Tentativas em tabela",
  "Worker": "Executor", "Workers": "Executores", "Cores": "Núcleos", "Attempts": "Tentativas", "copy": "cópia",
  "alive": "ativo", "suspect": "sob suspeita", "late": "atrasada",
  "Task": "Tarefa", "Attempt": "Tentativa", "Slot": "Posição", "Why": "Motivo",
  "lost or failed, ran again": "perdida ou com falha, executada de novo",
  "Partition": "Partição", "First offset": "Primeiro offset", "Next offset": "Próximo offset",
  "Size": "Tamanho", "Leader": "Líder", "Read to": "Lido até", "Behind": "Atraso",
  "records": "registros", "partitions": "partições", "no reader": "sem leitor",
  "members": "membros", "caught up": "em dia", "caught up in": "em dia em", "growing by": "crescendo",
  "not moving": "parado", "unread": "não lidos", "Group": "Grupo",
  "Role": "Papel", "Process": "Processo", "Up": "Ativo há", "Starts again": "Reinícios",
  "batch": "lote", "input": "entrada", "processed": "processado", "Watermark": "Marca d'água",
  "State rows": "Linhas de estado", "Trigger": "Disparo", "Sink": "Destino", "Source": "Fonte",
  "Resumed": "Retomado", "Last batch": "Último lote", "Rows so far": "Linhas até agora",
  "ago": "atrás", "just now": "agora mesmo", "Started": "Início", "User": "Usuário", "Ran again": "Reexecutadas", "Batch rows": "Linhas do lote",
  "Addresses": "Endereços", "version": "versão", "up": "ativo há", "rows/s": "linhas/s",
  "Running for": "Há", "Took": "Durou", "This process": "Este processo",
};
let language = "en";
const t = (text) => (language === "pt" && PORTUGUESE[text]) || text;

/* --- numbers ---------------------------------------------------------------------------------- */

const locale = () => language === "pt" ? "pt-BR" : "en-US";

function fixed(n, digits) {
  return n.toLocaleString(locale(), {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

function number(n) {
  if (n === undefined || n === null) return "–";
  return fixed(n, 0);
}

function short(n) {
  if (n === undefined || n === null) return "–";
  const units = ["", "k", "M", "G", "T"];
  let unit = 0;
  while (Math.abs(n) >= 9999.5 && unit < 4) { n /= 1000; unit++; }
  return unit === 0 ? number(n) : fixed(n, n < 100 ? 1 : 0) + " " + units[unit];
}

function bytes(n) {
  if (n === undefined || n === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit < 4) { n /= 1024; unit++; }
  return fixed(n, unit === 0 || n >= 100 ? 0 : 1) + " " + units[unit];
}

function duration(ms) {
  if (ms === undefined || ms === null) return "–";
  if (ms < 1000) return Math.round(ms) + " ms";
  const s = ms / 1000;
  if (s < 60) return fixed(s, s < 10 ? 1 : 0) + " s";
  if (s < 3600) return Math.floor(s / 60) + " min " + Math.floor(s % 60) + " s";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor(s / 60 % 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor(s / 3600 % 24) + " h";
}

/* The largest unit only, for narrow columns. */
function rough(ms) {
  if (ms === undefined || ms === null) return "–";
  const s = ms / 1000;
  return s < 60 ? Math.floor(s) + " s" : s < 3600 ? Math.floor(s / 60) + " min"
    : s < 86400 ? Math.floor(s / 3600) + " h" : Math.floor(s / 86400) + " d";
}

function clock(ms) {
  return new Date(ms).toLocaleTimeString(language === "pt" ? "pt-BR" : "en-GB");
}

function since(ms, now) {
  return now - ms < 2000 ? t("just now") : duration(now - ms) + " " + t("ago");
}

/* --- nodes ------------------------------------------------------------------------------------ */

const SVG = "http://www.w3.org/2000/svg";

/* h("td.right", {title: "x", style: {width: "3%"}}, child, ...). Text is always text, never HTML. */
function h(what, props, ...children) {
  const [tag, ...classes] = what.split(".");
  const svg = tag === "svg" || tag === "path";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (classes.length > 0) node.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) {
    if (child !== undefined && child !== null && child !== false) node.append(child);
  }
  return node;
}

function state(word) {
  return h("span.state." + (word || "unknown"), {}, t(word || "–"));
}

function bar(parts, label) {
  return h("div.bar", {role: "img", "aria-label": label, title: label},
    parts.map(([kind, share]) => h("i." + kind, {style: {width: (100 * share).toFixed(2) + "%"}})));
}

/* A line over time. values: the oldest first; undefined where nothing was known. */
function spark(values, width, height, kind) {
  const known = values.filter((v) => v !== undefined);
  if (known.length < 2) return h("svg.spark" + (kind || ""), {width, height, "aria-hidden": "true"});
  const top = Math.max(...known, 1e-9);
  const step = width / Math.max(values.length - 1, 1);
  const points = values.map((v, i) => v === undefined ? null
    : (i * step).toFixed(1) + " " + (height - 1 - (height - 2) * v / top).toFixed(1)).filter(Boolean);
  const line = "M" + points.join("L");
  const first = points[0].split(" ")[0], last = points[points.length - 1].split(" ")[0];
  return h("svg.spark" + (kind || ""), {width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true"},
    h("path.area", {d: line + `L${last} ${height}L${first} ${height}Z`}), h("path", {d: line}));
}

function panel(title, more, ...body) {
  return h("section.panel", {}, h("header", {}, h("h2", {}, title), more && h("span.more", {}, more)), body);
}

const link = (href, text) => h("a", {href}, text);

/* --- sums ------------------------------------------------------------------------------------- */

const sum = (list, get) => list.reduce((total, item) => total + (get(item) || 0), 0);

function queryTasks(q) {
  const stages = q.stages || [];
  return {all: sum(stages, (s) => s.tasks), done: sum(stages, (s) => s.done),
          running: sum(stages, (s) => s.running), failed: sum(stages, (s) => s.failed)};
}

function groupPartitions(topic, group) {
  return (topic.partitions || []).map((p) => {
    const own = (group.partitions || []).find((g) => g.id === p.id);
    const committed = own && own.committed >= 0 ? own.committed : undefined;
    return {id: p.id, committed, lag: Math.max(0, p.end - (committed === undefined ? p.start : committed))};
  });
}

const groupLag = (topic, group) => sum(groupPartitions(topic, group), (p) => p.lag);
const topicRecords = (topic) => sum(topic.partitions || [], (p) => p.end - p.start);
const totalLag = (s) => sum(s.topics, (topic) => sum(topic.groups || [], (g) => groupLag(topic, g)));

/* How the lag moves: a straight line through the last samples, said in words. */
function forecast(samples, lag) {
  const known = samples.filter((v) => v !== undefined).slice(-20);
  if (lag === 0) return t("caught up");
  if (known.length < 4) return "";
  const n = known.length, mean = (n - 1) / 2, average = sum(known, (v) => v) / n;
  let over = 0, under = 0;
  known.forEach((v, i) => { over += (i - mean) * (v - average); under += (i - mean) ** 2; });
  const slope = over / under; /* records a second: a sample is taken each second */
  if (Math.abs(slope) < 0.5) return t("not moving");
  if (slope > 0) return t("growing by") + " " + short(slope) + "/s";
  return t("caught up in") + " " + duration(1000 * lag / -slope);
}

/* --- parts ------------------------------------------------------------------------------------ */

function taskBar(q) {
  const k = queryTasks(q);
  const label = `${k.done} ${t("of")} ${k.all} ${t("tasks")}`;
  const all = Math.max(k.all, 1);
  return h("div.progress", {},
    bar([["done", k.done / all], ["running", k.running / all], ["failed", q.state === "failed" ? k.failed / all : 0]], label),
    h("span.small.muted", {}, label));
}

function queryLine(q) {
  return h("div.query", {},
    h("div.line", {}, state(q.state),
      h("a.clip.mono", {href: "#queries/" + q.id, title: q.text}, q.text || q.id),
      h("span.muted.small", {}, q.rows !== undefined ? short(q.rows) + " " + t("Rows").toLowerCase() : ""),
      h("span.right", {}, duration(q.duration_ms))),
    q.state === "running" && taskBar(q), q.error && h("div.error.small.clip", {}, q.error));
}

function partitionCells(topic) {
  const end = Math.max(...(topic.partitions || []).map((p) => p.end - p.start), 1);
  const groups = (topic.groups || []).map((g) => groupPartitions(topic, g));
  return h("div.partitions", {}, (topic.partitions || []).map((p) => {
    const lag = Math.max(0, ...groups.map((g) => (g.find((x) => x.id === p.id) || {lag: 0}).lag));
    const offline = p.leader === -1;
    const words = `${t("Partition")} ${p.id}: ${number(p.end - p.start)} ${t("records")}` +
      (lag > 0 ? `, ${number(lag)} ${t("unread")}` : "");
    return h("div.cell" + (lag > 0 ? ".behind" : "") + (offline ? ".offline" : ""), {title: words},
      h("b", {}, p.id + (offline ? " ✖" : lag > 0 ? " ▲" : "")), short(p.end - p.start),
      h("i", {style: {width: (100 * (p.end - p.start) / end).toFixed(1) + "%"}}));
  }));
}

function topicRow(topic, history) {
  const rates = history.rates("topic/" + topic.name);
  const lag = sum(topic.groups || [], (g) => groupLag(topic, g));
  const rate = rates[rates.length - 1];
  return h("tr", {"data-href": "#topics/" + topic.name},
    h("td", {}, link("#topics/" + topic.name, topic.name),
      h("div.small.muted", {}, (topic.groups || []).map((g) => g.group).join(", ") || t("no reader"))),
    h("td", {}, partitionCells(topic)),
    h("td.right", {}, h("div.trend", {}, spark(rates, 74, 18), rate === undefined ? "–" : short(rate) + "/s")),
    h("td.right", {}, (topic.groups || []).length > 0 ? short(lag) : "–"));
}

function topicTable(topics, history) {
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Topics")),
    h("th", {}, t("partitions")), h("th.right", {}, t("Records per second")), h("th.right", {}, t("unread")))),
    h("tbody", {}, topics.map((topic) => topicRow(topic, history))));
}

function streamLine(q, history) {
  return h("div.query", {},
    h("div.line", {}, state(q.state), h("a.clip", {href: "#streams"}, q.name || q.id),
      h("span.muted.small", {}, t("batch") + " " + number(q.batch)),
      h("span.right", {}, short(q.processed_rows_per_s) + " " + t("rows/s")),
      spark(history.values("stream/" + q.id), 74, 18)),
    q.error && h("div.error.small.clip", {}, q.error));
}

const SIGNS = {death: "✖", recovery: "↻", start: "▶", warning: "▲", info: "•"};

function eventList(events, now, limit) {
  if (events.length === 0) return h("p.empty", {}, t("Nothing has happened yet."));
  const sorted = events.filter((e) => Number.isFinite(e.time_ms)).sort((a, b) => b.time_ms - a.time_ms).slice(0, limit);
  return h("ul.events", {}, sorted.map((e) => h("li." + (SIGNS[e.kind] ? e.kind : "info"), {},
    h("span.sign", {"aria-hidden": "true"}, SIGNS[e.kind] || "•"),
    h("span", {}, e.text, h("time", {datetime: new Date(e.time_ms).toISOString()},
      clock(e.time_ms) + " · " + since(e.time_ms, now))))));
}

function processTable(processes) {
  return h("table.tight", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Role")), h("th.right", {}, t("Process")),
    h("th.right", {}, t("Up")), h("th.right", {}, "CPU"), h("th.right", {}, t("Memory")))),
    h("tbody", {}, processes.map((p) => h("tr", {},
      h("td", {}, h("span.state." + p.state, {title: t(p.state)}, p.role + (p.state === "running" ? "" : " · " + t(p.state))),
        p.restarts > 0 && h("span.small.muted", {title: t("Starts again") + ": " + p.restarts}, " ↻ " + p.restarts)),
      h("td.right.mono", {}, p.pid), h("td.right", {}, rough(p.uptime_ms)),
      h("td.right", {}, p.cpu_percent === undefined ? "–" : Math.round(p.cpu_percent) + " %"),
      h("td.right", {}, bytes(p.memory_bytes))))));
}

/* Workers of all nodes, as this node's driver sees them; with one there is nothing to share. */
function workerTable(workers) {
  return h("table.tight", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Worker")), h("th.right", {}, t("Cores")),
    h("th.right", {}, t("tasks")), h("th.right", {}, t("Memory")))),
    h("tbody", {}, workers.map((w) => h("tr", {},
      h("td", {}, h("span.state." + (w.state === "alive" ? "running" : w.state === "dead" ? "dead" : "waiting"), {title: t(w.state)},
        w.name + (w.state === "alive" ? "" : " · " + t(w.state))),
        w.lives > 1 && h("span.small.muted", {title: t("Starts again") + ": " + (w.lives - 1)}, " ↻ " + (w.lives - 1))),
      h("td.right", {}, `${number(w.cores_used)} ${t("of")} ${number(w.cores)}`), h("td.right", {}, number(w.tasks_running)),
      h("td.right", {}, `${bytes(w.memory_used_bytes)} ${t("of")} ${bytes(w.memory_bytes)}`)))));
}

function tile(label, value, note, picture) {
  return h("div.tile", {}, h("div.label", {}, label), h("div.value", {}, value), picture || h("span"),
    h("div.note", {}, note));
}

function noQueries(s) {
  const address = (s.overview.addresses || {}).connect;
  return h("p.empty", {}, t("Nothing has run yet. Connect a PySpark program to"), " ", h("code", {}, address || "sc://…"));
}

function noTopics(s) {
  const address = (s.overview.addresses || {}).kafka;
  return h("p.empty", {}, t("No topics yet. Kafka clients connect to"), " ", h("code", {}, address || "…"));
}

/* --- views ------------------------------------------------------------------------------------ */

function tiles(s, history) {
  const running = s.queries.filter((q) => q.state === "running");
  const memory = s.overview.memory || {};
  const rates = history.rates("records");
  const lags = history.values("lag");
  return h("div.tiles", {},
    tile(t("Running queries"), running.length,
      sum(running, (q) => queryTasks(q).running) + " " + t("tasks") + " " + t("running"),
      spark(history.values("running"), 90, 30)),
    tile(t("Records per second"), short(rates[rates.length - 1]),
      short(sum(s.topics, topicRecords)) + " " + t("in topics"), spark(rates, 90, 30)),
    tile(t("Unread by groups"), short(totalLag(s)), forecast(lags, totalLag(s)), spark(lags, 90, 30, ".warn")),
    tile(t("Memory"), [bytes(memory.used_bytes), memory.limit_bytes && h("small", {}, " " + t("of") + " " + bytes(memory.limit_bytes))],
      memory.limit_bytes && bar([["used", Math.min(1, memory.used_bytes / memory.limit_bytes)]],
        t("Memory")), spark(history.values("memory"), 44, 30)));
}

function addresses(o) {
  return panel(t("Addresses"), h("span.muted", {}, `Weir ${o.version || ""} · Spark ${o.spark_version || ""} · ${t("up")} ${rough(o.uptime_ms)}`),
    h("div.facts", {}, Object.entries(o.addresses || {}).map(([name, where]) =>
      h("div", {}, h("span", {}, name), h("span.mono.strong", {}, where)))));
}

function viewOverview(s, history) {
  const o = s.overview;
  const queries = [...s.queries].sort((a, b) => (b.state === "running") - (a.state === "running")).slice(0, 5);
  return [h("h1.skip", {}, t("Overview")), tiles(s, history), h("div.columns", {},
    h("div.stack", {},
      panel(t("Queries"), link("#queries", t("all") + " ›"),
        queries.length > 0 ? queries.map(queryLine) : noQueries(s)),
      panel(t("Topics"), link("#topics", t("all") + " ›"),
        s.topics.length > 0 ? topicTable(s.topics.slice(0, 6), history) : noTopics(s)),
      panel(t("Streams"), link("#streams", t("all") + " ›"),
        s.streams.length > 0 ? s.streams.map((q) => streamLine(q, history)) : h("p.empty", {}, t("No streaming query runs."))),
      addresses(o)),
    h("div.stack", {},
      (o.workers || []).length > 1 && panel(t("Workers"), null, workerTable(o.workers)),
      panel(t("Processes"), null, processTable(o.processes || [])),
      panel(t("Events"), link("#events", t("all") + " ›"), h("div", {"aria-live": "polite"}, eventList(s.events, s.time_ms, 7)))))];
}

function stageTable(q) {
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Stage")), h("th", {style: {width: "38%"}}, t("Progress")),
    h("th.right", {}, t("Rows")), h("th.right", {}, t("Data")))),
    h("tbody", {}, (q.stages || []).map((s) => {
      const all = Math.max(s.tasks, 1);
      const label = `${s.done} ${t("of")} ${s.tasks} ${t("tasks")}`;
      return h("tr", {}, h("td", {}, h("span.muted", {}, s.id + " "), s.name,
        s.failed > 0 && h("span.small.muted", {}, ` ↻ ${s.failed}`)),
        h("td", {}, h("div.progress", {}, bar([["done", s.done / all], ["running", (s.running || 0) / all]], label), h("span.small.muted", {}, label))),
        h("td.right", {}, short(s.rows)), h("td.right", {}, bytes(s.bytes)));
    })));
}

function timeline(q, now) {
  const attempts = q.timeline || [];
  if (attempts.length === 0) return null;
  const start = Math.min(...attempts.map((a) => a.start_ms));
  const end = Math.max(...attempts.map((a) => a.end_ms || now), start + 1);
  const slots = [...new Set(attempts.map((a) => String(a.slot)))].sort((a, b) => a.localeCompare(b, "en", {numeric: true}));
  const stages = [...new Set(attempts.map((a) => a.stage))].sort((a, b) => a - b);
  const place = (ms) => (100 * (ms - start) / (end - start)).toFixed(2) + "%";
  const row = (slot) => [h("div.slot", {}, slot), h("div.track", {}, attempts.filter((a) => String(a.slot) === slot).map((a) =>
    h(`div.task.s${stages.indexOf(a.stage) % 4}.${a.state}`, {
      title: `${t("Stage")} ${a.stage}, ${t("Task")} ${a.task}, ${t("Attempt")} ${a.attempt}: ${t(a.state)}, ${duration((a.end_ms || now) - a.start_ms)}${a.reason ? "\n" + a.reason : ""}`,
      style: {left: place(a.start_ms), width: (100 * ((a.end_ms || now) - a.start_ms) / (end - start)).toFixed(2) + "%"},
    }, a.task + (a.attempt > 0 ? "↻" : ""))))];
  return h("section", {}, h("h3", {style: {margin: "16px 0 8px"}}, t("Tasks by slot")),
    h("div.timeline", {role: "img", "aria-label": t("Tasks by slot")}, slots.map(row),
      h("div.axis", {}, h("span", {}, "0"), h("span", {}, duration((end - start) / 2)), h("span", {}, duration(end - start)))),
    h("div.legend", {}, stages.map((stage, i) => h("span", {}, h(`i.task.swatch.s${i % 4}`), t("Stage") + " " + stage)),
      attempts.some((a) => a.state === "lost" || a.state === "failed") &&
        h("span", {}, h("i.task.swatch.lost"), t("lost or failed, ran again"))),
    h("details", {}, h("summary", {}, t("Attempts as a table")), h("table", {}, h("thead", {}, h("tr", {},
      ["Stage", "Task", "Attempts"].map((name) => h("th", {}, t(name))))),
      h("tbody", {}, tasksOf(attempts).slice(-200).map((task) => h("tr", {}, h("td", {}, task[0].stage), h("td", {}, task[0].task),
        h("td", {}, task.map((a) => h("span.attempt", {title: a.reason || ""}, state(a.state), " " + a.slot + " " +
          duration((a.end_ms || now) - a.start_ms) + (a.copy ? " · " + t("copy") : ""))))))))));
}

/* The attempts of each task, oldest first: a task is one line. */
function tasksOf(attempts) {
  const tasks = new Map();
  for (const a of attempts) {
    const key = a.stage + "/" + a.task;
    if (!tasks.has(key)) tasks.set(key, []);
    tasks.get(key).push(a);
  }
  return [...tasks.values()].sort((x, y) => x[0].stage - y[0].stage || x[0].task - y[0].task);
}

function queryDetail(q, now) {
  return h("section.panel", {}, h("header", {}, h("h2", {}, t("Query") + " " + q.id), state(q.state)),
    h("pre.mono", {}, q.text || ""), q.error && h("p.error", {}, q.error),
    h("div.facts", {}, [["Started", clock(q.start_ms)], [q.state === "running" ? "Running for" : "Took", duration(q.duration_ms)],
      ["Rows", number(q.rows)], ["Data", bytes(q.bytes)], ["User", q.user || "–"], ["Ran again", number(q.again)]].map(([name, value]) =>
      h("div", {}, h("span", {}, t(name)), value))),
    (q.stages || []).length > 0 && stageTable(q), timeline(q, now));
}

function viewQueries(s, history, chosen) {
  const q = s.queries.find((x) => x.id === chosen) || s.queries.find((x) => x.state === "running") || s.queries[0];
  if (!q) return [h("h1", {}, t("Queries")), h("section.panel", {}, noQueries(s))];
  return [h("h1", {}, t("Queries")), h("div.stack", {}, queryDetail(q, s.time_ms), h("section.panel", {}, h("table", {}, h("thead", {}, h("tr", {},
    h("th", {}, t("State")), h("th", {}, t("Query")), h("th", {style: {width: "24%"}}, t("Progress")), h("th.right", {}, t("Rows")),
    h("th.right", {}, t("Started")), h("th.right", {}, t("Time")))),
    h("tbody", {}, s.queries.map((x) => h("tr", {"data-href": "#queries/" + x.id, "aria-selected": String(x === q)},
      h("td", {}, state(x.state)),
      h("td", {style: {"max-width": "420px"}}, h("div.clip.mono", {}, link("#queries/" + x.id, x.text || x.id))),
      h("td", {}, (x.stages || []).length > 0 && taskBar(x)), h("td.right", {}, short(x.rows)), h("td.right", {}, clock(x.start_ms)),
      h("td.right", {}, duration(x.duration_ms))))))))];
}

function groupPart(topic, group, history) {
  const lag = groupLag(topic, group);
  const samples = history.values("lag/" + topic.name + "/" + group.group);
  return h("div.group", {}, h("div.head", {}, h("h3", {}, t("Group") + " " + group.group),
    h("span.small.muted", {}, `${group.state || ""} · ${number(group.members)} ${t("members")}`),
    h("span", {}, number(lag) + " " + t("unread")), h("span.small.muted", {}, forecast(samples, lag)),
    spark(samples, 160, 24, lag > 0 ? ".warn" : "")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Partition")), h("th.right", {}, t("Read to")), h("th.right", {}, t("Behind")), h("th", {style: {width: "50%", "padding-left": "20px"}}, t("Progress")))),
      h("tbody", {}, groupPartitions(topic, group).map((p) => {
        const own = topic.partitions.find((x) => x.id === p.id);
        const all = Math.max(own.end - own.start, 1);
        return h("tr", {}, h("td", {}, p.id), h("td.right", {}, p.committed === undefined ? "–" : number(p.committed)),
          h("td.right", {}, number(p.lag)),
          h("td", {style: {"padding-left": "20px"}}, bar([["done", 1 - p.lag / all], ["lag", p.lag / all]], number(p.lag) + " " + t("unread"))));
      }))));
}

function topicPanel(topic, history) {
  const rates = history.rates("topic/" + topic.name);
  const size = Math.max(...(topic.partitions || []).map((p) => p.bytes || 0), 1);
  return h("section.panel", {id: "topic-" + topic.name}, h("header", {}, h("h2", {}, topic.name),
    h("span.small.muted", {}, `${(topic.partitions || []).length} ${t("partitions")} · ${number(topicRecords(topic))} ${t("records")} · ${bytes(sum(topic.partitions || [], (p) => p.bytes))}`),
    h("span.more.trend", {}, spark(rates, 160, 24), short(rates[rates.length - 1]) + "/s")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("Partition")), h("th.right", {}, t("Leader")), h("th.right", {}, t("First offset")),
      h("th.right", {}, t("Next offset")), h("th", {style: {width: "40%", "padding-left": "20px"}}, t("Size")), h("th.right", {}, ""))),
      h("tbody", {}, (topic.partitions || []).map((p) => h("tr", {}, h("td", {}, p.id),
        h("td.right", {}, p.leader === -1 ? state("dead") : p.leader === undefined ? "–" : p.leader), h("td.right", {}, number(p.start)), h("td.right", {}, number(p.end)),
        h("td", {style: {"padding-left": "20px"}}, bar([["used", (p.bytes || 0) / size]], bytes(p.bytes))), h("td.right", {}, bytes(p.bytes)))))),
    (topic.groups || []).map((g) => groupPart(topic, g, history)));
}

function viewTopics(s, history, chosen) {
  if (s.topics.length === 0) return [h("h1", {}, t("Topics")), h("section.panel", {}, noTopics(s))];
  const one = s.topics.find((topic) => topic.name === chosen);
  return [h("h1", {}, t("Topics")), h("div.stack", {}, h("section.panel", {}, topicTable(s.topics, history)),
    topicPanel(one || s.topics[0], history))];
}

function sourceRow(source) {
  const known = typeof source.end === "number" && typeof source.latest === "number" && source.latest > 0;
  return h("tr", {}, h("td.mono.clip", {style: {"max-width": "420px"}}, source.description),
    h("td", {style: {width: "34%"}}, known && bar([["done", source.end / source.latest], ["lag", 1 - source.end / source.latest]],
      `${number(source.end)} ${t("of")} ${number(source.latest)}`)),
    h("td.right", {}, known ? `${number(source.end)} ${t("of")} ${number(source.latest)}` : String(source.end || "–")));
}

function viewStreams(s, history) {
  return [h("h1", {}, t("Streams")), s.streams.length === 0 && h("section.panel", {}, h("p.empty", {}, t("No streaming query runs."))),
    h("div.stack", {}, s.streams.map((q) => h("section.panel", {},
      h("header", {}, h("h2", {}, q.name || q.id), state(q.state), h("span.small.muted.mono", {}, q.id)),
      q.error && h("p.error", {}, q.error),
      h("div.two", {},
        h("div", {}, h("div.small.muted", {}, `${t("input")}: ${short(q.input_rows_per_s)} ${t("rows/s")}`), spark(history.values("input/" + q.id), 584, 46)),
        h("div", {}, h("div.small.muted", {}, `${t("processed")}: ${short(q.processed_rows_per_s)} ${t("rows/s")}`), spark(history.values("stream/" + q.id), 584, 46, ".second"))),
      h("div.facts", {}, [["batch", number(q.batch)], ["Last batch", duration(q.batch_ms)], [q.rows === undefined ? "Batch rows" : "Rows so far", number(q.rows === undefined ? q.batch_rows : q.rows)],
        ["State rows", number(q.state_rows)], ["Watermark", q.watermark_ms ? new Date(q.watermark_ms).toISOString().replace("T", " ").slice(0, 19) : "–"],
        ["Trigger", q.trigger || "–"], ["Sink", q.sink || "–"], ["Resumed", q.resumed ? q.resumed + " ×" : "0"]].map(([name, value]) =>
        h("div", {}, h("span", {}, t(name)), value))),
      (q.sources || []).length > 0 && h("table", {}, h("tbody", {}, q.sources.map(sourceRow))))))];
}

function viewEvents(s) {
  return [h("h1", {}, t("Events")), h("section.panel", {}, eventList(s.events, s.time_ms, 500))];
}

const VIEWS = {overview: ["Overview", viewOverview, () => null], queries: ["Queries", viewQueries, (s) => s.queries.filter((q) => q.state === "running").length],
  topics: ["Topics", viewTopics, (s) => s.topics.length], streams: ["Streams", viewStreams, (s) => s.streams.length],
  events: ["Events", viewEvents, () => null]};
