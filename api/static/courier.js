// The courier's telephone. A scan lies in the browser's own store, with the moment it was made and its own key, until
// the server has recorded it; the day's manifests are kept beside it, so that the list is there without a network.

const HERE = "/courier/phone", PERSON = "courier-person", AHEAD = "courier-ahead";
const main = document.querySelector("main[data-courier]"), words = JSON.parse(main.dataset.courier);
const find = (mark) => document.querySelector(`[data-${mark}]`);
const say = (text, told = {}) => text.replaceAll(/\{(\w+)\}/g, (_, name) => told[name]);
const make = (tag, told = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), told);
  made.append(...inside);
  return made;
};
let me = JSON.parse(localStorage.getItem(PERSON) ?? "null"), key = "", net = "online", day = null;

let opened;
const store = () => (opened ??= new Promise((done, fail) => {
  const asked = indexedDB.open("courier", 1);
  asked.onupgradeneeded = () => ["scans", "kept"].forEach((name) => asked.result.createObjectStore(name, { keyPath: "key" }));
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
}));

// Resolves when it is on the disk, with what the request (if `work` returns one) found
async function within(name, work) {
  const deed = (await store()).transaction(name, "readwrite", { durability: "strict" }), asked = work(deed.objectStore(name));
  return new Promise((done, fail) => {
    deed.oncomplete = () => done(asked?.result);
    deed.onabort = deed.onerror = () => fail(deed.error);
  });
}
const scans = () => within("scans", (rows) => rows.getAll());

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(15000), redirect: "error",
    headers: { accept: "application/json", "accept-language": document.documentElement.lang, ...options.headers } });
  net = answer.status === 401 ? "ended" : answer.status >= 500 ? "offline" : "online";
  return answer;
}

async function refresh() {
  const answer = await ask(`${HERE}/day`);
  if (!answer.ok) return false;
  day = await answer.json();
  key = day.form_key;
  delete day.form_key;
  me = day.person;
  localStorage.setItem(PERSON, JSON.stringify(me));
  localStorage.setItem(AHEAD, Date.parse(day.now) - Date.now());
  await within("kept", (rows) => rows.put({ key: `day:${me.id}`, day }));
  return true;
}

// By one tab at a time; a scan that was answered is forgotten, a refused one stays with its reason until the next day
async function synchronise() {
  await navigator.locks.request("courier-sync", async () => {
    try {
      if (!(await refresh())) return;
      const waiting = (await scans()).filter((one) => one.person === me.id && one.state === "waiting");
      if (!waiting.length) return;
      const answer = await ask("/api/v1/courier/scans", { method: "POST", headers: { "content-type": "application/json", "x-form-key": key },
        body: JSON.stringify({ scans: waiting.slice(0, 500).map(({ barcode, at, key }) => ({ barcode, at, key })) }) });
      if (!answer.ok) return;
      const results = await answer.json();
      await within("scans", (rows) => results.forEach((one, at) => one.done ? rows.delete(waiting[at].key)
        : rows.put({ ...waiting[at], state: "refused", why: one.why?.[document.documentElement.lang] ?? one.code })));
      await refresh();
    } catch {
      net = "offline";
    }
  });
  await show();
}

// Taking

const lines = () => day?.runs.flatMap((run) => run.stops.flatMap((stop) => stop.take)) ?? [];

async function take(text) {
  const code = text.trim().toUpperCase(), line = lines().findLast((one) => one.code === code || one.papers.includes(code));
  if (!code) return;
  if (!line) return tell(say(words.unknown, { code }), true);
  if (line.code !== code) return tell(say(words.inside, { paper: code, code: line.code }), true);
  const before = (await scans()).some((one) => line.papers.includes(one.barcode) && one.person === me.id && one.state === "waiting");
  if (line.taken || before) return tell(say(words.twice, { code }), true);
  const at = new Date(Date.now() + Number(localStorage.getItem(AHEAD) ?? 0)).toISOString();
  await within("scans", (rows) => line.papers.forEach((barcode) => rows.put({ key: crypto.randomUUID(), barcode, at, person: me.id, name: me.name, state: "waiting" })));
  tell(say(line.bag ? words.took_bag : words.took, { code, n: line.papers.length }));
  navigator.vibrate?.(60);
  await show();
  await synchronise();
}

