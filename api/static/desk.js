// What the keyboard adds to every page. Nothing here is needed to work: all of it also goes by links and forms.

const KEPT = "keys-off";
const typing = (node) => node.closest("input, textarea, select, [contenteditable]");
const off = () => localStorage.getItem(KEPT) === "1";

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
  if (event.ctrlKey || event.metaKey || event.altKey || off() || typing(event.target)) return;
  const act = { "/": () => document.querySelector("[data-search]")?.focus(), j: () => walk(1), k: () => walk(-1) }[event.key];
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
    if (!sent && typed() !== before) event.preventDefault();
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

function live(form) {
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

function shortcutSwitch(button) {
  const say = () => {
    button.ariaPressed = String(!off());
    button.textContent = off() ? button.dataset.off : button.dataset.on;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, off() ? "0" : "1");
    say();
  });
  say();
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
document.querySelectorAll("form[data-live]").forEach(live);
document.querySelectorAll("form[data-keep]").forEach(keep);
document.querySelectorAll("[data-filters]").forEach(filter);
document.querySelectorAll("form:not([data-files]) .chooser input").forEach(chooser);
document.querySelectorAll("[data-shortcuts]").forEach(shortcutSwitch);
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});
takeFocus();
