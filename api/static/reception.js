// Asks again what the procedure needs whenever an answer changes, keeps the form as a draft, reads cards.
// Enter never sends: scanners and card readers end what they type with it. Without this module the server does all of it.

// Found anew each time: corrections replace the form.
const sheet = () => document.querySelector("form[data-preview]");
const CARD = /\d{12}\|(?:\d{9}|\d{12})?\|[^|]+\|\d{8}\|[^|]*\|[^|]*(?:\|\d{0,8})?(?:\|[^|]*)*/;
const PAUSE = 1500;
let waiting, saving, read = "", dirty = false, sent = false, asked = 0;

function words() {
  const body = new FormData(sheet());
  for (const name of [...body.keys()]) if (body.get(name) instanceof File) body.delete(name);
  return body;
}

async function look() {
  const turn = ++asked, body = words();
  if (read.startsWith(body.get("applicant.id_number"))) body.append("card", read);
  const answer = await fetch(sheet().dataset.preview, { method: "POST", body, headers: { "x-fragment": "1" } });
  if (!answer.ok || turn !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const used = document.activeElement?.closest("#known") && document.activeElement.name;
  for (const id of ["known", "preview"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(fresh);
  }
  if (used) document.querySelector("#known button")?.focus();
  const fresh = document.getElementById("preview");
  mark(new Set((fresh?.dataset.needed ?? "").split(" ")));
}

function mark(needed) {
  document.querySelectorAll("[data-paper]").forEach((item) => {
    const tag = item.querySelector("[data-need]");
    if (tag) tag.textContent = needed.has(item.dataset.paper) ? tag.dataset.yes : tag.dataset.no;
  });
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(() => look().catch(() => {}), 200);
}

// The draft: a few seconds after typing, and when the page is left.
const note = () => sheet().querySelector("[data-draft]");
const draft = () => `${sheet().getAttribute("action")}/draft`;

async function save() {
  clearTimeout(saving);
  if (!dirty || sent) return;
  dirty = false;
  try {
    const answer = await fetch(draft(), { method: "POST", body: words(), headers: { "x-fragment": "1", accept: "application/json" } });
    if (!answer.ok) return tell(answer.status === 401 || answer.status === 403 ? "ended" : "failed");
    note().textContent = `${note().dataset.saved} ${await answer.text()}`;
    const address = `${sheet().getAttribute("action")}?draft=${sheet().elements.namedItem("once").value}`;
    if (!location.search) history.replaceState(null, "", address);
  } catch {
    tell("failed");
  }
}

function tell(why) {
  dirty = true;
  note().textContent = note().dataset[why];
  if (why === "failed") saving = setTimeout(save, 10000);
}

function leave() {
  if (!dirty || sent) return;
  dirty = false;
  fetch(draft(), { method: "POST", body: words(), keepalive: true, headers: { "x-fragment": "1" } }).catch(() => {});
}

function typed() {
  dirty = true;
  clearTimeout(saving);
  saving = setTimeout(save, PAUSE);
}

function fill(name, value) {
  const field = sheet().elements.namedItem(name);
  if (field && value) field.value = value;
}

// number | old number | name | born | sex | address | issued, typed into whatever field has the focus
function card(field) {
  const found = CARD.exec(field.value)?.[0];
  if (!found) return false;
  const [number, , name, , , address] = found.split("|");
  field.value = field.value.replace(found, "").trim();
  fill("applicant.id_number", number);
  fill("applicant.name", name.trim());
  if (!sheet().elements.namedItem("applicant.address").value) fill("applicant.address", address.trim());
  read = found;
  typed();
  soon();
  sheet().elements.namedItem("applicant.phone").focus();
  return true;
}

function next(field) {
  const all = [...sheet().querySelectorAll("input:not([type=hidden], [type=file]), select, textarea, button:not([hidden])")]
    .filter((one) => !one.disabled && one.offsetParent && (one.type !== "radio" || one.checked || one.name !== field.name));
  const at = all.findIndex((one) => one.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_PRECEDING);
  if (at >= 0) all[at].focus();
}

// In the form, apart from its files.
function inside(event) {
  return event.target.closest?.("form[data-preview]") && event.target.type !== "file";
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || !inside(event)) return;
  if (!field.matches("input:not([type=submit], [type=button])")) return;
  event.preventDefault();
  if (!card(field)) next(field);
});
document.addEventListener("input", (event) => inside(event) && typed());
document.addEventListener("change", (event) => {
  if (!inside(event)) return;
  typed();
  soon();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (!button) return;
  event.preventDefault();
  for (const name of ["phone", "email", "address"]) fill(`applicant.${name}`, button.dataset[name]);
  typed();
  sheet().elements.namedItem("applicant.phone").focus();
});
document.addEventListener("submit", (event) => {
  if (!event.submitter?.formAction.match(/\/(preview|draft)$/)) sent = true;
});
addEventListener("pageshow", () => (sent = false));
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
