// What a name in a template stands for, looked up in an example of the letter's variables. Own properties only: a prototype has no names here.

/** What an expression would be with the example, innermost scope first; undefined when its name does not exist. Null counts as existing. */
export function valueOf(expression: hbs.AST.Expression, scopes: unknown[]): unknown {
  if (expression.type === 'StringLiteral') return (expression as hbs.AST.StringLiteral).value;
  if (expression.type !== 'PathExpression') return '';
  const path = expression as hbs.AST.PathExpression;
  if (path.data) return ['index', 'first', 'last', 'key'].includes(path.parts.join('.')) ? '' : undefined;
  return descend(scopes[path.depth], path.parts);
}

/** The first part of a path that does not exist, and the names that do there: `flags.oldbuild` is about `oldbuild` and the names in `flags`. */
export function fieldAt(path: hbs.AST.PathExpression, scopes: unknown[]): { wrong: string; names: string[] } {
  const scope = path.data ? undefined : scopes[path.depth];
  let at = 0;
  while (at < path.parts.length - 1 && descend(scope, path.parts.slice(0, at + 1)) !== undefined) at += 1;
  const parent = descend(scope, path.parts.slice(0, at));
  const names = parent !== null && typeof parent === 'object' && !Array.isArray(parent) ? Object.keys(parent) : [];
  return { wrong: path.parts[at] ?? path.original, names };
}

function descend(value: unknown, parts: string[]): unknown {
  let found = value;
  for (const part of parts) {
    if (found === null || typeof found !== 'object' || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}
