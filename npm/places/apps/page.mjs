// In a page: the result is its title.
import { triedSeeds } from "./seeds.mjs";
import { tried } from "./tried.mjs";

tried().then((text) => {
  triedSeeds();
  document.title = text;
}).catch((error) => {
  document.title = `failed: ${error.stack}`;
});
