// The counter without its network. What is taken in lies in the browser's own store, by person, until the server has
// recorded it. On other pages this module only makes ready: the page kept, the forms, the codes set aside.

const HERE = "/receive/offline", FEW = 10, PERSON = "counter-person", AHEAD = "counter-ahead";
const main = document.querySelector("main[data-offline]");
const words = main ? JSON.parse(main.dataset.offline) : {};
const say = (text, told = {}) => text.replaceAll(/\{(\w+)\}/g, (_, name) => told[name]);
const find = (mark) => document.querySelector(`[data-${mark}]`);
const zone = { timeZone: "Asia/Ho_Chi_Minh" };
const there = (at) => new Intl.DateTimeFormat("sv-SE", { ...zone, dateStyle: "short", timeStyle: "short" }).format(new Date(at));
const moment = (at) => there(at).replace(/(\d+)-(\d+)-(\d+)/, "$3/$2/$1");
const period = (at) => there(at).slice(2, 10).replaceAll("-", "");
// The server's clock as far as it was heard: the computer's own may be wrong.
const now = () => Date.now() + Number(localStorage.getItem(AHEAD) ?? 0);

let me = JSON.parse(localStorage.getItem(PERSON) ?? "null"), key = "", net = "online", shown = null, chosen = null, correcting = null, listed = "", busy = false;

// The store: codes not used yet, receipts, and what is kept of forms and of what is being typed

let opened;
const store = () => (opened ??= new Promise((done, fail) => {
  const asked = indexedDB.open("counter", 1);
  asked.onupgradeneeded = () => {
    for (const [name, keyPath] of [["codes", "code"], ["receipts", "key"], ["kept", "name"]]) asked.result.createObjectStore(name, { keyPath });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
}));

// Resolves when it is on the disk, with what the request (if `work` returns one) found.
async function within(names, work) {
  const deed = (await store()).transaction(names, "readwrite", { durability: "strict" });
  const asked = work(...names.map((name) => deed.objectStore(name)));
  return new Promise((done, fail) => {
    deed.oncomplete = () => done(asked?.result);
    deed.onabort = deed.onerror = () => fail(deed.error);
  });
}
const all = (name) => within([name], (rows) => rows.getAll());
const kept = async (name) => (await within(["kept"], (rows) => rows.get(`${name}:${me?.id}`)))?.value;
const keep = (name, value) => within(["kept"], (rows) => rows.put({ name: `${name}:${me.id}`, value }));
const usable = (code, unit) => code.person === me.id && (!unit || code.unit === unit) && code.period === period(now());

// Making ready

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(15000),
    headers: { accept: "application/json", "accept-language": document.documentElement.lang, ...options.headers } });
  net = answer.status === 401 ? "ended" : answer.status >= 500 ? "offline" : "online";
  return answer;
}
const send = (address, body, headers = {}) => ask(address, { method: "POST", body: JSON.stringify(body),
  headers: { "content-type": "application/json", "x-form-key": key, ...headers } });

// Whether the server answers somebody who receives; then codes and forms are as they should be.
async function prepare() {
  try {
    const answer = await ask(`${HERE}/me`);
    if (!answer.ok) return false;
    const told = await answer.json();
    key = told.form_key;
    localStorage.setItem(AHEAD, Date.parse(told.now) - Date.now());
    me = { ...told.person, desks: told.desks };
    localStorage.setItem(PERSON, JSON.stringify(me));
    // whose agency works elsewhere by now still reads what was typed into the forms of before
    if (me.desks.length && (await kept("forms"))?.mark !== told.forms) await fetchForms(told.forms);
    await navigator.locks.request("counter-codes", refill);
    return true;
  } catch {
    net = "offline";
    return false;
  }
}

async function fetchForms(mark) {
  const answer = await ask(`${HERE}/forms`);
  if (answer.ok) await keep("forms", { mark, procedures: await answer.json() });
}

