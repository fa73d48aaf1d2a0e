// A desk whose letters are edited: German customers, one case, an admin's browser. Shared by the tests of the pages and by `npm run pages`.
import { openChecker } from '../../src/letters/checker.ts';
import { saveTemplate } from '../../src/templates.ts';
import { templateShown } from '../../src/template-list.ts';
import { serveDesk, type ServedDesk } from '../web/visitor.ts';

/** A second admin. */
export const other = 'bea@help.example';

/** A served desk with the pages of letters. */
export interface LettersDesk extends ServedDesk {
  /** Publishes a changed text as somebody else, past the pages. */
  published(
    language: string,
    name: string,
    change: (source: string) => string,
    author?: string,
    note?: string,
  ): Promise<void>;
}

/** Starts it; `stop` ends the checker's thread too. */
export async function lettersDesk(): Promise<LettersDesk> {
  const checker = openChecker();
  const served = await serveDesk();
  const { db, desk } = served;
  return {
    ...served,
    async published(language, name, change, author = other, note = '') {
      const shown = await templateShown(db, desk, { language, name });
      const { source = '', version = null } = shown ?? {};
      const draft = { language, name, source: change(source), base: version, author, note };
      const saved = await saveTemplate(db, desk, checker, draft, served.clock.now);
      if (!('saved' in saved)) throw new Error(JSON.stringify(saved));
    },
    async stop() {
      await checker.close();
      await served.stop();
    },
  };
}
