import { z, type ZodType } from 'zod'
import { type ProblemCode, PROBLEMS } from '#domain'
import { type Answer, DOORS, type Media, type Operation, type Parameter } from './operation.js'

/** A JSON value of the document. */
export type Json = { readonly [key: string]: unknown }

const PROBLEM_TYPE = 'application/problem+json'

/** The OpenAPI 3.1 document of the operations, in their order. */
export function openApiDocument(operations: readonly Operation[], info: Json): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {})
    if (operation.method in path) throw new Error(`${operation.method} ${operation.path} is described twice`)
    path[operation.method] = operationObject(operation)
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    tags: Object.entries(DOORS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key, or the admin key.' } },
    },
  }
}

function operationObject(operation: Operation): Json {
  const { operationId, door, summary, description, roles, parameters, body, answers, problems } = operation
  const needs = roles === 'anybody' ? '' : `Keys: ${roles.join(', ')}.`
  const text = [description, needs].filter(Boolean).join(' ')
  return {
    operationId,
    tags: [door],
    summary,
    ...(text === '' ? {} : { description: text }),
    ...(roles === 'anybody' ? {} : { security: [{ key: [] }] }),
    ...(parameters === undefined ? {} : { parameters: parameters.map(parameterObject) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: { ...answerObjects(answers), ...problemObjects(problems) },
  }
}

function parameterObject({ name, in: place, description, schema, isRequired, example }: Parameter): Json {
  return {
    name,
    in: place,
    description,
    required: place === 'path' || isRequired === true,
    schema: jsonSchema(schema, 'input'),
    ...(example === undefined ? {} : { example }),
  }
}

function answerObjects(answers: Readonly<Record<number, Answer>>): Json {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)]))
}

function answerObject({ description, media, headers, links }: Answer): Json {
  return {
    description,
    ...(headers === undefined ? {} : { headers: headerObjects(headers) }),
    ...(media === undefined ? {} : { content: contentOf(media, 'output') }),
    ...(links === undefined ? {} : { links }),
  }
}

function headerObjects(headers: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )
}

/** One response for each status; its codes are a closed list. */
function problemObjects(problems: readonly ProblemCode[]): Json {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of problems) {
    const [status] = PROBLEMS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, problemObject(status, codes)]))
}

function problemObject(status: number, codes: readonly ProblemCode[]): Json {
  const isRetried = status === 429 || status === 503
  const schema = z.object({
    status: z.literal(status),
    code: z.enum([...codes] as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    field: z.string().optional(),
  })
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}`).join(' '),
    ...(isRetried ? { headers: headerObjects({ 'Retry-After': 'Seconds.' }) } : {}),
    content: { [PROBLEM_TYPE]: { schema: jsonSchema(schema, 'output') } },
  }
}

function contentOf(media: readonly Media[], io: 'input' | 'output'): Json {
  return Object.fromEntries(
    media.map(({ type, schema, example }) => [
      type,
      {
        ...(schema === undefined ? {} : { schema: jsonSchema(schema, io) }),
        ...(example === undefined ? {} : { example }),
      },
    ]),
  )
}

/** OpenAPI 3.1 speaks JSON Schema 2020-12; what only code can check is left to the description. */
export function jsonSchema(schema: ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' })
  return rest
}
