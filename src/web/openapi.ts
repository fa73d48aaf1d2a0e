// The API described for programs (OpenAPI 3.1), so that a CRM's makers generate their client instead of writing it. The rows are made from the
// columns that the checker reads (policy/customer-row.ts), so a new column is in the description by itself, or fails the compiler here.
import * as z from 'zod';
import { columnsOf, customerColumns, type CustomerKind } from '../policy/customer-row.ts';

type ColumnOf<Kind extends CustomerKind> = (typeof customerColumns)[Kind][number] extends infer Name
  ? Name extends `${infer Bare}!`
    ? Bare
    : Name
  : never;
type Column = { [Kind in CustomerKind]: ColumnOf<Kind> }[CustomerKind];

const count = z.union([z.int().min(0), z.string()]);
const text = (max: number) => z.string().max(max);
const key = text(200);
const day = z.string();

/** What each column holds, of whichever kind. */
const columns: Record<Column, { holds: z.ZodString | typeof count; description: string }> = {
  id: { holds: key, description: 'Its name, yours to choose; written again under the same name it is changed.' },
  account: { holds: key, description: 'The id of its account, which must be there.' },
  name: { holds: text(500), description: 'The name that people read.' },
  address: { holds: key, description: 'One mail address; kept in small letters.' },
  domain: { holds: key, description: 'A mail domain whose writers belong to the account; no public mail service.' },
  serial: { holds: key, description: 'The serial number.' },
  product: { holds: z.string(), description: 'A product of the policy, by its name or one of its other names.' },
  version: { holds: text(500), description: 'The version it is for; null is every version.' },
  registered: { holds: day, description: 'The day it was registered, like 2026-03-31.' },
  plan: { holds: z.string(), description: 'A plan of the policy, by its id or title.' },
  starts: {
    holds: day,
    description: 'The first day, in the zone of the plan, or an instant such as 2026-03-31T18:00Z.',
  },
  expires: { holds: day, description: 'The last day, or an instant; null never.' },
  incidents: { holds: count, description: 'Incidents bought in all, of plans sold by the incident; else null.' },
  language: { holds: z.string(), description: 'Language code such as en or de.' },
  zone: { holds: z.string(), description: 'Time zone such as Europe/Berlin.' },
  notes: { holds: text(10_000), description: 'Anything a person should know.' },
};

const examples: Record<CustomerKind, Record<string, unknown>> = {
  accounts: { id: 'acme', name: 'Acme Ltd', language: 'en', zone: 'Europe/Berlin', notes: '' },
  contacts: { address: 'kim@acme.example', account: 'acme', name: 'Kim', language: null, zone: null },
  domains: { domain: 'acme.example', account: 'acme' },
  serials: {
    serial: 'AAA11-BB22B',
    account: 'acme',
    product: 'Acronis Snap Deploy',
    version: null,
    registered: '2026-01-05',
  },
  entitlements: {
    id: 'e-1',
    account: 'acme',
    plan: 'advantage-premier',
    product: null,
    starts: '2026-01-01',
    expires: '2026-12-31',
    incidents: null,
  },
};

const problem = z.strictObject({ column: z.string(), problem: z.string() });
const error = z.strictObject({ error: z.string() });
const taken = z.strictObject({
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  bad: z.int(),
  written: z.boolean(),
  problems: z.array(z.strictObject({ row: z.int(), ...problem.shape })),
});

const kinds = Object.keys(customerColumns) as CustomerKind[];