async function refill() {
  const codes = await all("codes"), today = period(now());
  await within(["codes"], (rows) => codes.filter((one) => one.period !== today).forEach((one) => rows.delete(one.code)));
  for (const { unit } of me.desks) {
    if (codes.filter((one) => usable(one, unit)).length >= FEW) continue;
    const answer = await send("/api/v1/offline/blocks", { unit });
    if (!answer.ok) continue;
    const block = await answer.json();
    await within(["codes"], (rows) => block.codes.forEach((code) => rows.put({ code, unit, person: me.id, period: block.period })));
  }
}

async function hold() {
  if (!navigator.serviceWorker) return false;
  await navigator.serviceWorker.register(`${HERE}/worker.js`, { scope: HERE });
  navigator.storage?.persist?.();
  return true;
}

// Synchronising: one by one, in the order they came, by one tab at a time; the key of a receipt never changes

const others = new BroadcastChannel("counter");

async function synchronise() {
  await navigator.locks.request("counter-sync", async () => {
    if (!(await prepare())) return;
    const waiting = (await all("receipts")).filter((one) => one.person === me.id && ["waiting", "moved"].includes(one.state));
    for (const one of waiting.toSorted((a, b) => a.at.localeCompare(b.at))) if (!(await pass(one))) break;
  });
  others.postMessage("changed");
  await show();
}

async function pass(one) {
  let answer;
  try {
    answer = await send("/api/v1/offline/receipts", { code: one.code, received_at: one.at, submission: one.submission }, { "idempotency-key": one.key });
  } catch {
    net = "offline";
    return false;
  }
  if (net !== "online" || answer.status === 429) return false;
  const { key: id, person, name, code, at, about } = one, told = await answer.json();
  const fields = Object.entries(told.data?.fields ?? {}).map(([field, said]) => [field, said[document.documentElement.lang] ?? said.vi]);
  // what is recorded needs no copy here: only its line stays until the evening
  const after = answer.ok ? { key: id, person, name, code, at, about, state: "done" } : { ...one, state: told.code === "works_elsewhere" ? "moved" : "refused", why: told.detail, fields };
  await within(["receipts"], (rows) => rows.put(after));
  await show();
  return true;
}

// Taking in

function answers() {
  const data = new FormData(find("form")), text = (name) => String(data.get(name) ?? "").normalize("NFC").replaceAll(/[\x00-\x1f\x7f-\x9f]/g, " ").trim();
  const faults = [], facts = {};
  for (const [name, [type, required, label]] of Object.entries(chosen.facts)) {
    const said = text(`facts.${name}`), wrong = (why) => faults.push([`facts.${name}`, say(words[why], { label })]);
    if (!said) {
      if (required) wrong("needed");
      continue;
    }
    facts[name] = said;
    if (type === "boolean") facts[name] = said === "yes";
    if (type === "integer") /^\d{1,12}$/.test(said.replaceAll(/[.\s]/g, "")) ? (facts[name] = Number(said.replaceAll(/[.\s]/g, ""))) : wrong("number");
    if (type === "date") {
      const [, day, month, year] = said.match(/^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/) ?? [];
      day ? (facts[name] = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`) : wrong("date");
    }
  }
  const applicant = Object.fromEntries(["name", "id_number", "phone", "email", "address"].map((name) => [name, text(`applicant.${name}`)]));
  applicant.id_number = applicant.id_number.replaceAll(" ", "");
  if (!applicant.name) faults.unshift(["applicant.name", words.name]);
  if (!/^(|\d{9}|\d{10}|\d{12}|\d{13})$/.test(applicant.id_number)) faults.push(["applicant.id_number", words.id]);
  if (data.get("return_way") === "post" && !applicant.address) faults.push(["applicant.address", words.address]);
  const papers = data.getAll("paper").map((component) => ({ component, form: data.get(`form.${component}`) }));
  return { faults, submission: { procedure: chosen.key, unit: Number(data.get("unit")), channel: data.get("channel"),
    return_way: data.get("return_way"), applicant, subject: text("subject"), facts, papers, accept: data.get("accept") !== "no" } };
}

function blame(faults) {
  const box = find("errors");
  for (const field of main.querySelectorAll("form .bad")) field.classList.remove("bad");
  main.querySelectorAll("form .wrong").forEach((words) => words.remove());
  box.hidden = !faults.length;
  box.querySelector("h2").textContent = say(words.faults, { n: faults.length });
  box.querySelector("ul").replaceChildren(...faults.map(([name, said]) => {
    const id = name.replaceAll(/[^\w-]/g, "-"), input = document.getElementById(id), line = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#${input ? id : "main"}`, textContent: said });
    const field = input?.closest(".field");
    if (field) {
      field.classList.add("bad");
      field.prepend(Object.assign(document.createElement("span"), { className: "wrong", textContent: said }));
    }
    line.append(link);
    return line;
  }));
  if (faults.length) box.focus();
}

