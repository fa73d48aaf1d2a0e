// The shared cluster is one server for many test files, and each file is alone in its database.
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { whyMissing } from './programs.ts';
import { sharedDatabase } from './shared-postgres.ts';

const missing = whyMissing('postgres');

async function ask(url: string, statement: string): Promise<unknown[][]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows as unknown[][];
  } finally {
    await client.end();
  }
}

describe.skipIf(missing)(`the shared PostgreSQL${missing ? ` (${missing})` : ''}`, () => {
  it('gives two askers two databases of one durable server', async () => {
    const [one, two] = await Promise.all([sharedDatabase('one'), sharedDatabase('two')]);
    await ask(one.url, 'create table notes (word text)');
    const table = `select to_regclass('notes')::text`;
    expect(await ask(one.url, table)).toEqual([['notes']]);
    expect(await ask(two.url, table)).toEqual([[null]]);
    expect(await ask(two.url, 'show fsync')).toEqual([['on']]);
    await one.drop();
    await expect(ask(one.url, 'select 1')).rejects.toThrow();
    await two.drop();
  });
});
