// `node test/control.mjs NAME` runs the tests with a mistake in the package, which they have to
// notice.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

/** The mistakes: a text of the package, and its replacement. */
const CONTROLS = {
  "another-step": [/(totp_code\(.*?), time\(now\)\)/, "$1, time(now + 30))"],
  "lost-race-opens": ["return number === 1;", "return true;"],
  "true-is-a-row": ['typeof rows === "bigint" ? Number(rows) : rows', "Number(rows)"],
  "refusal-returned": ["throw new Refused(", "return new Refused("],
  "input-in-message": ["there is an unknown option", "there is an unknown option ${name}"],
  "milliseconds": ["95617584e3", "2 ** 53"],
  "random-stays": ["random.fill(0)", "random.length"],
  "never-freed": [/registry\?\.register\(.*?\);/, ""],
  "freed-is-used": [/this\.#number = 0;/g, ""],
};

const name = process.argv[2];
const [from, to] = CONTROLS[name];
const folder = `target/control/${name}`;
rmSync(folder, { recursive: true, force: true });
mkdirSync(`${folder}/node_modules`, { recursive: true });
cpSync("pkg", `${folder}/node_modules/otp-core`, { recursive: true });
cpSync("test", `${folder}/test`, { recursive: true });
const file = `${folder}/node_modules/otp-core/index.cjs`;
const whole = readFileSync(file, "utf8");
const changed = whole.replace(from, to);
if (changed === whole) throw new Error(`the control ${name} does not apply`);
writeFileSync(file, changed);
const tests = readdirSync(`${folder}/test`).filter((one) => one.endsWith(".test.mjs")).map((one) => `${folder}/test/${one}`);
process.exitCode = spawnSync(process.execPath, ["--test", ...tests], { stdio: "inherit" }).status ?? 1;
