// The search for the authenticators that show a code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hotp, Policy, Totp, confirmedState, enrolmentState, findCode, readState, recoveryState } from "otp-core";

const KEYS = Array.from({ length: 5 }, (_, index) => new Uint8Array(20).fill(index + 1));

test("a token without a label is found, with its drift", () => {
  const now = 1234567890;
  const engines = KEYS.map((key) => new Totp(key));
  const authenticators = engines.map((engine) => ({ engine, state: confirmedState() }));
  const find = (code, more) => findCode({ authenticators, code, now, ...more });
  const step = engines[3].stepAt(now);
  assert.deepEqual(find(engines[3].codeAt(now)), [{ index: 3, kind: "found", movingFactor: step }]);
  // One whose clock is four minutes behind is in a wider window.
  const late = engines[2].codeAt(now - 240);
  assert.deepEqual(find(late), []);
  assert.deepEqual(find(late, { window: { past: 10, future: 10 } }), [{ index: 2, kind: "found", movingFactor: step - 8 }]);
  // Around the drift that was learned.
  authenticators[2].state = confirmedState({ drift: -8 });
  assert.equal(find(late)[0].index, 2);
});

test("used codes are found, and nothing changes", () => {
  const engine = new Totp(KEYS[0]);
  const state = confirmedState({ lastUsed: engine.stepAt(59) });
  const found = findCode({ authenticators: [{ engine, state }], code: engine.codeAt(59), now: 59 });
  assert.deepEqual(found, [{ index: 0, kind: "found", movingFactor: 1 }]);
  assert.equal(readState(state, 59).failures, 0);
});

test("HOTP is searched from its next counter on", () => {
  const engine = new Hotp(KEYS[1]);
  const authenticators = [{ engine, state: confirmedState({ nextCounter: 7 }) }];
  const find = (counter, future) => findCode({ authenticators, code: engine.code(counter), now: 0, window: { past: 0, future } });
  assert.deepEqual(find(9, 2), [{ index: 0, kind: "found", movingFactor: 9 }]);
  assert.deepEqual(find(9, 1), []);
});

test("an authenticator that cannot be asked hides no other", () => {
  const [wanted, later] = [new Totp(KEYS[4]), new Totp(KEYS[3], { t0: 100 })];
  const found = findCode({
    authenticators: [
      { engine: wanted, state: "" }, { engine: later, state: enrolmentState() }, { engine: wanted, state: recoveryState() },
      { engine: new Totp(KEYS[4], { digits: 8 }), state: enrolmentState() }, { engine: wanted, state: enrolmentState() },
    ],
    code: wanted.codeAt(59), now: 59,
  });
  assert.deepEqual(found.map(({ index, kind, reason }) => [index, kind, reason]), [
    [0, "refused", "state-length"], [1, "refused", "time-before-t0"], [2, "refused", "other-engine"], [4, "found", undefined],
  ]);
  for (const { message } of found.slice(0, 3)) assert.match(message, /\w{4}/);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  assert.deepEqual(structuredClone(found), found);
});

test("among many", () => {
  const engine = new Totp(KEYS[0]);
  const state = confirmedState();
  const authenticators = Array.from({ length: 3000 }, () => ({ engine, state }));
  assert.equal(findCode({ authenticators, code: engine.codeAt(59), now: 59 }).length, 3000);
});

test("what cannot be searched", () => {
  const authenticators = [{ engine: new Totp(KEYS[0]), state: enrolmentState() }];
  assert.deepEqual(findCode({ authenticators: [], code: "1", now: 59 }), []);
  const find = (more) => () => findCode({ authenticators, code: "000000", now: 59, ...more });
  assert.throws(find({ code: "12345" }), { kind: "malformed", message: /^malformed code: / });
  assert.throws(find({ code: 123456 }), { kind: "type" });
  assert.throws(find({ now: Date.now() }), { kind: "time-too-far" });
  assert.throws(find({ window: { past: 101 } }), { kind: "window" });
  assert.throws(find({ policy: new Policy() }), { kind: "option" });
  for (const wrong of [undefined, {}, [{}], [{ engine: new Policy(), state: enrolmentState() }], [{ engine: new Totp(KEYS[0]) }]]) {
    assert.throws(find({ authenticators: wrong }), { kind: "type" });
  }
});
