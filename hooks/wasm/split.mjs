// Makes two modules of one: what the page needs at once, and what it fetches when it is first asked for (`parts.mjs`).
//
// The second shares the memory, the tables and the globals of the first, and calls its functions by import. The other way
// goes through the first's table: every function of the second that the first names leaves a stub there, which asks for the
// second module, once, and calls on. Nothing of the program knows of it. After the WebAssembly specification's chapter 5;
// binaryen's wasm-split does alike.
//
// Contract with `later.mjs`: the first imports `later.load`, which must have instantiated the second, given the exports of
// the first as its module `first`, when it returns.

import { CODE, ELEMENTS, EXPORTS, FUNCTIONS, GLOBALS, IMPORTS, MEMORIES, Reader, START, TABLES, TYPES, binary, encode, listed, sized } from "./module.mjs";

const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3]; // Of imports and exports.
const ACTIVE_IN_TABLE_0 = 0;
const I32 = 0x7f, MUTABLE = 1;
const [CALL, CALL_INDIRECT, END, GET_LOCAL, GET_GLOBAL, SET_GLOBAL, CONST, IF, NOT] = [0x10, 0x11, 0x0b, 0x20, 0x23, 0x24, 0x41, 0x04, 0x45].map((op) => Buffer.from([op]));
/** A function of so many bytes moves only after those that call it: its stub would be as large, and the linker makes one of all that are alike. */
const SMALL = 100;
const NO_RESULT = Buffer.from([0x40]), NO_LOCALS = encode(0), NO_ARGUMENTS_NO_RESULT = Buffer.from([0x60, 0, 0]);

/**
 * Splits a module that `parse` took apart. `isLater` says of a function's name whether it belongs to the second part; what
 * only such functions call follows them.
 */
export function split(module, isLater) {
  const later = closure(module, isLater);
  const entered = enteredFromFirst(module, later);
  const entries = [...later].filter((place) => entered.has(place)).sort((a, b) => a - b);
  const slots = new Map(entries.map((place, i) => [place, tableLength(module) + i]));
  const shared = [...new Set([...later].flatMap((place) => callees(module, place)))].filter((index) => !later.has(index - module.imported)).sort((a, b) => a - b);
  return { first: first(module, later, slots, shared), second: second(module, later, slots, shared) };
}

/** The functions of the second part: those named, and then, again and again, those that only they call. */
function closure(module, isLater) {
  const callers = new Map(module.bodies.map((_, place) => [place, new Set()]));
  module.bodies.forEach((_, place) => {
    for (const callee of callees(module, place)) callers.get(callee - module.imported)?.add(place);
  });
  const kept = new Set(named(module, GLOBALS, EXPORTS, START, ELEMENTS));
  const later = new Set();
  const add = (place) => {
    if (later.has(place)) return;
    later.add(place);
    for (const callee of callees(module, place).map((index) => index - module.imported)) {
      if (callee >= 0 && !kept.has(callee) && [...callers.get(callee)].every((caller) => later.has(caller))) add(callee);
    }
  };
  const exported = new Set(named(module, EXPORTS, START));
  for (const [place, { bytes }] of module.bodies.entries()) {
    if (bytes.length > SMALL && !exported.has(place) && isLater(module.names.get(module.imported + place) ?? "")) add(place);
  }
  return later;
}

/** Every function that something outside the second part names. */
function enteredFromFirst(module, later) {
  const entered = new Set(named(module, GLOBALS, EXPORTS, START, ELEMENTS));
  for (const place of module.bodies.keys()) {
    if (!later.has(place)) for (const index of callees(module, place)) entered.add(index - module.imported);
  }
  return entered;
}

const callees = (module, place) => module.bodies[place].named.map(([, index]) => index);

const named = (module, ...ids) => module.sections.filter(({ id }) => ids.includes(id)).flatMap(({ content }) => content.named.map(([, index]) => index - module.imported));

