// The policy as it works, shipped rules and one's own laid together, written out again: what an admin reads who asks "what holds here, and is
// it ours?". Written from the values of the two files, so that it can be read as a policy by itself.
import { Document, isScalar, isSeq, parse, visit } from 'yaml';
import { isRecord, limits, merged, type PolicyFile } from './policy.ts';

/** The whole policy, and for each of its first keys where it comes from. */
export interface Effective {
  values: Readonly<Record<string, unknown>>;
  from: Readonly<Record<string, string>>;
}

/** Lays two sound texts together (`own` may be empty); an entry that is null takes the shipped one away and is not there. */
export function effectivePolicy(shipped: Pick<PolicyFile, 'text'>, own: Pick<PolicyFile, 'text'>): Effective {
  const [base, changes] = [valuesOf(shipped.text), valuesOf(own.text)];
  const values = taken(merged(base, changes), base) as Record<string, unknown>;
  const from = Object.keys(values).map((key) => [key, origin(key, base, changes)]);
  return { values, from: Object.fromEntries(from) as Record<string, string> };
}

/** The policy as YAML, a line of comment before each of its first keys that says where it comes from. */
export function effectiveText({ values, from }: Effective): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const document = new Document({ [key]: value }, { aliasDuplicateObjects: false });
      visit(document, {
        Seq(_, list) {
          if (isSeq(list) && list.items.every((item) => isScalar(item))) list.flow = true;
        },
      });
      return `# ${from[key]}\n${document.toString({ lineWidth, flowCollectionPadding: false })}`;
    })
    .join('\n');
}

const lineWidth = 140;

function valuesOf(text: string): Record<string, unknown> {
  return (parse(text, { maxAliasCount: limits.aliasesMax }) ?? {}) as Record<string, unknown>;
}

function origin(key: string, shipped: Record<string, unknown>, own: Record<string, unknown>): string {
  if (!Object.hasOwn(own, key)) return 'shipped';
  if (!Object.hasOwn(shipped, key)) return 'of your own';
  const changes = own[key];
  if (!isRecord(changes) || !isRecord(shipped[key])) return 'of your own, in place of the shipped';
  return `shipped, with changes of your own to ${Object.keys(changes).join(', ')}`;
}

/** Without the entries that one's own file has taken away. */
function taken(value: unknown, shipped: unknown): unknown {
  if (!isRecord(value)) return value;
  const base = isRecord(shipped) ? shipped : {};
  const kept = Object.entries(value).filter(([key, one]) => !(one === null && isRecord(base[key])));
  return Object.fromEntries(kept.map(([key, one]) => [key, taken(one, base[key])]));
}
