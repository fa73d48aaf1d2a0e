// The answer to a COMMIT, or to a statement that is one, never comes: whether it was carried out is read back, never assumed (TRUST F10, P15).
// The proxy lets the words pass to the server and cuts the connection before its answer, for each of our commits in turn.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyMissing } from '../servers/programs.ts';
import { casepost } from '../story/program.ts';
import { until } from '../story/until.ts';
import { outageWorld, type World } from './world.ts';

const missing = whyMissing('postgres', 'dovecot');

describe.skipIf(missing)(`a lost answer to a commit${missing ? ` (${missing})` : ''}`, { timeout: 150_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await outageWorld();
  });
  afterAll(() => world?.stop());

  async function withoutAnswers<Result>(text: string, act: () => Promise<Result>, once = ''): Promise<Result> {
    world.proxy.fault({ cutAfter: { direction: 'up', text, once } });
    try {
      return await act();
    } finally {
      world.proxy.fault({});
    }
  }

  it.each([
    ['of a decision', 'COMMIT', 'select 1 from inbound where disposition is not null'],
    ['of storing mails', 'COMMIT', 'select 1 from inbound', 'insert into inbound'],
    ['of claiming a letter', 'update outbox set claim', 'select 1 from outbox where claim is not null'],
    ['of a letter that left', `set state = 'sent'`, `select 1 from outbox where state = 'sent'`],
    ['of a mail that was flagged', 'marked_at = ', 'select 1 from inbound where marked_at is not null'],
  ])('%s: nothing is lost or doubled', async (_, text, evidence, once = '') => {
    const count = async () => (await world.desk.rows(evidence)).length;
    const [before, cuts] = [await count(), world.proxy.cuts()];
    const carriedOut = async () => {
      await world.mails(3);
      await until('it was carried out all the same', async () => (await count()) > before);
      await until('a connection was cut', () => world.proxy.cuts() > cuts);
    };
    await withoutAnswers(text, carriedOut, once);
    await world.settled();
    await world.oracle();
  });

  describe('of an engineer’s command', () => {
    const config = () => ['-c', world.desk.config];
    const entries = (words: string) =>
      world.desk.rows<{ kind: string }>('select kind from entries where text = $1', [words]);

    it.each([
      ['reply', 'Please try the new build.', 'answer'],
      ['note', 'Called her.', 'note'],
    ])('case %s is done once and says so', async (command, words, kind) => {
      const ended = await withoutAnswers(
        'COMMIT',
        () => casepost(['case', command, '1', words, ...config()]),
        'pg_current_xact_id',
      );
      expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/database/) });
      expect(await entries(words)).toEqual([{ kind }]);
    });

    it('that was not carried out says so, and is not', async () => {
      const ended = await withoutAnswers('pg_current_xact_id', () =>
        casepost(['case', 'note', '1', 'Never.', ...config()]),
      );
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/case 00000001: the database was lost .*; nothing was changed, run it again/);
      expect(await entries('Never.')).toEqual([]);
    });
  });
});
