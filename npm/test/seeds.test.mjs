// Seed files of hardware tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyUri, OtpError, logIn, readState } from "otp-core";
import { OtpError as SeedsError, readCsv, readPskc } from "otp-core/seeds";
import { read } from "./data.mjs";

const PSKC = `<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
  <KeyPackage>
    <DeviceInfo><Manufacturer>ACME</Manufacturer><SerialNo>2600001</SerialNo></DeviceInfo>
    <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
      <AlgorithmParameters><ResponseFormat Length="8" Encoding="DECIMAL"/></AlgorithmParameters>
      <Data>
        <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
        <TimeInterval><PlainValue>60</PlainValue></TimeInterval>
      </Data>
    </Key>
  </KeyPackage>
  <KeyPackage>
    <DeviceInfo><SerialNo>2600002</SerialNo></DeviceInfo>
    <Key Id="2" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"><Data/></Key>
  </KeyPackage>
</KeyContainer>`;

test("from a maker's file to a login", async () => {
  const [token, refused] = readPskc(PSKC);
  assert.deepEqual([token.kind, token.serial, token.manufacturer], ["read", "2600001", "ACME"]);
  const uri = KeyUri.parse(token.uri);
  assert.deepEqual([uri.type, uri.digits, uri.period, uri.issuer, uri.account], ["totp", 8, 60, "ACME", "2600001"]);
  assert.equal(readState(token.state, 0).requiresCode, true);
  let { state } = token;
  const swap = (_, next) => (state = next, 1);
  const accepted = await logIn({ engine: uri.engine(), code: "94287082", now: 119, load: () => state, swap });
  assert.equal(accepted.confirms, false);
  // A token that cannot be read hides no other.
  assert.deepEqual([refused.kind, refused.serial], ["refused", "2600002"]);
  assert.match(refused.reason, /^seeds-[a-z-]+$/);
});

test("CSV", () => {
  const [token] = readCsv(
    "upn,serial number,secret key,time interval,manufacturer,model\r\n"
    + "alice@example.com,1234567,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,60,ACME,HardwareKey\r\n");
  assert.deepEqual([token.user, token.model, KeyUri.parse(token.uri).account], ["alice@example.com", "HardwareKey", "alice@example.com"]);
  const [bare] = readCsv("7,3132333435363738393031323334353637383930\n", { type: "totp", digits: 8 });
  assert.equal(KeyUri.parse(bare.uri).engine().codeAt(59), "94287082");
  assert.equal(KeyUri.parse(readCsv("7,3132333435363738393031323334353637383930\n")[0].uri).type, "hotp");
});

test("CSV in a form of its own", () => {
  const columns = ["user", "other", "secret", "serial", "type", "digits", "period", "drift", "issuer"];
  const [token] = readCsv(
    "alice|x|3132333435363738393031323334353637383930|7|totp|8|60|-2|ACME\n", { columns, separator: "|", encoding: "hex" });
  const uri = KeyUri.parse(token.uri);
  assert.deepEqual(
    [token.user, token.serial, token.issuer, uri.type, uri.digits, uri.period, readState(token.state, 0).drift],
    ["alice", "7", "ACME", "totp", 8, 60, -2]);
  // A secret in both alphabets: `either` takes it for hexadecimal.
  const [hex, base32] = ["hex", "base32"].map((encoding) => readCsv(
    "1;ABABABABABABABABABABABABABABABAB\n", { columns: ["serial", "secret"], separator: ";", encoding })[0]);
  assert.equal(KeyUri.parse(hex.uri).secretBits, 128);
  assert.equal(KeyUri.parse(base32.uri).secretBits, 160);
  // If columns are given, the first line is a token.
  const [first] = readCsv("serial,secret\n", { columns: ["serial", "secret"] });
  assert.equal(first.kind, "refused");
  const counted = readCsv("7\t3132333435363738393031323334353637383930\t5\tSHA256\n", {
    columns: ["serial", "secret", "counter", "algorithm"], separator: "\t",
  });
  assert.deepEqual([KeyUri.parse(counted[0].uri).counter, KeyUri.parse(counted[0].uri).algorithm], [5, "SHA256"]);
});

