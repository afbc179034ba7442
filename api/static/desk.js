// What the keyboard adds to every page. Nothing here is needed to work: all of it also goes by links and forms.

const KEPT = "keys-off", STILL = "live-off";
const typing = (node) => node.closest("input, textarea, select, [contenteditable]");
const off = (what = KEPT) => localStorage.getItem(what) === "1";

function takeFocus() {
  document.querySelector("[data-focus]")?.focus();
}

// j and k move the real focus along the rows, so that Enter, screen readers and the eye agree on where it is.
function walk(step) {
  const links = [...document.querySelectorAll(".rows tbody a[data-row]")];
  if (!links.length) return;
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + step))].focus();
}

function press(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = document.activeElement?.closest("form") ?? document.querySelector("form[data-main]");
    if (form?.method === "post") form.requestSubmit();
    return;
  }
  // An empty search box has nothing to lose by “?”.
  const asked = event.key === "?" && event.target.matches("[data-search]") && !event.target.value;
  if (event.ctrlKey || event.metaKey || event.altKey || off() || (typing(event.target) && !asked)) return;
  const act = { "/": () => document.querySelector("[data-search]")?.focus(), "?": () => document.getElementById("keys")?.showModal(), j: () => walk(1), k: () => walk(-1) }[event.key];
  const place = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (act) {
    event.preventDefault();
    act();
  } else if (place) {
    place.click();
  }
}

// What was typed in a form that is marked so is not left behind without a question.
function keep(form) {
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  const before = typed();
  let sent = false;
  form.addEventListener("submit", () => (sent = true));
  addEventListener("pageshow", () => (sent = false));
  addEventListener("beforeunload", (event) => {
    if (form.isConnected && !sent && typed() !== before) event.preventDefault();
  });
}

// The same form is sent once: a second click while it is on its way does nothing.
function once(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.ariaBusy === "true") event.preventDefault();
  form.ariaBusy = "true";
}

// Whoever signs out leaves the offline counter of this computer, too.
function leave(event) {
  if (event.target.getAttribute("action") === "/sign-out") localStorage.removeItem("counter-person");
}

function search(form) {
  let waiting, asked = 0;
  const show = async () => {
    const turn = ++asked;
    const address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form));
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("results");
    if (!fresh) return;
    document.getElementById("results").replaceWith(fresh);
    history.replaceState(null, "", address);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => show().catch(() => {}), 250);
  });
}

function kept(button) {
  const what = button.dataset.kept;
  const say = () => {
    button.ariaPressed = String(!off(what));
    button.textContent = off(what) ? button.dataset.off : button.dataset.on;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem(what, off(what) ? "0" : "1");
    say();
  });
  say();
}

// What somebody typed, ticked or chose: fields that are not as they came.
function untouched(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
  if (field.options) return field.selectedIndex === Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return ["hidden", "search", "submit", "file"].includes(field.type) || field.tagName === "BUTTON" || field.value === field.defaultValue;
}
const fields = (root) => [...root.querySelectorAll("input, textarea, select")];
const ticked = (field) => field.type === "checkbox" || field.type === "radio";
// The same control on a page that was made anew.
const nameOf = (node) => node.id || [node.tagName, node.form?.getAttribute("action"), node.name, ticked(node) && node.value,
  node.getAttribute("href") ?? (node.name ? "" : node.textContent.trim())].join("|");
const controls = (root) => [...root.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];

// Puts `fresh` in place of `old`: focus, scroll, open details, what was typed and what was confirmed stay.
function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const row = focused && [...old.querySelectorAll("a[data-row]")].findIndex((link) => link.closest("tr").contains(document.activeElement));
  const open = [...old.querySelectorAll("details[open] > summary")].map(nameOf), typed = fields(old).filter((field) => !untouched(field)), top = scrollY;
  const said = old.querySelector("[data-said]");
  if (said) fresh.querySelector("header.head")?.after(said);
  old.replaceWith(fresh);
  for (const node of fresh.querySelectorAll("details > summary")) if (open.includes(nameOf(node))) node.parentElement.open = true;
  const homeless = typed.filter((field) => {
    const home = fields(fresh).find((one) => nameOf(one) === nameOf(field));
    if (!home) return !ticked(field);
    if (ticked(field)) home.checked = field.checked;
    else home.value = field.value;
    home.dispatchEvent(new Event("change", { bubbles: true }));
  });
  for (const field of homeless) {
    const words = document.createElement("p");
    Object.assign(words, { className: "tell warn", textContent: `${live.dataset.homeless} ${field.value}` });
    fresh.prepend(words);
  }
  prepare(fresh);
  document.dispatchEvent(new CustomEvent("fresh", { detail: fresh }));
  if (focused !== null) {
    const rows = [...fresh.querySelectorAll("a[data-row]")];
    const homes = [controls(fresh).find((node) => nameOf(node) === focused), rows[Math.min(row, rows.length - 1)], document.getElementById("main")];
    homes.find((node) => node?.checkVisibility()).focus({ preventScroll: true });
  }
  scrollTo({ top, behavior: "instant" });
}

