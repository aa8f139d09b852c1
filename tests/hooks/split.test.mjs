// A module and the two that `hooks/wasm/split.mjs` makes of it answer alike, and the second is asked for once, when needed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CODE, ELEMENTS, EXPORTS, FUNCTIONS, GLOBALS, IMPORTS, MEMORIES, TABLES, TYPES, binary, encode, listed, parse, sized } from "../../hooks/wasm/module.mjs";
import { split } from "../../hooks/wasm/split.mjs";

const [I32, CALL, CALL_INDIRECT, GET, GET_GLOBAL, SET_GLOBAL, CONST, ADD, END] = [0x7f, 0x10, 0x11, 0x20, 0x23, 0x24, 0x41, 0x6a, 0x0b];
const text = (name) => sized(Buffer.from(name));
const signature = (count) => Buffer.from([0x60, count, ...Array(count).fill(I32), 1, I32]);
const ONE = 0, TWO = 1; // Types, by how many numbers they take.
const PADDING = Array(100).fill(0x01); // A small function would not move.

// In the order of their numbers, after the imported `twice`, which is 0.
const FUNCTIONS_OF_IT = [
  { name: "sum", type: ONE, code: [GET, 0, GET, 0, CALL, 2] },
  { name: "later::add", type: TWO, code: [...PADDING, GET, 0, CALL, 3, GET, 1, ADD, GET_GLOBAL, 0, ADD] },
  { name: "helper of add", type: ONE, code: [GET, 0, CALL, 0] },
  { name: "later::by_table", type: ONE, code: [...PADDING, GET, 0, CALL, 6, CONST, 7, ADD, GET, 0, SET_GLOBAL, 0] },
  { name: "through the table", type: ONE, code: [GET, 0, CONST, 1, CALL_INDIRECT, ONE, 0] },
  { name: "of both", type: ONE, code: [GET, 0, CONST, 1, ADD] },
  { name: "plain", type: ONE, code: [GET, 0, CALL, 6] },
];

function module() {
  const exported = (name, index) => Buffer.concat([text(name), Buffer.from([0]), encode(index)]);
  const names = listed(FUNCTIONS_OF_IT.map(({ name }, i) => Buffer.concat([encode(i + 1), text(name)])));
  return binary([
    [TYPES, listed([signature(1), signature(2)])],
    [IMPORTS, listed([Buffer.concat([text("js"), text("twice"), Buffer.from([0]), encode(ONE)])])],
    [FUNCTIONS, listed(FUNCTIONS_OF_IT.map(({ type }) => encode(type)))],
    [TABLES, listed([Buffer.from([0x70, 1, 2, 2])])],
    [MEMORIES, listed([Buffer.from([0, 1])])],
    [GLOBALS, listed([Buffer.from([I32, 1, CONST, 5, END])])],
    [EXPORTS, listed([exported("sum", 1), exported("table", 5), exported("plain", 7)])],
    [ELEMENTS, listed([Buffer.concat([Buffer.from([0, CONST, 1, END]), listed([encode(4)])])])],
    [CODE, listed(FUNCTIONS_OF_IT.map(({ code }) => sized(Buffer.from([0, ...code, END]))))],
    [0, Buffer.concat([text("name"), Buffer.from([1]), sized(names)])],
  ]);
}

const js = { twice: (number) => 2 * number };

test("two modules answer as the one they were", () => {
  const whole = module();
  const { first, second } = split(parse(whole), (name) => name.startsWith("later::"));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(whole), { js });
  let asked = 0;
  const load = () => {
    asked += 1;
    new WebAssembly.Instance(new WebAssembly.Module(second), { first: parts });
  };
  const { exports: parts } = new WebAssembly.Instance(new WebAssembly.Module(first), { js, later: { load } });

  assert.equal(parts.plain(1), exports.plain(1));
  assert.equal(asked, 0, "what stays in the first part needs no second");
  for (const number of [1, -3, 40]) {
    assert.equal(parts.sum(number), exports.sum(number));
    assert.equal(parts.table(number), exports.table(number), "the global that one part sets, the other reads");
  }
  assert.equal(asked, 1);
});

test("what only the second part calls is no longer in the first", () => {
  const { first } = split(parse(module()), (name) => name.startsWith("later::"));
  // Gone: the helper. Two stubs stay for what moved, and the function that asks for the part is new.
  assert.equal(parse(first).bodies.length, FUNCTIONS_OF_IT.length - 1 + 1);
});

test("a part that could not be had is asked for again", () => {
  const { first } = split(parse(module()), (name) => name.startsWith("later::"));
  let asked = 0;
  const load = () => {
    asked += 1;
    throw new Error("no network");
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(first), { js, later: { load } });
  for (let i = 0; i < 2; i += 1) assert.throws(() => exports.sum(1), /no network/);
  assert.equal(asked, 2);
});