function tell(text, warn = false) {
  const told = find("told");
  told.textContent = text;
  told.hidden = false;
  told.classList.toggle("warn", warn);
}

// What is shown: barcode, from, to

function item(line, way, mine) {
  const scan = mine.find((one) => line.papers.includes(one.barcode) && !line.taken);
  const state = line.confirmed ? "confirmed" : line.missing ? "missing" : line.taken ? (way === "take" ? "taken" : "under_way") : scan?.state ?? "open";
  const what = make("div", { className: "what" }, make("strong", line.bag ? { textContent: say(words.bag, { code: line.code, n: line.papers.length }) } : { className: "barcode", textContent: line.code }),
    make("div", { className: "small soft", textContent: way === "take" ? `${words.to} ${line.to}` : `${words.from} ${line.from}` }),
    make("div", { className: "small", textContent: scan?.why ? `${words.states[state]}: ${scan.why}` : words.states[state] }));
  const row = make("li", {}, what);
  row.dataset.line = state;
  row.dataset.way = way;
  if (way === "take" && state === "open") {
    const button = make("button", { type: "button", className: "button", textContent: line.bag ? words.scan_bag : words.scan }, make("span", { className: "said", textContent: ` ${line.code}` }));
    button.addEventListener("click", () => take(line.code));
    row.append(button);
  }
  return row;
}

function list(stop, way, mine) {
  return stop[way].length ? [make("h4", { textContent: `${words[way]} (${stop[way].length})` }),
    make("ul", { className: "loads" }, ...stop[way].map((line) => item(line, way, mine)))] : [];
}

function drawn(run, mine) {
  return make("section", { className: "sheet" }, make("h2", { textContent: `${say(words.run, run)} · ${run.route}` }),
    ...run.stops.flatMap((stop) => [make("h3", { textContent: stop.unit }), ...list(stop, "take", mine), ...list(stop, "give", mine)]));
}

async function show() {
  day ??= me && (await within("kept", (rows) => rows.get(`day:${me.id}`)))?.day;
  const all = await scans(), mine = all.filter((one) => one.person === me?.id), waiting = mine.filter((one) => one.state === "waiting").length;
  find("who").textContent = me?.name ?? "";
  find("net").textContent = `${words[net]}.`;
  find("state").classList.toggle("warn", net !== "online");
  find("waiting").textContent = waiting ? say(words.waiting, { n: waiting }) : words.nothing;
  find("sync").hidden = net === "ended";
  find("sign-in").hidden = net !== "ended";
  const foreign = Map.groupBy(all.filter((one) => one.person !== me?.id), (one) => one.name);
  find("others").hidden = !foreign.size;
  find("others").replaceChildren(...[...foreign].map(([who, theirs]) => make("p", { textContent: say(words.others, { who, n: theirs.length }) })));
  find("runs").replaceChildren(...(day?.runs.length ? day.runs.map((run) => drawn(run, mine)) : [make("p", { textContent: day ? words.none : words.unready })]));
}

// The camera, where the browser reads barcodes itself

async function look() {
  const video = find("video"), reader = new BarcodeDetector({ formats: ["code_128", "qr_code"] });
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return tell(words.nocamera, true);
  }
  video.hidden = false;
  await video.play();
  let last = "";
  const next = async () => {
    if (!video.srcObject) return;
    const code = (await reader.detect(video).catch(() => []))[0]?.rawValue ?? "";
    if (code && code !== last) await take((last = code));
    setTimeout(next, 250);
  };
  next();
}

function listen() {
  find("scan").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = document.querySelector("#code"), text = field.value;
    field.value = "";
    field.focus();
    await take(text);
  });
  find("sync").addEventListener("click", synchronise);
  find("camera").hidden = !("BarcodeDetector" in globalThis && navigator.mediaDevices);
  find("camera").addEventListener("click", look);
  addEventListener("online", synchronise);
  addEventListener("offline", () => ((net = "offline"), show()));
  document.addEventListener("visibilitychange", () => document.hidden || synchronise());
  setInterval(() => net === "offline" && synchronise(), 10000);
}

listen();
await show();
const held = navigator.serviceWorker?.register(`${HERE}/worker.js`, { scope: HERE }).catch(() => null) ?? null;
await synchronise();
if (!(await held)) tell(words.blocked, true);
else await navigator.serviceWorker.ready;
main.dataset.ready = "yes";