async function takeIn(event) {
  event.preventDefault();
  const { faults, submission } = answers();
  blame(faults);
  if (faults.length || busy) return;
  if (!me.desks.length) return tell(words.away);
  busy = true;
  const typed = values();
  const desk = me.desks.find((one) => one.unit === submission.unit), { applicant } = submission, lines = { ...desk };
  const fact = { about: chosen.name, limit: chosen.limit, fees: chosen.fees, papers: submission.papers.map(({ component }) => chosen.papers[component]),
    way: find("form").querySelector(`[name=return_way][value="${submission.return_way}"]`).parentElement.textContent.trim() };
  const one = { key: crypto.randomUUID(), person: me.id, name: me.name, at: new Date(now()).toISOString(), ...correcting, submission, typed,
    about: `${applicant.name}: ${chosen.shown}`, paper: { ...fact, agency: lines.agency, desk: lines.name }, state: "waiting", why: "" };
  try {
    await within(["codes", "receipts", "kept"], (codes, receipts, drafts) => {
      const put = () => {
        receipts.put(one);
        drafts.delete(`draft:${me.id}`);
      };
      if (one.code) return put();
      const walk = codes.openCursor();
      walk.onsuccess = () => {
        const at = walk.result;
        if (at && !usable(at.value, submission.unit)) return at.continue();
        if (!at) return;
        one.code = at.value.code;
        at.delete();
        put();
      };
    });
  } catch {
    delete one.code;
    tell(words.unkept);
  }
  busy = false;
  if (!one.code) {
    if (find("told").hidden) tell(words.exhausted);
    return;
  }
  leave();
  const done = find("kept");
  done.hidden = false;
  done.querySelector("p").textContent = say(words.kept, { code: one.code, at: moment(one.at) });
  draw(one);
  done.querySelector("button").focus();
  await show();
  if (net === "online") synchronise();
}

function tell(said) {
  const box = find("told");
  box.textContent = said;
  box.hidden = false;
  box.focus();
}

// The form: drawn by the server before, filled with what was typed

const values = () => [...new FormData(find("form"))].map(([name, value]) => [name, String(value)]);

function open(procedure, typed = [], faults = []) {
  chosen = procedure;
  find("title").textContent = correcting ? say(words.correcting, correcting) : procedure.shown;
  find("fields").innerHTML = procedure.form;
  const form = find("form");
  form.querySelectorAll("[type=checkbox]").forEach((box) => (box.checked = typed.some(([name, value]) => name === box.name && value === box.value)));
  for (const [name, value] of typed) {
    const field = form.elements[name];
    if (field && name !== "paper") field.value = value;
  }
  form.hidden = false;
  for (const mark of ["choose", "kept", "told", "receipt"]) find(mark).hidden = true;
  blame(faults);
  if (!faults.length) form.querySelector("input").focus();
}

