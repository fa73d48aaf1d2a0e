// Statements as PostgreSQL takes them: `:name` becomes $1, $2 …, and each text has one name by which every connection prepares it once. A mail takes
// some ten statements, and reading and planning their texts anew each time was most of what they cost.

/** A statement for pg's `query`; without a name it is not prepared. */
export interface Statement {
  text: string;
  values: unknown[];
  name?: string;
}

interface Known {
  name: string;
  text: string;
  bindings: string[];
}

/** Most texts that are prepared: those made up from parts stay far below it. */
const preparedMax = 500;

const nameChars = 55;

const known = new Map<string, Known>();

/** Puts the bindings into their places, storable; a word after a colon that is none of them stays as it is (`::text`, times of day). */
export function statementOf(sql: string, bindings: Record<string, unknown>, prepared: boolean): Statement {
  let found = known.get(sql);
  if (!found) {
    const names = Object.keys(bindings);
    // Several statements in one text can not be prepared, and of those without bindings only what is asked again and again is worth it.
    if (names.length === 0 && !sql.startsWith('select')) return { text: sql, values: [] };
    found = placed(sql, names);
  }
  const values = found.bindings.map((binding) => storable(bindings[binding]));
  return prepared && found.name !== '' ? { text: found.text, values, name: found.name } : { text: found.text, values };
}

/** PostgreSQL's text has no U+0000, and UTF-8 no lone surrogates (TRUST B23): both become U+FFFD, so that no mail fails on them. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\u{fffd}');
  return Array.isArray(value) ? value.map(storable) : value;
}

function placed(sql: string, names: string[]): Known {
  const bindings: string[] = [];
  const text = sql.replaceAll(/(?<![:\w]):(\w+)/g, (word, binding: string) => {
    if (!names.includes(binding)) return word;
    // One place each: the same value may be of different types in two of them.
    return `$${bindings.push(binding)}`;
  });
  const full = known.size >= preparedMax;
  // It begins as the statement does: whoever looks at the server, or at the wire, sees what is done. PostgreSQL takes 63 bytes.
  const name = `${sql.replaceAll(/\s+/g, ' ').slice(0, nameChars)} ${known.size + 1}`;
  const statement = { name: full ? '' : name, text, bindings };
  if (!full) known.set(sql, statement);
  return statement;
}
