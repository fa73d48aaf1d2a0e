// What an editor shows of a policy: each key explained, and no explanation of a key that is gone.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policyJsonSchema } from '../../src/policy/json-schema.ts';
import { describedPath, keyDescriptions } from '../../src/policy/key-descriptions.ts';
import { shippedText } from '../../src/policy/load.ts';

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
}

/** Every key of the schema with what is said of it. */
function keys(node: Node, path: string): [path: string, description: string | undefined][] {
  const below = typeof node.additionalProperties === 'object' ? keys(node.additionalProperties, `${path}.*`) : [];
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([name, one]): [string, string | undefined][] => {
      const own = path === '' ? name : `${path}.${name}`;
      return [[own, one.description], ...keys(one, own)];
    }),
    ...below,
    ...(node.items ? keys(node.items, `${path}[]`) : []),
    ...(node.anyOf ?? []).flatMap((one) => keys(one, path)),
  ];
}

describe('the JSON Schema of a policy', () => {
  const all = keys(policyJsonSchema(), '');
  it('explains every key', () => {
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(([, description]) => !description).map(([path]) => path)).toEqual([]);
  });
  it('explains nothing that is not there', () => {
    const used = new Set(all.map(([path]) => describedPath(path)));
    expect(Object.keys(keyDescriptions).filter((path) => !used.has(path))).toEqual([]);
  });
  it('is found from the shipped policy by editors', () => {
    const [first = ''] = shippedText().text.split('\n');
    const named = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? 'nothing';
    expect(existsSync(new URL(`../../src/policy/${named}`, import.meta.url))).toBe(true);
  });
});
