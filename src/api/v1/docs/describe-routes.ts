// The OpenAPI document as plain rows, for the page of a running server and the page in docs/.
import type { OpenApiDocument } from '../openapi-document.ts';

/** One part of a request or of an answer. */
export interface DescribedField {
  name: string;
  /** Where it stands: 'path', 'query', 'header' or 'body'. */
  place: string;
  type: string;
  required: boolean;
  description: string;
}

export interface DescribedRoute {
  tag: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  fields: DescribedField[];
  /** Status → what it is, and the name of its schema. */
  answers: { status: string; description: string; type: string }[];
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

/** Every route, in the order of the document. */
export function describeRoutes(document: OpenApiDocument): DescribedRoute[] {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  return Object.entries(document.paths ?? {}).flatMap(([path, route]) =>
    Object.entries(route as Record<string, Operation>).map(([method, operation]) => ({
      tag: operation.tags?.[0] ?? '',
      method: method.toUpperCase(),
      path,
      summary: operation.summary ?? '',
      description: operation.description ?? '',
      fields: fieldsOf(operation, schemas),
      answers: answersOf(operation),
    })),
  );
}

/** Every named schema with its fields. */
export function describeSchemas(document: OpenApiDocument): { name: string; fields: DescribedField[] }[] {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  return Object.entries(schemas).map(([name, schema]) => ({ name, fields: bodyFields(whole(schema, schemas)) }));
}

function fieldsOf(operation: Operation, schemas: Record<string, Schema>): DescribedField[] {
  const parameters = (operation.parameters ?? []).map((parameter) => ({
    name: parameter.name,
    place: parameter.in,
    type: typeOf(parameter.schema),
    required: parameter.required === true,
    description: parameter.description ?? parameter.schema?.description ?? '',
  }));
  const body = firstSchema(operation.requestBody?.content);
  return body === undefined ? parameters : [...parameters, ...bodyFields(whole(body, schemas))];
}

function answersOf(operation: Operation): DescribedRoute['answers'] {
  return Object.entries(operation.responses ?? {}).map(([status, answer]) => ({
    status: status === 'default' ? 'else' : status,
    description: answer.description ?? '',
    type: typeOf(firstSchema(answer.content)),
  }));
}

function bodyFields(schema: Schema): DescribedField[] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    place: 'body',
    type: typeOf(field),
    required: schema.required?.includes(name) === true,
    description: field.description ?? '',
  }));
}

// An extended schema is written as what it extends and what it adds.
function whole(schema: Schema & { allOf?: Schema[] }, schemas: Record<string, Schema>): Schema {
  if (schema.$ref !== undefined) return whole(schemas[nameOf(schema.$ref)] ?? {}, schemas);
  const parts = (schema.allOf ?? []).map((part) => whole(part, schemas));
  return {
    ...schema,
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {}), schema.properties ?? {}),
    required: [...parts.flatMap((part) => part.required ?? []), ...(schema.required ?? [])],
  };
}

function firstSchema(content: Record<string, { schema?: Schema }> | undefined): Schema | undefined {
  return Object.values(content ?? {})[0]?.schema;
}

/** e.g. 'text', 'Run or null', 'list of Change', '{data, next} of Run'. */
function typeOf(schema: Schema | undefined): string {
  if (schema === undefined) return 'anything';
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => String(value)).join(', ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(' or ');
  if (schema.properties?.data !== undefined && schema.properties.next !== undefined) {
    return `{data, next} of ${typeOf(schema.properties.data.items)}`;
  }
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type })).join(' or ');
  }
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.format === 'date-time') return 'time';
  return { string: 'text', integer: 'whole number' }[schema.type ?? ''] ?? schema.type ?? 'anything';
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}
