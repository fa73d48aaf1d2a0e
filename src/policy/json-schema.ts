// The shape of a policy file for editors (JSON Schema 2020-12), made from the schema that reads it, so that the two can not differ. A file of
// one's own states only what differs from the shipped rules: every key may be left out, but what stands in a list stands there whole.
import * as z from 'zod';
import { describedPath, keyDescriptions } from './key-descriptions.ts';
import { policySchema } from './schema.ts';

/** Where the schema is published; editors find it by this line at the top of a policy: `# yaml-language-server: $schema=…`. */
export const schemaFile = 'src/policy/policy.schema.json';

interface Node {
  required?: string[];
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  [key: string]: unknown;
}

/** The JSON Schema of a policy file as `readPolicy` takes it. */
export function policyJsonSchema(): object {
  const whole = z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' }) as Node;
  return {
    title: 'Casepost policy',
    description: 'The rules of a support desk, laid over the shipped ones.',
    ...partial(whole, ''),
  };
}

/** The same with nothing required outside of lists, and each key described by its path. */
function partial(node: Node, path: string): Node {
  const { required: _, ...rest } = node;
  const made: Node = { ...rest };
  if (node.properties) {
    made.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, one]) => [name, keyed(one, path === '' ? name : `${path}.${name}`)]),
    );
  }
  if (typeof node.additionalProperties === 'object')
    made.additionalProperties = partial(node.additionalProperties, `${path}.*`);
  // What stands in a list stands there whole: nothing of it may be left out.
  if (node.items) made.items = { ...partial(node.items, `${path}[]`), ...pick(node.items) };
  if (node.anyOf) made.anyOf = node.anyOf.map((one) => partial(one, path));
  return made;
}

function keyed(node: Node, path: string): Node {
  const described = describedPath(path);
  const made = partial(node, path);
  return described === null ? made : { ...made, description: keyDescriptions[described] };
}

function pick({ required }: Node): Pick<Node, 'required'> {
  return required ? { required } : {};
}