function leave() {
  chosen = correcting = null;
  find("form").hidden = true;
  find("fields").replaceChildren();
  find("choose").hidden = !me.desks.length;
  find("told").hidden = true;
}

const fold = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll(/[đĐ]/g, "d").toLowerCase();

function choose(procedures) {
  const asked = fold(main.querySelector("#search").value).split(/\s+/);
  find("procedures").replaceChildren(...procedures.filter((one) => asked.every((word) => fold(one.search).includes(word))).map((one) => {
    const line = document.createElement("li"), button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: one.shown });
    button.addEventListener("click", () => open(one));
    const code = Object.assign(document.createElement("div"), { className: "soft small", textContent: [one.code, one.limit].filter(Boolean).join(" · ") });
    line.append(button, code);
    return line;
  }));
}

// The list

function row(one) {
  const line = document.createElement("tr"), labels = [...main.querySelectorAll("thead th")].map((head) => head.textContent);
  const cell = (...inside) => {
    const made = line.insertCell();
    Object.assign(made.dataset, { label: labels[made.cellIndex] });
    made.append(...inside);
  };
  const button = (text, work) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: text });
    made.setAttribute("aria-label", `${text} ${one.code}`);
    made.addEventListener("click", work);
    return made;
  };
  const small = Object.assign(document.createElement("span"), { className: "small", textContent: { refused: one.why, moved: `${one.why} ${words.moved}` }[one.state] ?? "" });
  const tag = Object.assign(document.createElement("span"), { className: ["refused", "moved"].includes(one.state) ? "tag bad" : "tag", textContent: words.states[one.state] });
  const code = Object.assign(document.createElement("span"), { className: "code", textContent: one.code });
  cell(moment(one.at));
  cell(code);
  cell(one.about);
  cell(tag, small);
  const link = Object.assign(document.createElement("a"), { href: `/dossiers/${one.code}`, textContent: words.open });
  const print = button(words.print, () => {
    draw(one);
    window.print();
  });
  const doings = { waiting: [print], done: [link], refused: [print, button(words.correct, () => correct(one)), button(words.again, () => resend(one))], moved: [print, button(words.see, () => correct(one))] };
  cell(...doings[one.state]);
  line.dataset.state = one.state;
  return line;
}

async function correct(one) {
  const procedure = (await kept("forms"))?.procedures.find(({ key }) => key === one.submission.procedure);
  if (!procedure) return tell(words.unready);
  correcting = { key: one.key, code: one.code, at: one.at };
  open(procedure, one.typed, one.fields.length ? one.fields : [["", one.why]]);
}

async function resend(one) {
  await within(["receipts"], (rows) => rows.put({ ...one, state: "waiting" }));
  await synchronise();
}

async function show() {
  if (!main) return;
  const receipts = await all("receipts"), today = period(now());
  const stale = receipts.filter((one) => one.state === "done" && period(one.at) !== today);
  await within(["receipts"], (rows) => stale.forEach((one) => rows.delete(one.key)));
  const mine = receipts.filter((one) => one.person === me?.id && !stale.includes(one)).toSorted((a, b) => b.at.localeCompare(a.at));
  const open = mine.filter((one) => one.state !== "done").length, codes = me ? (await all("codes")).filter((one) => usable(one)).length : 0;
  find("who").textContent = me?.name ?? "";
  find("state").hidden = false;
  find("state").classList.toggle("warn", net !== "online");
  find("net").textContent = `${words[net]}.`;
  find("codes").textContent = me ? (me.desks.length ? say(words.codes, { n: codes }) : words.away) : words.nobody;
  find("waiting").textContent = open ? say(words.waiting, { n: open }) : words.nothing;
  find("sync").hidden = net === "ended";
  find("sign-in").hidden = net !== "ended";
  find("list").hidden = !mine.length;
  const told = JSON.stringify(mine);
  if (told !== listed) main.querySelector("tbody").replaceChildren(...mine.map(row));
  listed = told;
  const foreign = Map.groupBy(receipts.filter((one) => one.person !== me?.id && one.state !== "done"), (one) => one.name);
  find("others").hidden = !foreign.size;
  find("others").replaceChildren(...[...foreign].map(([who, theirs]) => Object.assign(document.createElement("p"), { textContent: say(words.others, { who, n: theirs.length }) })));
  await offer();
}

