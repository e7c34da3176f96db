// The page in Chromium. All of its tests share one browser and one server.
import { after } from "node:test";
import { close } from "./page.mjs";
import "./page/ways.mjs";
import "./page/trouble.mjs";
import "./page/looks.mjs";

after(close);
