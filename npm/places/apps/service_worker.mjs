// A service worker that tries the package and then answers a request. The script does not have a
// top-level await.
import { tried } from "./tried.mjs";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (!event.request.url.endsWith("/tried")) return;
  event.respondWith(tried().then((text) => new Response(text), (error) => new Response(`failed: ${error.stack}`)));
});
