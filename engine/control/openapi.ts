// The OpenAPI 3.1 description of the trading interface, made from the same schemas that check
// requests. Served at /api/v1/openapi.json and committed as docs/openapi.json (a test compares).
// Always: every call of the table is in it, with every error code it can answer.
import { z } from 'zod';
import { version } from './api-version.ts';
import { RUNS_CALLS } from './runs/runs-calls.ts';
import { RUNS_PATH } from './runs/runs-routes.ts';
import { ERROR_CODES, Refusal } from './trade-schemas.ts';
import { CALLS, type Call } from './trading-calls.ts';
import { pathOf } from './trading-routes.ts';

export const OPENAPI_PATH = '/api/v1/openapi.json';

type Json = { readonly [name: string]: unknown };

/** The whole document. */
export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const call of CALLS) {
    paths[pathOf(call)] = { [call.method.toLowerCase()]: operation(call) };
  }
  for (const call of RUNS_CALLS) {
    const described = operation({ ...call, keyed: false });
    const operationId = `runs-${call.name}`;
    paths[RUNS_PATH + call.name] = { [call.method.toLowerCase()]: { ...described, operationId } };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pankou trading interface',
      version,
      description: 'Prices and amounts in 1/10,000 yuan, quantities in shares. See docs/API.md.',
    },
    servers: [{ url: 'http://127.0.0.1:8720' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Printed by `pankou run` with the URL',
        },
      },
      schemas: { Refusal: schemaOf(Refusal) },
    },
    'x-error-codes': ERROR_CODES,
  };
}

type Described = Pick<Call, 'name' | 'method' | 'summary' | 'input' | 'data' | 'keyed'>;

function operation(call: Described): Json {
  const data = z.object({ ok: z.literal(true), data: call.data });
  return {
    operationId: call.name,
    summary: call.summary,
    ...parametersOf(call),
    ...(call.method === 'GET'
      ? {}
      : { requestBody: { required: true, content: content(schemaOf(call.input)) } }),
    responses: {
      200: { description: 'Done', content: content(schemaOf(data)) },
      default: {
        description: 'Refused; the code says why',
        content: content({ $ref: '#/components/schemas/Refusal' }),
      },
    },
  };
}

function parametersOf(call: Described): Json {
  const parameters: Json[] = [];
  if (call.keyed) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description: 'New for each order, the same when it is asked again',
      schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
    });
  }
  if (call.method === 'GET') {
    for (const [name, schema] of Object.entries(call.input.shape)) {
      const required = !(schema as z.ZodType).safeParse(undefined).success;
      parameters.push({ name, in: 'query', required, schema: schemaOf(schema as z.ZodType) });
    }
  }
  return parameters.length === 0 ? {} : { parameters };
}

function content(schema: Json): Json {
  return { 'application/json': { schema } };
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