const live = document.getElementById("live");
const SOON = 5000, RARELY = 30000;

// Asks whether others changed what is shown: often while somebody is at it, rarely later, never while nobody looks.
function follow(place) {
  const list = !place.dataset.mark, started = new URL(place.dataset.pulse, location);
  let mark = place.dataset.mark, pause = SOON, waiting, asking = false;
  const part = (page) => (list && page.getElementById("results")) || page.getElementById("main");
  const say = (words, who) => (live.textContent = words.replace("{who}", who ?? ""));
  const later = () => {
    clearTimeout(waiting);
    if (!document.hidden) waiting = setTimeout(ask, pause * (0.8 + Math.random() * 0.4));
  };
  const renew = async (told) => {
    const address = new URL(location);
    address.searchParams.delete("did");
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"), fresh = part(page);
    if (!fresh) return;
    swap(part(document), document.adoptNode(fresh));
    const places = page.querySelector("nav.places"), bar = document.querySelector("nav.places");
    if (places && bar && !bar.contains(document.activeElement)) bar.replaceWith(places);
    mark = told.mark;
    say(list ? live.dataset.list : live.dataset.updated, told.who);
  };
  const offer = (told) => {
    if (live.dataset.shown === told.mark) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button plain", textContent: live.dataset.look });
    button.addEventListener("click", () => renew(told).catch(() => {}));
    say(live.dataset.changed, told.who);
    live.append(" ", button);
    live.dataset.shown = told.mark;
  };
  const ask = async () => {
    const main = document.getElementById("main");
    if (asking || document.hidden || off(STILL)) return later();
    asking = true;
    try {
      const answer = await fetch(started, { headers: { accept: "application/json", ...(mark && { "if-none-match": `"${mark}"` }) } });
      if (answer.status === 401) say(live.dataset.ended);
      pause = Math.min(pause * (answer.status < 400 ? 1.3 : 2), RARELY);
      if (answer.status === 200) {
        const told = await answer.json(), first = mark === undefined;
        const busy = main.querySelector("[aria-busy=true]") || fields(main).some((field) => field.files?.length) || document.querySelector("dialog[open], [data-holding]");
        if (first && !told.newer) mark = told.mark;
        else if (busy || told.mark === mark) pause = SOON;
        else if (list || fields(main).every(untouched)) await renew(told);
        else offer(told);
      }
    } catch {
      pause = RARELY;
    }
    asking = false;
    later();
  };
  const wake = () => {
    const slept = pause > SOON * 2;
    pause = SOON;
    if (slept) later();
  };
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, wake, { passive: true });
  if (list) ask();
  else later();
}

// A long list of units is searched by what is typed, accents or not; what is ticked stays in sight.
function filter(box) {
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
  const input = box.querySelector("input"), groups = document.getElementById(box.dataset.filters).querySelectorAll("fieldset");
  box.hidden = false;
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  input.addEventListener("input", () => {
    const words = fold(input.value).split(/\s+/);
    for (const group of groups) {
      const agency = fold(group.querySelector("legend").textContent), choices = [...group.querySelectorAll("label")];
      for (const choice of choices) {
        const told = `${agency} ${fold(choice.textContent)}`;
        choice.hidden = !choice.querySelector("input").checked && !words.every((word) => told.includes(word));
      }
      group.hidden = choices.every((choice) => choice.hidden);
    }
  });
}

// The browser's own control speaks the browser's language: a button in the page's, and the names of what was chosen.
function chooser(input) {
  const label = input.parentElement.querySelector(".choose");
  const names = document.createElement("span");
  Object.assign(names, { className: "drop-hint apart", role: "status" });
  const say = () => (names.textContent = [...input.files].map((file) => file.name).join(", "));
  label.after(names);
  label.hidden = false;
  input.classList.add("behind");
  input.addEventListener("change", say);
  say();
}

document.addEventListener("keydown", press);
document.addEventListener("submit", once);
document.addEventListener("submit", leave);
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy")));

// Everything a page, or a part of it that came later, needs.
function prepare(root) {
  root.querySelectorAll("form[data-live]").forEach(search);
  root.querySelectorAll("form[data-keep]").forEach(keep);
  root.querySelectorAll("[data-filters]").forEach(filter);
  root.querySelectorAll("form:not([data-files]) .chooser input").forEach(chooser);
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
}

prepare(document);
document.querySelectorAll("[data-kept]").forEach(kept);
document.querySelectorAll("[data-keys]").forEach((link) => link.addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("keys").showModal();
}));
document.querySelectorAll("main[data-pulse]").forEach(follow);
takeFocus();
