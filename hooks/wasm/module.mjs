// A WebAssembly module taken apart as far as moving its functions about needs it, and put together again.
// `split.mjs` makes two modules of one with the same pieces.
//
// Reads the binary format of the specification's chapter 5. What it does not know it refuses, so that a newer compiler
// cannot slip past it an instruction that names a function.

export const TYPES = 1, IMPORTS = 2, FUNCTIONS = 3, TABLES = 4, MEMORIES = 5, GLOBALS = 6, EXPORTS = 7, START = 8, ELEMENTS = 9, CODE = 10;
const CUSTOM = 0;
const END = 0x0b;

/** Reads a module's bytes in order. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number. */
  number() {
    let [value, factor, byte] = [0, 1, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return value;
  }

  /** A number of any kind, passed over. */
  pass() {
    while (this.byte() & 128);
  }

  /** So many bytes, as they are. */
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A string, after its length. */
  text() {
    return Buffer.from(this.take(this.number())).toString();
  }

  /** An expression, instruction by instruction, through its end. `onFunction` hears where each function is named. */
  expression(onFunction) {
    for (let depth = 1; depth > 0; ) {
      const op = this.byte();
      if (op >= 0x02 && op <= 0x04) depth += 1;
      if (op === END) depth -= 1;
      this.immediates(op, onFunction);
    }
  }

  immediates(op, onFunction) {
    const passes = (count) => {
      for (let i = 0; i < count; i += 1) this.pass();
    };
    if (op === 0x10 || op === 0xd2) { // call, ref.func
      const from = this.at;
      onFunction(from, this.number(), this.at);
    } else if ((op >= 0x02 && op <= 0x04) || op === 0x0c || op === 0x0d) passes(1); // blocks, branches
    else if (op === 0x0e) passes(this.number() + 1); // br_table
    else if (op === 0x11) passes(2); // call_indirect
    else if (op === 0x1c) passes(this.number()); // select with types
    else if (op >= 0x20 && op <= 0x26) passes(1); // variables, tables
    else if (op >= 0x28 && op <= 0x3e) passes(2); // loads and stores
    else if (op >= 0x3f && op <= 0x42) passes(1); // memory.size and .grow, integers
    else if (op === 0x43) this.at += 4;
    else if (op === 0x44) this.at += 8;
    else if (op === 0xd0) passes(1); // ref.null
    else if (op === 0xfc) {
      const [part, counts] = [this.number(), [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]];
      if (counts[part] === undefined) throw new Error(`unknown instruction 0xfc ${part}`);
      passes(counts[part]);
    } else if (![0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b, 0xd1].includes(op) && !(op >= 0x45 && op <= 0xc4)) {
      throw new Error(`unknown instruction 0x${op.toString(16)}`);
    }
  }
}

/** An unsigned number as the format writes it. */
export const encode = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
};

/** Bytes of a module in which some numbers name functions: the pieces between those, and the functions they name. */
class Piece {
  constructor(bytes) {
    this.bytes = bytes;
    this.named = []; // [from, function, to]
  }

  name(from, index, to) {
    this.named.push([from, index, to]);
  }

  /** The same bytes with every function called by its new number. */
  rewrite(renumber) {
    let at = 0;
    const parts = [];
    for (const [from, index, to] of this.named) {
      parts.push(this.bytes.subarray(at, from), encode(renumber(index)));
      at = to;
    }
    return Buffer.concat([...parts, this.bytes.subarray(at)]);
  }
}

/** Takes a module apart: its sections, the functions it imports (by number) and the bodies of those it defines. */
export function parse(bytes) {
  const module = { sections: [], imported: 0, types: [], bodies: [], names: new Map() };
  for (const reader = new Reader(bytes, 8); reader.at < bytes.length; ) {
    const id = reader.byte();
    const content = reader.take(reader.number());
    if (id === CUSTOM) { // Producers and the like: nothing reads them.
      functionNames(new Reader(content), module.names);
      continue;
    }
    if (id === IMPORTS) module.imported = importedFunctions(new Reader(content));
    if (id === FUNCTIONS) module.types = functionTypes(new Reader(content));
    if (id === CODE) module.bodies = bodies(new Reader(content));
    module.sections.push({ id, content: SCANS[id] ? SCANS[id](content) : new Piece(content) });
  }
  return module;
}

