// Finds procedures while somebody types. The arrow keys walk through what was found; Enter opens it when it is the only one.

const form = document.querySelector("form[data-choose]");
const search = form.querySelector("input");
const links = () => [...document.querySelectorAll("#results .papers a")];
let waiting, asked = 0;

async function show() {
  clearTimeout(waiting);
  const turn = ++asked;
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("results");
  if (!answer.ok || !fresh) throw new Error("no list");
  if (turn !== asked) return false;
  document.getElementById("results").replaceWith(fresh);
  history.replaceState(null, "", address);
  return true;
}

search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 200);
});

search.addEventListener("keydown", async (event) => {
  if (event.key !== "Enter" || event.isComposing || !search.value.trim()) return;
  event.preventDefault();
  try {
    if (!(await show())) return;
    const found = links();
    if (found.length === 1) found[0].click();
    else found[0]?.focus();
  } catch {
    form.submit();
  }
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const found = links(), at = found.indexOf(document.activeElement);
  if (!step || (at < 0 && document.activeElement !== search)) return;
  event.preventDefault();
  (found[at + step] ?? (at + step < 0 ? search : document.activeElement)).focus();
});
