// `casepost template …`: the words of letters from a shell, for people who keep them in files. The same lint and the same versions as on the page.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { styleText } from 'node:util';
import type { LetterKind } from '../cases/decision.ts';
import { parseAuthor } from '../mail/address.ts';
import { openChecker, type Checker } from '../letters/checker.ts';
import { problemText, type Problem, type TemplateName } from '../letters/texts.ts';
import { sampleNames, variablesOf } from '../letters/variables-list.ts';
import { letterKinds } from '../letters/variables.ts';
import { templateList, templateShown, type TemplateRow, type TemplateShown } from '../template-list.ts';
import { previewOnCase, previewTemplate, sendTest } from '../template-preview.ts';
import { restoreTemplate, templateVersions } from '../templates.ts';
import { ProblemsFound, UsageError } from './ending.ts';
import { print, withSession, type CommonOptions, type Session } from './session.ts';

/** Options of looking at a text. */
type Looking = CommonOptions & { file?: string; sample?: string; case?: string; letter?: string };

/** `template list`. */
export async function listCommand(
  options: CommonOptions & { changed?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async ({ database: { db }, desk }) => {
    const rows = await templateList(db, desk);
    const shown = options.changed ? rows.filter(({ state }) => state === 'changed' || state === 'own') : rows;
    for (const row of shown) print(options, row, rowText(row));
    if (shown.length === 0 && !options.json)
      process.stdout.write('nothing was changed: every text is as it was shipped\n');
  });
}

function rowText({ language, name, state, shippedMoved, version, author, savedAt, title }: TemplateRow): string {
  const by =
    savedAt === null ? '' : `, version ${version} of ${savedAt.toString({ smallestUnit: 'minute' })} by ${author}`;
  const moved = shippedMoved ? '; what is shipped has changed since' : '';
  return `${`${language}/${name}`.padEnd(24)} ${state.padEnd(9)} ${title}${by}${moved}`;
}

