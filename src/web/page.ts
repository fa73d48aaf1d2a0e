// Every page of the gateway: one layout around the page's own template, with who is signed in, where they may go and the token of the forms.
// Templates are read once, when the server starts.
import { readdir, readFile } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Handlebars from 'handlebars';
import { everyRole, mayEnter, type Role } from './access.ts';

/** What a page shows: its title, the addresses of its scripts and of style sheets of its own, and whatever its template names. */
export interface PageView {
  title: string;
  scripts?: string[];
  styles?: string[];
  /** The page wants the whole width. */
  wide?: boolean;
  [name: string]: unknown;
}

/** Renders pages. */
export interface Pages {
  /** Sends templates/page/`template`.hbs inside the layout. */
  show(request: FastifyRequest, reply: FastifyReply, template: string, view: PageView): FastifyReply;
}

/** Where people may go, in the order of the menu; the first they may enter is their start. */
export const areas: readonly { href: string; label: string; roles: readonly Role[] }[] = [
  { href: '/templates', label: 'Letters', roles: ['admin'] },
  { href: '/alarms', label: 'Alarms', roles: ['admin'] },
  { href: '/account', label: 'My account', roles: everyRole },
];

const folder = new URL('../../templates/page/', import.meta.url);

/** Reads and compiles the templates. Files that start with `_` are partials. Throws with the file that can not be read or is none. */
export async function openPages(): Promise<Pages> {
  const handlebars = Handlebars.create();
  const compiled = new Map<string, HandlebarsTemplateDelegate>();
  const options = { strict: true, knownHelpersOnly: true };
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.hbs'))) {
    const source = await readFile(new URL(file, folder), 'utf8');
    const name = file.slice(0, -'.hbs'.length);
    // A partial is compiled with the options of the page it stands in.
    if (name.startsWith('_')) handlebars.registerPartial(name.slice(1), source);
    else compiled.set(name, handlebars.compile(source, options));
  }
  const rendered = (name: string, view: object): string => {
    const template = compiled.get(name);
    if (!template) throw new Error(`templates/page: there is no ${name}.hbs`);
    return template(view);
  };
  return {
    show(request, reply, template, view) {
      const { visitor } = request;
      const shared = {
        scripts: [] as string[],
        styles: [] as string[],
        wide: false,
        link: null,
        ...view,
        // The token holds for whoever is signed in and for nobody else.
        csrf: 'generateCsrf' in reply ? reply.generateCsrf({ userInfo: csrfOwner(request) }) : '',
        nonce: reply.cspNonce?.script ?? '',
        styleNonce: reply.cspNonce?.style ?? '',
        visitor: visitor && { address: visitor.address, roles: visitor.roles.join(', ') },
        areas: areas
          .filter(({ roles }) => visitor !== null && mayEnter(roles, visitor.roles))
          .map(({ href, label }) => ({ href, label, here: isHere(request.url, href) })),
      };
      const body = rendered(template, shared);
      return reply.type('text/html; charset=utf-8').send(rendered('layout', { ...shared, body }));
    },
  };
}

/** For whom a form's token holds. */
export function csrfOwner(request: FastifyRequest): string {
  return request.visitor?.sessionId ?? 'nobody';
}

function isHere(url: string, href: string): boolean {
  return url === href || url.startsWith(`${href}/`) || url.startsWith(`${href}?`);
}