/** Puts a module together again, its defined functions in another order (a list of their present places). */
export function write({ sections, imported, types, bodies }, order) {
  const places = new Map(order.map((old, place) => [old, place]));
  const renumber = (index) => (index < imported ? index : imported + places.get(index - imported));
  return binary(sections.map(({ id, content }) => {
    if (id === FUNCTIONS) return [id, listed(order.map((old) => encode(types[old])))];
    if (id === CODE) return [id, listed(order.map((old) => sized(bodies[old].rewrite(renumber))))];
    return [id, content.rewrite(renumber)];
  }));
}

/** A module of these sections: each its number and its contents. */
export const binary = (sections) => Buffer.concat([
  Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
  ...sections.flatMap(([id, contents]) => [Buffer.from([id]), sized(contents)]),
]);

/** How many there are, and they. */
export const listed = (items) => Buffer.concat([encode(items.length), ...items]);

/** How many bytes, and they. */
export const sized = (bytes) => Buffer.concat([encode(bytes.length), bytes]);

/** What a section of names says of functions. */
function functionNames(reader, names) {
  if (reader.text() !== "name") return;
  while (reader.at < reader.bytes.length) {
    const kind = reader.byte();
    const part = new Reader(reader.take(reader.number()));
    if (kind !== 1) continue;
    for (let left = part.number(); left > 0; left -= 1) names.set(part.number(), part.text());
  }
}

function importedFunctions(reader) {
  let count = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.take(reader.number());
    reader.take(reader.number());
    const kind = reader.byte();
    if (kind === 0) count += 1;
    if (kind === 1) reader.byte();
    if (kind === 1 || kind === 2) limits(reader);
    else if (kind === 3) reader.take(2);
    else reader.pass();
  }
  return count;
}

function limits(reader) {
  const flags = reader.number();
  reader.pass();
  if (flags & 1) reader.pass();
}

const functionTypes = (reader) => Array.from({ length: reader.number() }, () => reader.number());

const bodies = (reader) => Array.from({ length: reader.number() }, () => {
  const piece = new Piece(reader.take(reader.number()));
  const body = new Reader(piece.bytes);
  for (let left = body.number(); left > 0; left -= 1) {
    body.pass(); // So many locals,
    body.pass(); // of this type.
  }
  body.expression((...place) => piece.name(...place));
  return piece;
});

/** Where the other sections name functions. */
const SCANS = {
  [GLOBALS]: (content) => scan(content, (reader, onFunction) => {
    for (let left = reader.number(); left > 0; left -= 1) {
      reader.take(2);
      reader.expression(onFunction);
    }
  }),
  [EXPORTS]: (content) => scan(content, (reader, onFunction) => {
    for (let left = reader.number(); left > 0; left -= 1) {
      reader.take(reader.number());
      if (reader.byte() === 0) index(reader, onFunction);
      else reader.pass();
    }
  }),
  [START]: (content) => scan(content, index),
  [ELEMENTS]: (content) => scan(content, (reader, onFunction) => {
    for (let left = reader.number(); left > 0; left -= 1) {
      const flags = reader.number();
      const [passive, explicit, expressions] = [flags & 1, flags & 2, flags & 4];
      if (!passive && explicit) reader.pass(); // The table.
      if (!passive) reader.expression(onFunction); // The offset.
      if (passive || explicit) reader.byte(); // The kind.
      for (let items = reader.number(); items > 0; items -= 1) {
        if (expressions) reader.expression(onFunction);
        else index(reader, onFunction);
      }
    }
  }),
};

function index(reader, onFunction) {
  const from = reader.at;
  onFunction(from, reader.number(), reader.at);
}

function scan(content, read) {
  const piece = new Piece(content);
  read(new Reader(content), (...place) => piece.name(...place));
  return piece;
}
