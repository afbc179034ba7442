// Asks again what the procedure needs whenever an answer changes: papers, fees, the date of the result.

const form = document.querySelector("form[data-preview]");
let waiting, asked = 0;

async function look() {
  const turn = ++asked;
  const body = new FormData(form);
  for (const name of [...body.keys()]) if (body.get(name) instanceof File) body.delete(name);
  const answer = await fetch(form.dataset.preview, { method: "POST", body, headers: { "x-fragment": "1" } });
  if (!answer.ok || turn !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("preview");
  if (fresh) document.getElementById("preview").replaceWith(fresh);
  mark(new Set((fresh?.dataset.needed ?? "").split(" ")));
}

function mark(needed) {
  document.querySelectorAll("[data-paper]").forEach((item) => {
    const tag = item.querySelector("[data-need]");
    if (tag) tag.textContent = needed.has(item.dataset.paper) ? tag.dataset.yes : tag.dataset.no;
  });
}

form?.addEventListener("change", (event) => {
  if (event.target.type === "file") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => look().catch(() => {}), 200);
});