function first(module, later, slots, shared) {
  const { imported, bodies, types } = module;
  const kept = [...bodies.keys()].filter((place) => !later.has(place) || slots.has(place));
  const places = new Map(kept.map((place, i) => [place, i]));
  const renumber = (index) => (index < imported ? index : imported + 1 + places.get(index - imported));
  const [load, ready] = [encode(imported), encode(globals(module).length)];
  const need = encode(imported + 1 + kept.length);
  const signatures = functionTypes(module);
  const stub = (place) => sized(Buffer.concat([
    NO_LOCALS, CALL, need,
    ...Array.from({ length: parameters(signatures[types[place]]) }, (_, i) => Buffer.concat([GET_LOCAL, encode(i)])),
    CONST, signed(slots.get(place)), CALL_INDIRECT, encode(types[place]), encode(0), END,
  ]));
  const ask = sized(Buffer.concat([
    NO_LOCALS, GET_GLOBAL, ready, NOT, IF, NO_RESULT, CALL, load, CONST, signed(1), SET_GLOBAL, ready, END, END,
  ]));
  const plain = encode(signatures.length);
  const exported = [
    ...shared.map((index) => [FUNCTION, renumber(index)]),
    ...tables(module).map((_, i) => [TABLE, i]), [MEMORY, 0], ...globals(module).map((_, i) => [GLOBAL, i]),
  ].map(([kind, index], i) => Buffer.concat([sized(Buffer.from(nameOf(i))), Buffer.from([kind]), encode(index)]));
  const written = {
    [TYPES]: (bytes) => appended(bytes, [NO_ARGUMENTS_NO_RESULT]),
    [IMPORTS]: (bytes) => appended(bytes, [Buffer.concat([sized(Buffer.from("later")), sized(Buffer.from("load")), Buffer.from([FUNCTION]), plain])]),
    [FUNCTIONS]: () => listed([...kept.map((place) => encode(types[place])), plain]),
    [TABLES]: () => listed(tables(module).map(({ kind, least, most }, i) => table(kind, least + (i ? 0 : slots.size), most && most + (i ? 0 : slots.size)))),
    [GLOBALS]: (bytes) => appended(bytes, [Buffer.concat([Buffer.from([I32, MUTABLE]), CONST, signed(0), END])]),
    [EXPORTS]: (bytes) => appended(bytes, exported),
    [CODE]: () => listed([...kept.map((place) => (later.has(place) ? stub(place) : sized(bodies[place].rewrite(renumber)))), ask]),
  };
  return binary(module.sections.map(({ id, content }) => {
    const bytes = id === CODE || id === FUNCTIONS ? content.bytes : content.rewrite(renumber);
    return [id, written[id]?.(bytes) ?? bytes];
  }));
}

function second(module, later, slots, shared) {
  const { imported, bodies, types } = module;
  const own = [...later].sort((a, b) => a - b);
  const places = new Map([...shared, ...own.map((place) => imported + place)].map((index, i) => [index, i]));
  const typeOf = [...importedTypes(module), ...types];
  const imports = [
    ...shared.map((index) => Buffer.concat([Buffer.from([FUNCTION]), encode(typeOf[index])])),
    ...tables(module).map(({ kind, least, most }, i) => Buffer.concat([Buffer.from([TABLE]), table(kind, least + (i ? 0 : slots.size), most && most + (i ? 0 : slots.size))])),
    Buffer.concat([Buffer.from([MEMORY]), section(module, MEMORIES).bytes.subarray(1)]),
    ...globals(module).map((type) => Buffer.concat([Buffer.from([GLOBAL]), type])),
  ].map((type, i) => Buffer.concat([sized(Buffer.from("first")), sized(Buffer.from(nameOf(i))), type]));
  const entries = [...slots.keys()].map((place) => encode(places.get(imported + place)));
  const at = Buffer.concat([encode(ACTIVE_IN_TABLE_0), CONST, signed(Math.min(...slots.values())), END]);
  return binary([
    [TYPES, section(module, TYPES).bytes],
    [IMPORTS, listed(imports)],
    [FUNCTIONS, listed(own.map((place) => encode(types[place])))],
    [ELEMENTS, listed([Buffer.concat([at, listed(entries)])])],
    [CODE, listed(own.map((place) => sized(bodies[place].rewrite((index) => places.get(index)))))],
  ]);
}

// ------------------------------------------------------------------------------------------------ what sections hold

const section = (module, wanted) => module.sections.find(({ id }) => id === wanted).content;

/** A listing with more items at its end. */
function appended(bytes, items) {
  const reader = new Reader(bytes);
  const count = reader.number();
  return Buffer.concat([encode(count + items.length), bytes.subarray(reader.at), ...items]);
}

/** The signatures: the bytes of each. */
function functionTypes(module) {
  const reader = new Reader(section(module, TYPES).bytes);
  return Array.from({ length: reader.number() }, () => {
    const from = reader.at;
    if (reader.byte() !== 0x60) throw new Error("a type that is no function's");
    reader.take(reader.number());
    reader.take(reader.number());
    return reader.bytes.subarray(from, reader.at);
  });
}

const parameters = (signature) => new Reader(signature, 1).number();

/** The types of the imported functions. */
function importedTypes(module) {
  const reader = new Reader(section(module, IMPORTS).bytes);
  return Array.from({ length: reader.number() }, () => {
    reader.text();
    reader.text();
    if (reader.byte() !== FUNCTION) throw new Error("an import that is no function");
    return reader.number();
  });
}

function tables(module) {
  const reader = new Reader(section(module, TABLES).bytes);
  return Array.from({ length: reader.number() }, () => {
    const [kind, bounded] = [reader.byte(), reader.byte()];
    return { kind, least: reader.number(), most: bounded ? reader.number() : undefined };
  });
}

const tableLength = (module) => tables(module)[0].least;

const table = (kind, least, most) => Buffer.concat([Buffer.from([kind, most === undefined ? 0 : 1]), encode(least), most === undefined ? Buffer.alloc(0) : encode(most)]);

/** The types of the globals. */
function globals(module) {
  const reader = new Reader(section(module, GLOBALS).bytes);
  return Array.from({ length: reader.number() }, () => {
    const type = reader.take(2);
    reader.expression(() => {});
    return type;
  });
}

/** A number as a constant's bytes: signed, unlike the numbers of the format. */
function signed(value) {
  const bytes = [];
  for (; value > 63; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

/** What the first part exports its things as to the second: no name that anything else exports starts with a digit. */
const nameOf = (place) => `0${place.toString(36)}`;