// The procedures, once for each person and each set of forms; what was being typed comes back
async function offer() {
  const forms = me && (await kept("forms")), mark = `${me?.id}.${forms?.mark}.${me?.desks.length}`;
  if (shown === mark) return;
  shown = mark;
  if (!chosen) find("choose").hidden = !forms || !me.desks.length;
  if (!forms) return;
  choose(forms.procedures);
  main.querySelector("#search").oninput = () => choose(forms.procedures);
  const draft = await kept("draft"), procedure = forms.procedures.find(({ key }) => key === draft?.procedure);
  if (procedure && !chosen) {
    correcting = draft.correcting;
    open(procedure, draft.typed);
  }
}

// The receipt, with its code as Code 128 (set B): bars of 1 to 4 modules, a checksum of weights
const BARS = "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232";

function bars(text) {
  const signs = [104, ...[...text].map((sign) => sign.charCodeAt(0) - 32)];
  signs.push(signs.reduce((sum, sign, at) => sum + sign * (at || 1), 0) % 103);
  const widths = signs.map((sign) => BARS.slice(sign * 6, sign * 6 + 6)).join("") + "2331112";
  let at = 0, path = "";
  [...widths].forEach((width, place) => {
    if (place % 2 === 0) path += `M${at} 0h${width}v40h-${width}z`;
    at += Number(width);
  });
  return { path, wide: at };
}

function draw(one) {
  const sheet = find("receipt"), { applicant, subject } = one.submission, { path, wide } = bars(one.code);
  const told = { ...one.paper, code: one.code, name: applicant.name, id: applicant.id_number || "–", address: applicant.address || "–",
    contact: [applicant.phone, applicant.email].filter(Boolean).join(", ") || "–", about: [one.paper.about, subject].filter(Boolean).join(": "),
    papers: one.paper.papers.join("; ") || words.none, fees: one.paper.fees.join("; ") || words.free, limit: one.paper.limit || words.later,
    at: moment(one.at), clerk: one.name };
  for (const slot of sheet.querySelectorAll("[data-fill]")) slot.textContent = told[slot.dataset.fill];
  const svg = find("bars");
  svg.setAttribute("viewBox", `-10 0 ${wide + 20} 40`);
  svg.innerHTML = `<path d="${path}"/>`;
  sheet.hidden = false;
}

function listen() {
  const form = find("form");
  let waiting;
  form.addEventListener("submit", takeIn);
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => chosen && keep("draft", { procedure: chosen.key, typed: values(), correcting }), 200);
  });
  find("leave").addEventListener("click", async () => {
    clearTimeout(waiting);
    leave();
    await within(["kept"], (rows) => rows.delete(`draft:${me.id}`));
  });
  find("sync").addEventListener("click", synchronise);
  find("print").addEventListener("click", () => print());
  document.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && chosen && form.requestSubmit());
  others.addEventListener("message", show);
  addEventListener("online", synchronise);
  addEventListener("offline", () => ((net = "offline"), show()));
  document.addEventListener("visibilitychange", () => document.hidden || synchronise());
  // only while something is wrong: who sits idle at a good line is not kept signed in
  setInterval(async () => {
    if (net === "offline") await synchronise();
  }, 10000);
}

if (main) {
  listen();
  await show();
  const holding = hold().catch(() => navigator.serviceWorker?.controller);
  await synchronise();
  if (!(await holding)) tell(words.blocked);
  await navigator.serviceWorker?.ready;
  main.dataset.ready = "yes";
} else {
  setTimeout(() => hold().then(prepare).catch(() => {}), 3000);
}
