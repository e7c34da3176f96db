// In a service worker, which answers a request only after it was tried. Everything is there when the script has run: it has no
// top-level await.
import { tried } from "./tried.mjs";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (!event.request.url.endsWith("/tried")) return;
  event.respondWith(tried().then((text) => new Response(text), (error) => new Response(`failed: ${error.stack}`)));
});
