// In a module worker, or bundled in a classic one.
import { tried } from "./tried.mjs";

tried().then((text) => postMessage(text), (error) => postMessage(`failed: ${error.stack}`));