/** The description of `/api/v1`; `limits` are those the routes keep. */
export function openApi(limits: { bulkRows: number; requestsAMinute: number }): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Casepost: customers',
      version: '1',
      description: `Accounts and what they hold, for a CRM. At most ${limits.requestsAMinute} requests a minute from one address. What is wrong about a row is said as "casepost import" says it.`,
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    paths: Object.fromEntries(kinds.flatMap((kind) => pathsOf(kind, limits.bulkRows))),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '"casepost api-token create NAME" makes one.' },
      },
      schemas: {
        ...Object.fromEntries(kinds.map((kind) => [kind, { ...schemaOf(rowOf(kind)), examples: [examples[kind]] }])),
        Error: schemaOf(error),
        Problems: schemaOf(z.strictObject({ problems: z.array(problem) })),
        Taken: schemaOf(taken),
      },
      responses: {
        NotAllowed: answer('Error', 'There is no valid token.'),
        Wrong: answer('Error', 'The request is not one: no JSON, or another name in its body than in its address.'),
        NotThere: answer('Error', 'There is no such row.'),
        TooLarge: answer('Error', 'The body is too large; nothing was read.'),
        TooMany: answer('Error', 'Too many requests in this minute.'),
        Failed: answer('Error', 'That failed here; nothing was written.'),
      },
    },
  };
}

function pathsOf(kind: CustomerKind, bulkRows: number): [string, object][] {
  const [name = ''] = columnsOf(kind);
  const id = kind.charAt(0).toUpperCase() + kind.slice(1);
  const always = { 401: shared('NotAllowed'), 429: shared('TooMany'), 500: shared('Failed') };
  const written = { 400: shared('Wrong'), 413: shared('TooLarge'), ...always };
  const rows = { type: 'array', maxItems: bulkRows, items: schema(kind) };
  const flag = (description: string) => ({ type: 'boolean', default: false, description });
  return [
    [
      `/${kind}/{key}`,
      {
        parameters: [
          { name: 'key', in: 'path', required: true, schema: { type: 'string' }, description: `Its ${name}.` },
        ],
        get: {
          operationId: `get${id}`,
          responses: { 200: answer(kind, 'The row.'), 404: shared('NotThere'), ...always },
        },
        put: {
          operationId: `put${id}`,
          description: `Writes the whole row; ${name} may be left out. Columns left out are emptied.`,
          requestBody: {
            required: true,
            content: json({ ...schemaOf(rowOf(kind, name)), examples: [examples[kind]] }),
          },
          responses: {
            200: answer(kind, 'It was there, and is so now.'),
            201: answer(kind, 'It is new.'),
            422: answer('Problems', 'Every problem of the row; nothing was written.'),
            ...written,
          },
        },
        delete: {
          operationId: `delete${id}`,
          responses: {
            204: { description: 'It is gone.' },
            404: shared('NotThere'),
            409: answer('Error', 'Something still hangs on it.'),
            ...always,
          },
        },
      },
    ],
    [
      `/${kind}`,
      {
        post: {
          operationId: `postMany${id}`,
          description: 'Writes many rows: all, or none when one is bad, or with skipBad all but the bad ones.',
          requestBody: {
            required: true,
            content: json({
              type: 'object',
              required: ['rows'],
              properties: { rows, dryRun: flag('Only looks.'), skipBad: flag('Leaves bad rows out.') },
            }),
          },
          responses: {
            200: answer('Taken', 'What became of them.'),
            422: answer('Taken', 'Bad rows; nothing was written.'),
            ...written,
          },
        },
      },
    ],
  ];
}

/** A row of a kind; `free`: the column that may be left out although it must be known. */
function rowOf(kind: CustomerKind, free?: string): z.ZodType {
  const shape = customerColumns[kind].map((written): [string, z.ZodType] => {
    const name = written.replace('!', '') as Column;
    const { holds, description } = columns[name];
    const must = written.endsWith('!') && holds instanceof z.ZodString;
    const column = must ? holds.regex(/\S/) : holds.nullable();
    return [name, (must && name !== free ? column : column.optional()).meta({ description })];
  });
  return z.strictObject(Object.fromEntries(shape));
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...made } = z.toJSONSchema(schema);
  return made;
}

function schema(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

function shared(name: string): object {
  return { $ref: `#/components/responses/${name}` };
}

function json(of: object): object {
  return { 'application/json': { schema: of } };
}

function answer(name: string, description: string): object {
  return { description, content: json(schema(name)) };
}
