// A text that must never be shown (TRUST T26): passwords and keys travel in this wrapper, so that a log line, an error's JSON or a stray
// template prints "[secret]" instead. Only the line that hands it to a library calls `reveal`.
import { inspect } from 'node:util';

/** A hidden text. Every way of printing it gives `[secret]`; `reveal()` gives the text itself. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const shown = '[secret]';

/** Hides `text`: it lives in a closure, so not even a walk over the object's properties finds it. */
export function secretOf(text: string): Secret {
  const hidden = {
    reveal: () => text,
    toString: () => shown,
    toJSON: () => shown,
    [inspect.custom]: () => shown,
    [Symbol.toPrimitive]: () => shown,
  };
  return Object.freeze(hidden);
}