/** `template show TEXT`. */
export async function showCommand(
  text: string,
  options: CommonOptions & { names?: boolean; shipped?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withSession(options, env, async (session) => {
    const shown = await named(session, text);
    if (!options.names) {
      const source = options.shipped ? shown.shipped : shown.source;
      if (source === null) throw new ProblemsFound(`${text}: nothing is shipped under this name`);
      return print(options, shown, source.trimEnd());
    }
    const letter = letterKinds.find((kind) => kind === shown.name);
    if (!letter) throw new ProblemsFound(`${text} is a partial: it knows the names of the letter that includes it`);
    const variables = variablesOf(letter);
    const lines = variables.map(
      ({ path, type, optional, doc, sample }) =>
        `${path.padEnd(22)} ${type.padEnd(10)} ${doc}${optional ? ' (can be empty)' : ''}${sample === '' ? '' : `; like ${sample}`}`,
    );
    const samples = sampleNames(letter);
    print(options, { variables, samples }, [...lines, '', `examples: ${samples.join(' | ')}`].join('\n'));
  });
}

/** `template preview TEXT`. */
export async function previewCommand(
  text: string,
  options: Looking & { html?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await withChecker(options, env, async (session, checker) => {
    const looked = await draftOf(session, text, options);
    const { desk, database, now } = session;
    const { caseNumber } = looked;
    const words =
      caseNumber === undefined
        ? await previewTemplate(desk, checker, looked)
        : await previewOnCase(database.db, desk, checker, { ...looked, caseNumber }, now());
    if (words === null) throw new ProblemsFound(`there is no case ${options.case}`);
    if ('problems' in words) throw refused(words.problems, looked);
    print(options, words, options.html ? words.html.trimEnd() : `Subject: ${words.subject}\n\n${words.text.trimEnd()}`);
  });
}

/** `template send-test TEXT --to ADDRESS`. */
export async function sendTestCommand(
  text: string,
  options: Looking & { to: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { address, why } = parseAuthor(options.to);
  if (!address) throw new UsageError(`--to: "${options.to}" is no mail address (${why})`);
  await withChecker(options, env, async (session, checker) => {
    const looked = await draftOf(session, text, options);
    const { desk, database, now } = session;
    const sent = await sendTest(database.db, desk, checker, { ...looked, to: address.addrSpec }, now());
    if (sent === null) throw new ProblemsFound(`there is no case ${options.case}`);
    if ('problems' in sent) throw refused(sent.problems, looked);
    print(options, { sent: text, to: address.addrSpec }, `${text} waits in the outbox for ${address.addrSpec}`);
  });
}

/** `template history TEXT`. */
export async function historyCommand(text: string, options: CommonOptions, env: NodeJS.ProcessEnv): Promise<void> {
  await withSession(options, env, async (session) => {
    const { language, name } = await named(session, text);
    for (const row of await templateVersions(session.database.db, session.desk, { language, name })) {
      const { version, author, note, savedAt, sent } = row;
      const count = `${sent} ${sent === 1 ? 'mail' : 'mails'} sent`;
      const when =
        savedAt === null
          ? 'shipped'
          : `${savedAt.toString({ smallestUnit: 'minute' })} by ${author}${note === '' ? '' : `: ${note}`}`;
      print(options, row, `${styleText('bold', String(version ?? '-').padStart(5))}  ${when}  (${count})`);
    }
  });
}

/** `template restore TEXT [VERSION]`. */
export async function restoreCommand(
  text: string,
  version: string | undefined,
  options: CommonOptions & { note?: string; as?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const to = version === undefined ? null : Number(version);
  if (to !== null && !Number.isSafeInteger(to))
    throw new UsageError(`"${version}" is no version; "template history" lists them`);
  await withChecker(options, env, async (session, checker) => {
    const { language, name, version: base } = await named(session, text);
    const change = { language, name, to, base, author: options.as ?? userInfo().username, note: options.note ?? '' };
    const saved = await restoreTemplate(session.database.db, session.desk, checker, change, session.now());
    if ('problems' in saved) throw refused(saved.problems, change);
    if ('conflict' in saved)
      throw new ProblemsFound(`${saved.conflict.author} has changed ${text} in this moment; nothing was restored`);
    const what = to === null ? 'the shipped text' : `version ${to}`;
    const told = saved.unchanged
      ? `${text} is ${what} already`
      : `${text} is ${what} again; running gateways take it within seconds`;
    print(options, saved, told);
  });
}

/** The text of a name like `de/follow-up`. Throws when there is none, with the nearest. */
async function named({ database: { db }, desk }: Session, text: string): Promise<TemplateShown> {
  const [language = '', name = ''] = text.split('/');
  const shown = await templateShown(db, desk, { language, name });
  if (shown) return shown;
  throw new ProblemsFound(
    `there is no text "${text}"; write it like en/follow-up or de/_hello ("template list" names all)`,
  );
}

async function draftOf(
  session: Session,
  text: string,
  options: Looking,
): Promise<TemplateName & { source: string; sample?: string; letter?: LetterKind; caseNumber?: number }> {
  const { language, name, source } = await named(session, text);
  const letter = letterKinds.find((kind) => kind === options.letter);
  if (options.letter !== undefined && !letter)
    throw new UsageError(`--letter: "${options.letter}" is no letter; letters are ${letterKinds.join(', ')}`);
  const caseNumber = options.case === undefined ? null : Number(options.case);
  if (caseNumber !== null && !Number.isSafeInteger(caseNumber))
    throw new UsageError(`--case: "${options.case}" is no case number`);
  const kind = letterKinds.find((one) => one === name) ?? letter ?? 'acknowledgment';
  const known = sampleNames(kind);
  if (options.sample !== undefined && !known.includes(options.sample)) {
    throw new UsageError(
      `--sample: there is no example "${options.sample}"; there are ${known.map((one) => `"${one}"`).join(', ')}`,
    );
  }
  return {
    language,
    name,
    source: options.file === undefined ? source : readFileSync(options.file, 'utf8'),
    ...(options.sample === undefined ? {} : { sample: options.sample }),
    ...(letter ? { letter } : {}),
    ...(caseNumber === null ? {} : { caseNumber }),
  };
}

function refused(problems: Problem[], { language, name }: TemplateName): ProblemsFound {
  const lines = problems.map(problemText);
  return new ProblemsFound([...lines, `${language}/${name}: nothing was written`].join('\n'));
}

/** A session with a checker, both closed at the end. */
export async function withChecker(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
  work: (session: Session, checker: Checker) => Promise<void>,
): Promise<void> {
  const checker = openChecker();
  try {
    await withSession(options, env, (session) => work(session, checker));
  } finally {
    await checker.close();
  }
}
