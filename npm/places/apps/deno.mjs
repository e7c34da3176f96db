import { triedSeeds } from "./seeds.mjs";
import { tried } from "./tried.mjs";

triedSeeds();
console.log(await tried());
