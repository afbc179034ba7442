// Keeps one page and its files, nothing else. NAME and KEPT are written above by the server.

addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(NAME);
    await Promise.all(KEPT.map(async (address) => {
      const answer = await fetch(address, { redirect: "error" });
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      await cache.put(address, answer);
    }));
    await skipWaiting();
  };
  event.waitUntil(fill());
});

addEventListener("activate", (event) => {
  const clear = async () => {
    for (const name of await caches.keys()) if (name.split("-")[0] === NAME.split("-")[0] && name !== NAME) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(clear());
});

const kept = async (address) => (await caches.open(NAME)).match(address);

// The server's own page while it answers: it sends to the sign-in who has to go there.
async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (answer.status < 500) return answer;
  } catch {}
  return (await kept(KEPT[0])) ?? Response.error();
}

addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && pathname === KEPT[0]) event.respondWith(page(request));
  else if (pathname !== KEPT[0] && KEPT.includes(pathname)) event.respondWith(kept(pathname).then((found) => found ?? fetch(request)));
});
