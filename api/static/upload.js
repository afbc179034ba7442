// Sends files one by one with progress, tries again after a cut, and keeps the rest when one is refused.
// Without this module the same form goes to the server in one piece.

const TOGETHER = 2;
const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];
const size = (bytes) => {
  const [amount, unit] = bytes < 1024000 ? [Math.ceil(bytes / 1024), "kB"] : [bytes / 1048576, "MB"];
  return `${amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
};
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

class Cancelled extends Error {}

// One file of the form: where it belongs, its line in the list, and its own key, so that a second try is the same request.
class Load {
  constructor(file, component, list, words) {
    Object.assign(this, { file, component, words, key: crypto.randomUUID(), state: "ready" });
    this.row = list.appendChild(document.createElement("li"));
    this.name = this.row.appendChild(document.createElement("span"));
    this.name.textContent = `${file.name} · ${size(file.size)}`;
    this.told = this.row.appendChild(document.createElement("span"));
    this.button = this.row.appendChild(document.createElement("button"));
    Object.assign(this.button, { type: "button", className: "button plain", textContent: words.drop });
    this.button.setAttribute("aria-label", `${words.drop}: ${file.name}`);
    this.button.addEventListener("click", () => this.drop());
    this.bar = this.row.appendChild(document.createElement("progress"));
    Object.assign(this.bar, { max: 100, value: 0, hidden: true });
    this.bar.setAttribute("aria-label", file.name);
    if (file.size > Number(words.limit)) this.fail(words.large);
  }

  drop() {
    this.state = "dropped";
    this.request?.abort();
    this.row.remove();
  }

  fail(words) {
    this.state = "failed";
    this.bar.hidden = true;
    this.told.textContent = "";
    const fault = this.row.querySelector(".fault") ?? this.row.appendChild(document.createElement("span"));
    fault.className = "fault";
    fault.setAttribute("role", "alert");
    fault.textContent = words;
  }

  async send(address, formKey) {
    this.bar.hidden = false;
    for (let attempt = 0; ; attempt++) {
      const answer = await this.once(address, formKey);
      if (this.state === "dropped") return;
      if (answer.status >= 200 && answer.status < 300) {
        this.state = "done";
        this.bar.hidden = this.button.hidden = true;
        this.told.textContent = `✓ ${this.words.done}`;
        return;
      }
      if (answer.status && answer.status < 500 && answer.status !== 429) return this.fail(answer.words ?? this.words.failed);
      if (attempt === PAUSES.length) return this.fail(answer.words ?? this.words.gone);
      this.told.textContent = this.words.again.replace("{n}", attempt + 1);
      await wait(PAUSES[attempt]);
      if (this.state === "dropped") return;
    }
  }

  once(address, formKey) {
    const asked = new URLSearchParams({ component: this.component, name: this.file.name.slice(0, 200) });
    const request = (this.request = new XMLHttpRequest());
    return new Promise((done) => {
      request.upload.addEventListener("progress", (event) => {
        this.bar.value = (100 * event.loaded) / event.total;
        this.told.textContent = event.loaded < event.total ? `${Math.floor(this.bar.value)} %` : this.words.checking;
      });
      request.addEventListener("loadend", () => done({ status: request.status, words: said(request) }));
      request.open("POST", `${address}?${asked}`);
      const headers = { "x-form-key": formKey, "idempotency-key": this.key, "accept-language": document.documentElement.lang };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.send(this.file);
    });
  }
}

function said(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return undefined;
  }
}

class Sender {
  constructor(form) {
    Object.assign(this, { form, words: form.dataset, loads: [] });
    form.querySelectorAll("input[type=file]").forEach((input) => this.watch(input));
    form.addEventListener("submit", (event) => this.submit(event));
  }

  watch(input) {
    const list = document.createElement("ul");
    list.className = "files";
    const place = input.closest("[data-zone]") ?? input.parentElement;
    place.append(list);
    input.classList.add("behind");
    input.parentElement.querySelectorAll("[hidden]").forEach((shown) => (shown.hidden = false));
    input.addEventListener("change", () => this.add(input, list, input.files));
    for (const kind of ["dragover", "dragleave", "drop"]) {
      place.addEventListener(kind, (event) => {
        event.preventDefault();
        place.classList.toggle("over", kind === "dragover");
        if (kind === "drop") this.add(input, list, event.dataTransfer.files);
      });
    }
  }

  add(input, list, files) {
    for (const file of files) this.loads.push(new Load(file, input.dataset.component, list, this.words));
    if (files.length && input.dataset.ticks) document.getElementById(input.dataset.ticks).checked = true;
    // From here on the list is what will be sent, and it can grow by choosing again.
    input.value = "";
  }

  get waiting() {
    return this.loads.filter((load) => load.state === "ready");
  }

  async submit(event) {
    const open = this.loads.filter((load) => load.state !== "dropped");
    if (!open.length || event.submitter?.formAction.includes("/preview")) return;
    event.preventDefault();
    const refused = open.find((load) => load.state === "failed");
    if (refused) return refused.button.focus();
    if (this.busy) return;
    this.busy = true;
    try {
      await this.deliver(event.submitter);
    } catch {
      this.tell(this.words.gone);
    }
    this.busy = false;
    this.form.removeAttribute("aria-busy");
  }

  async deliver(submitter) {
    const components = this.form.elements.namedItem("component");
    if (components) this.loads.forEach((load) => (load.component = components.value));
    const told = this.form.dataset.upload ? { upload: this.form.dataset.upload, next: location.pathname + "?did=attach" } : await this.first(submitter);
    if (!told) return;
    this.accepted();
    const queue = this.waiting;
    const formKey = this.form.elements.namedItem("form_key").value;
    const worker = async () => {
      for (let load = queue.shift(); load; load = queue.shift()) await load.send(told.upload, formKey);
    };
    await Promise.all(Array.from({ length: TOGETHER }, worker));
    const failed = this.loads.filter((load) => load.state === "failed");
    if (!failed.length) return location.assign(told.next);
    this.after(told, failed);
  }

  // The form itself, without its files; a page in answer means that something is to be corrected.
  async first(submitter) {
    const body = new FormData(this.form, submitter);
    for (const name of [...body.keys()]) if (body.get(name) instanceof File) body.delete(name);
    for (const load of this.waiting) body.append("coming", load.component);
    const answer = await fetch(this.form.action, { method: "POST", body, headers: { accept: "application/json" } });
    if (answer.headers.get("content-type")?.includes("json")) {
      const told = await answer.json();
      if (answer.ok) return told;
      this.tell(told.detail);
      return null;
    }
    this.correct(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return null;
  }

  // Takes the corrected form's messages over without losing the files chosen here.
  correct(page) {
    const main = document.querySelector("main"), fresh = page.querySelector("main");
    if (!fresh) return this.tell(this.words.gone);
    const lists = new Map([...this.form.querySelectorAll("input[type=file]")].map((input) => [input.name, input]));
    main.replaceWith(fresh);
    document.title = page.title;
    const form = fresh.querySelector("form[data-files]");
    if (form) {
      const sender = new Sender(form);
      for (const load of this.loads.filter((kept) => kept.state === "ready")) sender.take(load, lists);
    }
    fresh.querySelector("[data-focus]")?.focus();
  }

  // What was wrong before is not wrong any more.
  accepted() {
    document.getElementById("errors")?.remove();
    this.form.querySelectorAll(".wrong").forEach((words) => words.remove());
    this.form.querySelectorAll(".bad").forEach((field) => field.classList.remove("bad"));
    this.form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  }

  take(load) {
    const input = this.form.querySelector(`input[type=file][data-component="${CSS.escape(load.component)}"]`);
    if (!input) return;
    (input.closest("[data-zone]") ?? input.parentElement).querySelector(".files").append(load.row);
    this.loads.push(load);
  }

  // The dossier stands; only these files are missing. They can be sent again from here or from its page.
  after(told, failed) {
    this.tell(`${this.words.partly} (${failed.map((load) => load.file.name).join(", ")})`, told.next);
  }

  tell(words, next) {
    const box = this.form.querySelector("[data-told]");
    box.hidden = false;
    box.textContent = words + " ";
    if (next) {
      const link = box.appendChild(document.createElement("a"));
      Object.assign(link, { href: next, textContent: this.words.open });
      this.form.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => (button.disabled = true));
    }
    box.focus();
  }
}

document.querySelectorAll("form[data-files]").forEach((form) => new Sender(form));
