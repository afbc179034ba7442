// Sends files in pieces with progress, two at a time: what is cut off goes on where it stopped, also after the page was
// loaded again and the same file chosen. Without this module the same form goes to the server in one body.

const TOGETHER = 2;
const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];
const TRIES = 60;
const [LEAST, FIRST, MOST] = [32, 256, 2048].map((kilobytes) => kilobytes * 1024);
// Milliseconds a piece may take before the next is smaller; half of it, and the next is larger.
const SLOW = 1000;
const SILENCE = 30000;
const size = (bytes) => {
  const [amount, unit] = bytes < 1024000 ? [Math.ceil(bytes / 1024), "kB"] : [bytes / 1048576, "MB"];
  return `${amount.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
};
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const wait = (ms) => new Promise((done) => {
  setTimeout(done, ms);
  addEventListener("online", done, { once: true });
});
const signedOut = (answer) => answer.status === 401 || answer.told.code === "form_key";
const CHANGED = { status: 422, told: { code: "file_changed" } };

// One file of the form: where it belongs, its line in the list, and how far it has come.
class Load {
  constructor(file, component, list, words) {
    Object.assign(this, { file, component, words, state: "ready", piece: FIRST, offset: 0 });
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
    else this.look();
  }

  // What can be said before anything is sent: another kind of file, a page that shows nothing; and a picture of it.
  async look() {
    const head = new Uint8Array(await this.file.slice(0, 1024).arrayBuffer().catch(() => new ArrayBuffer(0)));
    const picture = (head[0] === 0xff && head[1] === 0xd8) || (head[0] === 0x89 && head[1] === 0x50);
    if (head.length && !picture && !new TextDecoder("latin1").decode(head).includes("%PDF-")) return this.fail(this.words.kind);
    const bitmap = picture && (await createImageBitmap(this.file, { resizeWidth: 150 }).catch(() => null));
    if (!bitmap || this.state !== "ready") return;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    canvas.setAttribute("aria-hidden", "true");
    const brush = canvas.getContext("2d");
    brush.drawImage(bitmap, 0, 0);
    this.name.prepend(canvas);
    const points = brush.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, at) => at % 4 === 1);
    const mean = points.reduce((sum, point) => sum + point, 0) / points.length;
    const spread = Math.sqrt(points.reduce((sum, point) => sum + (point - mean) ** 2, 0) / points.length);
    this.told.textContent = mean < 80 ? this.words.dark : spread < 3 ? this.words.blank : "";
  }

  drop() {
    this.state = "dropped";
    this.stop?.abort();
    this.forget();
    this.row.remove();
    if (!document.querySelector(".files li")) document.querySelectorAll("[data-holding]").forEach((form) => delete form.dataset.holding);
  }

  // The server need not keep what nobody will go on with.
  forget() {
    if (this.slot) sessionStorage.removeItem(this.slot);
    if (this.id) this.ask("DELETE", `/api/v1/uploads/${this.id}`);
  }

  fail(words) {
    this.state = "failed";
    this.button.hidden = false;
    this.bar.hidden = true;
    this.told.textContent = "";
    const fault = this.row.querySelector(".fault") ?? this.row.appendChild(document.createElement("span"));
    fault.className = "fault";
    fault.setAttribute("role", "alert");
    fault.textContent = words;
  }

  async send(address, sender) {
    const [component, replaces] = this.component.split(":");
    this.said = { component, replaces, name: this.file.name.slice(0, 200), size: this.file.size, media_type: this.file.type };
    this.recall(address);
    this.bar.hidden = false;
    for (let attempt = 1; ; attempt++) {
      const before = this.offset;
      const answer = await this.further(address, sender);
      if (this.state === "dropped") return;
      if (answer.status === 201) return this.finish();
      if (signedOut(answer)) {
        await sender.signedIn();
        continue;
      }
      if (this.final(answer) || attempt > TRIES) return this.refused(answer);
      if (this.offset > before) attempt = 1;
      this.told.textContent = this.words.again.replace("{n}", attempt);
      await wait(PAUSES[Math.min(attempt, PAUSES.length) - 1]);
      if (this.state === "dropped") return;
    }
  }

  // The same file chosen again after the page was loaded again is the same request.
  recall(address) {
    const { file } = this;
    this.slot = ["upload", address, this.component, file.name, file.size, file.lastModified].join("|");
    this.key = sessionStorage.getItem(this.slot) ?? hex(crypto.getRandomValues(new Uint8Array(16)));
    sessionStorage.setItem(this.slot, this.key);
  }

  final({ status, told }) {
    const gone = status === 404 && this.id;
    return !(status === 0 || status >= 500 || status === 408 || status === 429 || told.code === "wrong_offset" || gone);
  }

  finish() {
    this.state = "done";
    this.bar.hidden = this.button.hidden = true;
    this.told.textContent = `✓ ${this.words.done}`;
    sessionStorage.removeItem(this.slot);
  }

  refused({ status, told }) {
    this.forget();
    this.fail(told.code === "file_changed" ? this.words.changed : (told.detail ?? (status ? this.words.failed : this.words.gone)));
  }

  // As far as it goes: from where the server has it, to the end or to the first answer that is no success.
  async further(address, sender) {
    this.formKey = () => sender.form.elements.namedItem("form_key").value;
    this.id = undefined;
    const begun = await this.ask("POST", address, JSON.stringify(this.said));
    if (begun.status !== 201) return begun;
    this.id = begun.told.id;
    this.offset = begun.told.offset;
    this.button.hidden = false;
    while (this.offset < this.file.size) {
      const answer = await this.next();
      if (answer.status !== 200) return answer;
    }
    this.show(this.words.checking);
    this.button.hidden = true;
    const sha256 = await this.digest();
    if (sha256 === null) return CHANGED;
    return this.ask("POST", `/api/v1/uploads/${this.id}/complete`, JSON.stringify({ sha256 }));
  }

  async next() {
    this.show(`${Math.floor((100 * this.offset) / this.file.size)} %`);
    // A browser refuses to read a file that was changed since it was chosen.
    const data = await this.file.slice(this.offset, this.offset + this.piece).arrayBuffer().catch(() => null);
    if (!data) return CHANGED;
    const since = performance.now();
    const answer = await this.ask("PATCH", `/api/v1/uploads/${this.id}`, data);
    const took = performance.now() - since;
    if (answer.status === 200) this.offset = answer.told.offset;
    if (answer.status !== 200 || took > SLOW) this.piece = Math.max(LEAST, this.piece / 2);
    else if (took < SLOW / 2) this.piece = Math.min(MOST, this.piece * 2);
    return answer;
  }

  // Undefined where the browser has no such function (a page that came without TLS).
  async digest() {
    if (!crypto.subtle) return undefined;
    const data = await this.file.arrayBuffer().catch(() => null);
    return data && hex(await crypto.subtle.digest("SHA-256", data));
  }

  show(words) {
    this.bar.value = (100 * this.offset) / this.file.size;
    this.told.textContent = words;
  }

  async ask(method, address, body) {
    this.stop = new AbortController();
    const late = setTimeout((stop) => stop.abort(), SILENCE, this.stop);
    const headers = {
      "content-type": typeof body === "string" ? "application/json" : "application/octet-stream", "x-form-key": this.formKey(),
      "idempotency-key": this.key, "upload-offset": this.offset, "accept-language": document.documentElement.lang,
    };
    try {
      const answer = await fetch(address, { method, body, headers, signal: this.stop.signal });
      return { status: answer.status, told: answer.status === 204 ? {} : await answer.json() };
    } catch {
      return { status: 0, told: {} };
    } finally {
      clearTimeout(late);
    }
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
    // This page must not be replaced by a newer one while it holds files.
    if (files.length) this.form.dataset.holding = "";
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
    if (refused) {
      this.tell(`${this.words.blocked} ${open.filter((load) => load.state === "failed").map((load) => load.file.name).join(", ")}`);
      return this.form.removeAttribute("aria-busy");
    }
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
    // Only one file can take the place of another.
    if (components) this.waiting.forEach((load, no) => (load.component = no ? components.value.split(":")[0] : components.value));
    const told = this.form.dataset.upload ? { upload: this.form.dataset.upload, next: location.pathname + "?did=attach" } : await this.first(submitter);
    if (!told) return;
    this.accepted();
    const queue = this.waiting;
    const address = told.upload.replace(/documents$/, "uploads");
    const worker = async () => {
      for (let load = queue.shift(); load; load = queue.shift()) await load.send(address, this);
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
      if (signedOut({ status: answer.status, told })) {
        await this.signedIn();
        return this.first(submitter);
      }
      this.tell(told.detail);
      return null;
    }
    this.correct(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return null;
  }

  // The session has ended: once somebody has signed in again elsewhere, this page goes on with the new session's key.
  signedIn() {
    this.asking ??= this.awaitSession().finally(() => (this.asking = undefined));
    return this.asking;
  }

  async awaitSession() {
    this.tell(this.words.ended, "/sign-in", this.words.sign);
    for (;;) {
      const page = await fetch(location.pathname).then((answer) => answer.text()).catch(() => "");
      const key = new DOMParser().parseFromString(page, "text/html").querySelector("form[action='/sign-out'] [name=form_key]")?.value;
      if (key) {
        document.querySelectorAll("[name=form_key]").forEach((input) => (input.value = key));
        this.form.querySelector("[data-told]").hidden = true;
        return;
      }
      await new Promise((done) => {
        setTimeout(done, 5000);
        addEventListener("focus", done, { once: true });
      });
    }
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

  // `next` leads on; a link with a name of its own opens beside this page, which stays as it is.
  tell(words, next, name) {
    const box = this.form.querySelector("[data-told]");
    box.hidden = false;
    box.textContent = words + " ";
    if (next) {
      const link = box.appendChild(document.createElement("a"));
      Object.assign(link, { href: next, textContent: name ?? this.words.open, target: name ? "_blank" : "" });
      if (!name) this.form.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => (button.disabled = true));
    }
    box.focus();
  }
}

function prepare(root) {
  root.querySelectorAll("form[data-files]").forEach((form) => new Sender(form));
  // A scan that is not good enough: the form is set to take its place, only the file is missing.
  root.querySelectorAll("[data-rescan]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("component").value = link.dataset.rescan;
    document.getElementById("file").click();
    document.getElementById("file").focus();
  }));
}

prepare(document);
// what the page brought in by itself
document.addEventListener("fresh", (event) => prepare(event.detail));
