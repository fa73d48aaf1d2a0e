// The pages of letters, for admins: the list, the editor of each text, its history, comparisons, and the way back to an earlier text. Also the files the
// editor is made of.
import { readFile } from 'node:fs/promises';
import type { FastifyReply } from 'fastify';
import { templateList, templateShown } from '../template-list.ts';
import { restoreTemplate, templateVersions } from '../templates.ts';
import { visitorOf } from './access.ts';
import { editorScripts, type Script } from './editor-script.ts';
import { field } from './form.ts';
import { pageDirectives, type Routes } from './server.ts';
import { afterSaving, check, htmlPart, openEditor, preview, publish, tryOut } from './template-editor.ts';
import { noteCharsMax, readForm } from './template-form.ts';
import { type Asked, noSuchLetter, type TemplateRoom } from './template-room.ts';
import { diffView, historyView, hrefOf, keyOf, languageName, listView, versionName } from './template-views.ts';

interface Named {
  Params: { language: string; name: string };
}

// Made anew for each route: helmet writes the route's own headers into the object it is given.
const admin = () => ({ access: ['admin'] as const });
const open = () => ({ access: 'open' as const });

/** The editor runs its own script, asks its own server, and shows a letter in a frame. */
const editorHelmet = {
  enableCSPNonces: true,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { ...pageDirectives, 'script-src': ["'self'"], 'connect-src': ["'self'"], 'frame-src': ["'self'"] },
  },
};

/** A letter in a frame may style itself and no more; `'self'` is for the one script that puts it there. */
function frameHelmet(script: "'self'" | "'none'") {
  const sandbox = script === "'self'" ? ['allow-scripts'] : [];
  const directives = {
    'default-src': ["'none'"],
    'script-src': [script],
    'style-src': ["'unsafe-inline'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'self'"],
    sandbox,
  };
  return { contentSecurityPolicy: { useDefaults: false, directives }, frameguard: { action: 'sameorigin' } } as const;
}

/** The routes under /templates. */
export function templateRoutes(room: TemplateRoom): Routes {
  return async (server, pages) => {
    const css = await readFile(new URL('../../templates/page/templates.css', import.meta.url), 'utf8');
    const scripts = editorScripts();
    const asked = (of: (asked: Asked) => Promise<FastifyReply>) => (request: Asked['request'], reply: FastifyReply) => {
      const { language, name } = request.params as Named['Params'];
      return of({ room, pages, request, reply, name: { language, name } });
    };
    server.get('/templates', { config: admin() }, async (request, reply) => {
      const view = listView(await templateList(room.db, room.desk));
      return pages.show(request, reply, 'template-list', { title: 'Letters', styles, ...view });
    });
    const at = '/templates/:language/:name';
    const editor = () => ({ config: admin(), helmet: editorHelmet });
    server.get<Named>(at, editor(), asked(openEditor));
    server.post<Named>(at, editor(), asked(publish));
    server.post<Named>(`${at}/preview`, editor(), asked(preview));
    server.post<Named>(`${at}/send-test`, editor(), asked(tryOut));
    server.post<Named>(`${at}/check`, { config: admin() }, asked(check));
    server.post<Named>(`${at}/html`, { config: admin(), helmet: frameHelmet("'none'") }, asked(htmlPart));
    server.get<Named>(`${at}/history`, { config: admin() }, asked(history));
    server.get<Named>(`${at}/compare`, { config: admin() }, asked(compare));
    server.post<Named>(`${at}/restore`, { config: admin() }, asked(restore));

    server.get('/templates/templates.css', { config: open() }, (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(css),
    );
    server.get('/templates/editor.js', { config: open() }, async (request, reply) =>
      serve(request.headers['if-none-match'], reply, (await scripts()).page),
    );
    // The frame has no origin of its own, so that to it every script is another site's.
    const shared = { crossOriginResourcePolicy: { policy: 'cross-origin' } } as const;
    server.get('/templates/frame.js', { config: open(), helmet: shared }, async (request, reply) =>
      serve(request.headers['if-none-match'], reply, (await scripts()).frame),
    );
    server.get('/templates/frame', { config: open(), helmet: frameHelmet("'self'") }, (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(frame),
    );
  };
}

const styles = ['/templates/templates.css'];
const frame =
  '<!doctype html><html lang="en"><head><title>The letter</title><script src="/templates/frame.js"></script></head><body></body></html>';

function serve(known: string | undefined, reply: FastifyReply, { text, etag }: Script): FastifyReply {
  void reply.headers({ etag, 'cache-control': 'no-cache' });
  return known === etag ? reply.code(304).send() : reply.type('text/javascript; charset=utf-8').send(text);
}

async function history(asked: Asked): Promise<FastifyReply> {
  const { room, pages, request, reply, name } = asked;
  const shown = await templateShown(room.db, room.desk, name);
  if (shown === null) return noSuchLetter(asked);
  const versions = historyView(await templateVersions(room.db, room.desk, name));
  const heading = `${shown.title}, ${languageName(name.language)}`;
  const view = { title: `History of ${heading}`, styles, heading, href: hrefOf(name), versions };
  return pages.show(request, reply, 'template-history', view);
}

async function compare(asked: Asked): Promise<FastifyReply> {
  const { room, pages, request, reply, name } = asked;
  const shown = await templateShown(room.db, room.desk, name);
  if (shown === null) return noSuchLetter(asked);
  const versions = await templateVersions(room.db, room.desk, name);
  const query = request.query as Record<string, unknown>;
  const ruling = versions[0];
  const versionAt = (key: unknown) => versions.find((version) => keyOf(version) === key) ?? ruling;
  const [from, to] = [versionAt(query['from']), versionAt(query['to'])];
  if (!ruling || !from || !to) return noSuchLetter(asked);
  const heading = `${shown.title}, ${languageName(name.language)}`;
  const restorable = from !== ruling && to === ruling;
  return pages.show(request, reply, 'template-compare', {
    title: `Compare ${heading}`,
    styles,
    heading,
    href: hrefOf(name),
    fromName: versionName(from),
    toName: versionName(to),
    choices: versions.map((version) => ({
      key: keyOf(version),
      label: `${versionName(version)}${version === ruling ? ' (in force)' : ''}`,
      from: version === from,
      to: version === to,
    })),
    lines: diffView(from.source, to.source),
    restore: restorable
      ? {
          key: keyOf(from),
          name: versionName(from),
          shipped: from.version === null,
          base: ruling.version ?? '',
          noteMax: noteCharsMax,
        }
      : null,
  });
}

async function restore(asked: Asked): Promise<FastifyReply> {
  const { room, pages, request, reply, name } = asked;
  const { base, note } = readForm(request.body);
  const key = field(request.body, 'to');
  const wanted = (await templateVersions(room.db, room.desk, name)).find((version) => keyOf(version) === key);
  if (!wanted) return noSuchLetter(asked);
  const back = { ...name, to: wanted.version, base, author: visitorOf(request).address, note };
  const restored = await restoreTemplate(room.db, room.desk, room.checker, back, room.now());
  if (restored === null) return noSuchLetter(asked);
  if ('saved' in restored) return reply.redirect(afterSaving(name, restored), 303);
  if ('problems' in restored) {
    const [first] = restored.problems;
    const text = `That text can not be sent any more: line ${first?.line}, column ${first?.column}: ${first?.message}`;
    return pages.show(request, reply.code(422), 'message', { title: 'Nothing was restored', text });
  }
  const text = `${restored.conflict.author} published another text meanwhile. Look at the history, then decide again.`;
  return pages.show(request, reply.code(409), 'message', { title: 'Nothing was restored', text });
}
