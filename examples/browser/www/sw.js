// The page offline: it takes the network if there is one, so that the page is never an old one, and
// otherwise the cached files. Only the page's own files go through here.
const CACHE = "one-time-codes";
const FILES = [
  "./", "style.css", "icon.svg", "manifest.webmanifest",
  "boot.js", "main.js", "accounts.js", "store.js", "old_accounts.js", "dom.js", "enrol.js", "code_view.js", "verify_view.js", "recovery_view.js", "say.js", "words.js", "picture.js",
  "pkg/index.js", "pkg/jsqr.js",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