test("options of CSV that do not exist", () => {
  for (const options of [
    { columns: ["secrets"] }, { columns: "secret" }, { separator: ";;" }, { separator: "" }, { separator: '"' }, { separator: "\n" },
    { separator: "é" }, { separator: 59 }, { encoding: "base64" }, { encoding: 1 },
  ]) {
    assert.throws(() => readCsv("7,00", options), { kind: "type" }, JSON.stringify(options));
  }
  assert.throws(() => readCsv("7,00", { column: [] }), { kind: "option" });
  assert.throws(() => readCsv("7,00", { columns: ["serial"] }), { kind: "seeds-header-missing" });
  assert.throws(() => readCsv("7,00", { columns: ["secret", "secret"] }), { kind: "seeds-header-duplicate" });
});

test("options of PSKC: iterations, and values without a MAC", () => {
  const rows = read("tests/data/pskc/expected.txt").split("\n").map((line) => line.split("\t"));
  const [file, , passphrase] = rows.find(([name, how]) => name.startsWith("python") && how === "passphrase");
  const text = read(`tests/data/pskc/${file}`);
  assert.throws(() => readPskc(text, { passphrase, maxIterations: 1 }), { kind: /^seeds-.*(iterations|out-of-range|refused)/ });
  assert.equal(readPskc(text, { passphrase, maxIterations: 10000000 })[0].kind, "read");
  const [, , hex] = rows.find(([name]) => name === "python_pskc_aes128.xml");
  const key = { key: Uint8Array.from(hex.match(/../g), (byte) => Number.parseInt(byte, 16)) };
  const encrypted = read("tests/data/pskc/python_pskc_aes128.xml");
  const bare = encrypted.replace(/<(\w+:)?ValueMAC>[^]*?<\/(\w+:)?ValueMAC>/g, "");
  assert.notEqual(bare, encrypted);
  for (const [more, kind] of [[{}, "refused"], [{ allowMissingMac: true }, "read"]]) {
    const tokens = readPskc(bare, { ...key, ...more });
    assert.equal(tokens[0].kind, kind, JSON.stringify(more));
  }
  for (const options of [{ maxIterations: -1 }, { maxIterations: 2 ** 32 }, { maxIterations: "5" }, { allowMissingMac: 1 }]) {
    assert.throws(() => readPskc(text, { passphrase, ...options }), { kind: "type" });
  }
  assert.throws(() => readPskc(text, { password: passphrase }), { kind: "option" });
});

test("what is wrong with a file", () => {
  for (const call of [
    () => readPskc("<KeyContainer"), () => readPskc(7), () => readPskc(PSKC, { passphrase: 7 }),
    () => readPskc(PSKC, { key: new Uint8Array(16), passphrase: "x" }), () => readCsv("", { digits: 5 }), () => readCsv('"a'),
  ]) {
    assert.throws(call, (error) => {
      // An error of one entry is an error of all.
      assert.ok(error instanceof SeedsError && error instanceof OtpError && error instanceof Error);
      assert.ok(error.kind);
      return true;
    });
  }
});

test("a file that is larger than the module's memory", () => {
  const rows = Array.from({ length: 40000 }, (_, index) => `${index},3132333435363738393031323334353637383930`);
  const tokens = readCsv(rows.join("\n"));
  assert.equal(tokens.length, 40000);
  assert.equal(tokens.at(-1).serial, "39999");
  assert.equal(readCsv("7,3132333435363738393031323334353637383930").length, 1);
});

test("encrypted files, as another reader reads them", () => {
  const rows = read("tests/data/pskc/expected.txt").split("\n").filter((line) => line.startsWith("python_pskc"));
  const seen = new Set();
  for (const row of rows) {
    const [file, how, opener, serial, , , kind, , digits, , secret] = row.split("\t");
    const unlock = {
      plain: undefined,
      key: { key: Uint8Array.from(opener.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)) },
      passphrase: { passphrase: opener },
    }[how];
    const token = readPskc(read(`tests/data/pskc/${file}`), unlock).find((one) => one.serial === serial);
    assert.equal(token.kind, "read", row);
    const uri = KeyUri.parse(token.uri);
    const expected = KeyUri.create({
      secret: Uint8Array.from(secret.match(/../g), (byte) => Number.parseInt(byte, 16)), allowShort: true,
    });
    assert.deepEqual([uri.type, uri.digits, uri.exposeSecret()], [kind, Number(digits), expected.exposeSecret()], row);
    seen.add(how);
  }
  assert.deepEqual([...seen].sort(), ["key", "passphrase", "plain"]);
  const file = read("tests/data/pskc/python_pskc_aes128.xml");
  assert.throws(() => readPskc(file, { key: new Uint8Array(16) }), { kind: /^seeds-/ });
  assert.throws(() => readPskc(file), { kind: /^seeds-/ });
});
