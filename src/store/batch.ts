// Statements that are asked for in one turn leave for the server together and are answered together: one packet each way, where pg alone has the
// server answer each by itself, and wakes us for each. They stand or fall together.
// oxlint-disable no-underscore-dangle -- names of pg's
import pg from 'pg';
import type { PooledClient } from './db.ts';
import type { Statement } from './statement.ts';

/** What of pg's connection a query writes to. */
interface Wire {
  stream: { writable: boolean; write(bytes: Buffer): unknown };
  submittedNamedStatements: Record<string, string>;
  describe(what: unknown): void;
  sync(): void;
}

/** What pg makes of the description of a statement's rows. */
type Shape = Pick<PgResult, 'fields' | '_parsers' | '_prebuiltEmptyResultObject'>;
interface PgResult {
  fields: unknown[];
  _parsers: unknown;
  _prebuiltEmptyResultObject: unknown;
}

/** pg's query with what its types leave out. It gathers the results of several statements as it is: a text may hold more than one. */
interface PgQuery {
  name: string | undefined;
  text: string;
  values: unknown[];
  query_timeout: number;
  _result: PgResult;
  _accumulateRows: boolean;
  _checkForMultirow(): void;
  callback(error: Error | null, results?: pg.QueryResult | pg.QueryResult[]): void;
  prepare(wire: Wire): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
}

const Query = pg.Query as unknown as new (config: Record<string, never>) => PgQuery;

/** What the rows of a connection's prepared statements look like: the server describes them once. */
const shapes = new WeakMap<object, Map<string, Shape>>();

class Batch extends Query {
  readonly #statements: Statement[] = [];
  /** How many of them the server has answered. */
  #answered = 0;
  #shapes = new Map<string, Shape>();
  readonly #answers = Promise.withResolvers<unknown[][]>();

  constructor() {
    super({});
    this.query_timeout = 0;
    this._accumulateRows = true;
    this.callback = (error, results = []) => {
      if (error) this.#answers.reject(error);
      else this.#answers.resolve([results].flat().map(({ rows }) => rows));
    };
  }

  async add(statement: Statement, answerMilliseconds: number): Promise<unknown[]> {
    const place = this.#statements.push(statement) - 1;
    this.query_timeout = Math.max(this.query_timeout, answerMilliseconds);
    return (await this.#answers.promise)[place] ?? [];
  }

  submit(wire: Wire): Error | null {
    this.#shapes = shapes.getOrInsertComputed(wire, () => new Map());
    const bytes: Buffer[] = [];
    const stream = { writable: true, cork() {}, uncork() {}, write: (some: Buffer) => bytes.push(some) };
    let unwritable = false;
    // One sync for all, and one buffer: a socket takes a hundred small ones dearly. `close` is what pg says when a value can not be written.
    const gathered: Wire = Object.create(wire, {
      stream: { value: stream },
      sync: { value: () => {} },
      close: { value: () => (unwritable = true) },
    });
    const described: Wire = Object.create(gathered, { describe: { value: () => {} } });
    for (const statement of this.#statements) {
      Object.assign(this, statement);
      this.prepare(this.#shapes.has(statement.name ?? '') ? described : gathered);
      // Half of it on the wire would have every answer behind it taken for that of its neighbour, as long as the connection lives.
      if (unwritable) return new Error(`nothing was sent: a value can not be written in ${statement.text}`);
    }
    wire.sync.call(gathered);
    if (wire.stream.writable) wire.stream.write(Buffer.concat(bytes));
    this.#next();
    return null;
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    super.handleCommandComplete(message, wire);
    const { fields, _parsers, _prebuiltEmptyResultObject } = this._result;
    this.#shapes.getOrInsert(this.name ?? '', { fields, _parsers, _prebuiltEmptyResultObject });
    this.#answered += 1;
    this.#next();
  }

  /** The server reads none of those behind the one that failed: they have to be prepared yet. */
  override handleError(error: Error, wire: Wire): void {
    for (const { name } of this.#statements.slice(this.#answered))
      if (name !== undefined) delete wire.submittedNamedStatements[name];
    super.handleError(error, wire);
  }

  /** pg notes under these what the server has prepared. */
  #next(): void {
    const { name, text } = this.#statements[this.#answered] ?? {};
    this.name = name;
    this.text = text ?? '';
    const shape = this.#shapes.get(name ?? '');
    if (!shape) return;
    this._checkForMultirow();
    Object.assign(this._result, shape);
  }
}

const gathering = new WeakMap<PooledClient, Batch>();

/**
 * Sends a statement with those that are asked for in the same turn, and gives its rows. One without a name can not wait for others: it goes at once.
 * `seconds`: how long its answer may take, where that is not what the connection's settings say.
 */
export async function ask(connection: PooledClient, statement: Statement, seconds?: number): Promise<unknown[]> {
  const answerMilliseconds =
    seconds === undefined ? Number(connection.connectionParameters.query_timeout) : seconds * 1000;
  if (statement.name === undefined) {
    leave(connection);
    const alone = { ...statement, query_timeout: answerMilliseconds };
    return (await connection.query(alone)).rows;
  }
  let batch = gathering.get(connection);
  if (!batch) {
    batch = new Batch();
    gathering.set(connection, batch);
    process.nextTick(leave, connection);
  }
  return batch.add(statement, answerMilliseconds);
}

function leave(connection: PooledClient): void {
  const batch = gathering.get(connection);
  if (!batch) return;
  gathering.delete(connection);
  connection.query(batch as unknown as pg.Submittable);
}
