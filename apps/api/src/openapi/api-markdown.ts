import { DOORS, type Door, jsonSchema, type Media, type Operation, type Parameter } from '#http'
import { type ProblemCode, PROBLEMS } from '#domain'
import { type Field, fieldsOf, typeText } from './schema-fields.js'

const HEAD = `# HTTP API

Made from the code by \`npm run build && node scripts/api-docs.mjs\`; a running server says the same as OpenAPI 3.1 under
\`GET /v1/openapi.json\`, which needs no key. Errors are \`application/problem+json\` with the codes of [errors.md](errors.md).
A GET is answered to HEAD too, without the body, at the widget and owner doors.
`

/** docs/api.md: all operations, door by door. */
export function apiMarkdown(operations: readonly Operation[]): string {
  const doors = Object.entries(DOORS) as [Door, string][]
  const sections = doors.map(([door, text]) => {
    const own = operations.filter((operation) => operation.door === door)
    return [`## ${text.split(':')[0]}\n\n${capital(text.split(': ')[1] ?? '')}\n`, ...own.map(operationText)].join('\n')
  })
  return `${[HEAD, ...sections].join('\n').trimEnd()}\n`
}

function operationText(operation: Operation): string {
  const { method, path, summary, description, roles, parameters = [], body = [], problems } = operation
  const parts = [
    `### ${method.toUpperCase()} ${path}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    roles === 'anybody' ? 'No key.' : `Keys: ${roles.join(', ')}.`,
    parameters.length === 0 ? '' : table(['parameter', 'in', 'type', ''], parameters.map(parameterRow)),
    ...body.map((media) => mediaText('Body', media, 'input')),
    ...Object.entries(operation.answers).flatMap(([status, answer]) => [
      `\`${status}\`: ${answer.description}${headersText(answer.headers)}`,
      ...(answer.media ?? []).map((media) => mediaText('Answer', media, 'output')),
    ]),
    problemsText(problems),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function problemsText(problems: readonly ProblemCode[]): string {
  if (problems.length === 0) return ''
  const byStatus = problems.toSorted((a, b) => PROBLEMS[a][0] - PROBLEMS[b][0])
  return `Errors: ${byStatus.map((code) => `${PROBLEMS[code][0]} \`${code}\``).join(', ')}.`
}

function parameterRow({ name, in: place, schema, isRequired, description }: Parameter): string[] {
  const type = typeText(jsonSchema(schema, 'input'))
  return [`\`${name}\``, place, type, `${description}${place === 'path' || isRequired === true ? ' Required.' : ''}`]
}

function headersText(headers: Readonly<Record<string, string>> | undefined): string {
  const names = Object.entries(headers ?? {})
  return names.length === 0 ? '' : ` Headers: ${names.map(([name, text]) => `\`${name}\` (${text})`).join(' ')}`
}

function mediaText(what: string, { type, schema, example }: Media, io: 'input' | 'output'): string {
  const fields = schema === undefined ? [] : fieldsOf(jsonSchema(schema, io))
  const rows = fields.map((field) => [`\`${field.name}\``, field.type, fieldText(field, io)])
  return [
    `${what}, \`${type}\`:`,
    rows.length === 0 ? '' : table(['field', 'type', ''], rows),
    example === undefined ? '' : `\`\`\`json\n${exampleText(example)}\n\`\`\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .replace(/:$/, '.')
}

function fieldText({ description, isRequired, requiredBy, defaultValue }: Field, io: 'input' | 'output'): string {
  const needs = io === 'output' ? '' : needsText(isRequired, requiredBy)
  const without = defaultValue === undefined ? '' : `Without it \`${JSON.stringify(defaultValue)}\`.`
  return [description, needs, without].filter(Boolean).join(' ')
}

function needsText(isRequired: boolean, requiredBy: readonly string[]): string {
  if (isRequired) return 'Required.'
  return requiredBy.length === 0 ? '' : `Required by ${requiredBy.map((kind) => `\`${kind}\``).join(' and ')}.`
}

function exampleText(example: unknown): string {
  return typeof example === 'string' ? example.trimEnd() : JSON.stringify(example)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
