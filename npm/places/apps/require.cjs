const { Totp } = require("otp-core");
const { readCsv } = require("otp-core/seeds");

if (readCsv("").length !== 0) throw new Error("a token of nothing");
console.log(new Totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").codeAt(59) === "287082" ? "works" : "failed");
