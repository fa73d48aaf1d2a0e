// Who may come through a route: every route of the web server says so, and one that does not is refused before the server starts.
import type { FastifyRequest } from 'fastify';

/** What a person may be; several at once. */
export type Role = 'admin' | 'engineer' | 'customer';

/** Every role. */
export const everyRole: readonly Role[] = ['admin', 'engineer', 'customer'];

/**
 * `open`: anybody, and nothing is read of who it is; `token`: the route asks for its own token; `anyone`: anybody, and `request.visitor` says who, if
 * signed in; roles: only who is signed in and has one of them.
 */
export type Access = 'open' | 'token' | 'anyone' | readonly Role[];

/** Somebody signed in. */
export interface Visitor {
  /** In small letters. */
  address: string;
  roles: Role[];
  /** Names the session; it signs nobody in. */
  sessionId: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    visitor: Visitor | null;
  }
}

/** Who asks, in a route for roles. Throws where nobody is signed in: the route forgot to say whom it is for. */
export function visitorOf(request: FastifyRequest): Visitor {
  if (request.visitor === null) throw new Error(`${request.routeOptions.url}: nobody is signed in here`);
  return request.visitor;
}

/** Whether somebody of these roles may enter. */
export function mayEnter(access: readonly Role[], roles: readonly Role[]): boolean {
  return access.some((role) => roles.includes(role));
}
