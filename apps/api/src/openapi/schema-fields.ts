import type { Json } from '#http'

/** One field of a body, as a table shows it. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly description: string
  /** By all variants. */
  readonly isRequired: boolean
  /** The kinds of variants that require it, as JSON, where one property tells them apart. */
  readonly requiredBy: readonly string[]
  readonly defaultValue: unknown
}

/** The fields of a JSON Schema: of an object, of an array's items, of all variants of a union; none of anything else. */
export function fieldsOf(schema: Json): Field[] {
  const objects = objectsIn(schema)
  const kind = kindOf(objects)
  const names = [...new Set(objects.flatMap((object) => Object.keys(propertiesOf(object))))]
  return names.map((name) => {
    const having = objects.filter((object) => name in propertiesOf(object))
    const schemas = having.map((object) => propertiesOf(object)[name]!)
    const requiring = objects.filter((object) => ((object['required'] ?? []) as string[]).includes(name))
    return {
      name,
      type: [...new Set(schemas.map(typeText))].join(' or '),
      description: String(schemas[0]!['description'] ?? ''),
      isRequired: requiring.length === objects.length,
      requiredBy: kind === undefined ? [] : kindsOf(kind, requiring),
      defaultValue: schemas[0]!['default'],
    }
  })
}

const propertiesOf = (object: Json) => object['properties'] as Record<string, Json>

const kindsOf = (kind: string, objects: readonly Json[]): string[] => [
  ...new Set(objects.map((object) => JSON.stringify(propertiesOf(object)[kind]!['const']))),
]

/** The property by which the variants differ: each has one value of it. */
function kindOf(objects: readonly Json[]): string | undefined {
  const names = Object.keys(objects[0] === undefined ? {} : propertiesOf(objects[0]))
  return names.find((name) => {
    const schemas = objects.map((object) => propertiesOf(object)[name])
    return schemas.every((schema) => schema !== undefined && 'const' in schema) && kindsOf(name, objects).length > 1
  })
}

function objectsIn(schema: Json): Json[] {
  const variants = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined
  if (variants !== undefined) return variants.flatMap(objectsIn)
  if (schema['type'] === 'array') return objectsIn(schema['items'] as Json)
  return schema['properties'] === undefined ? [] : [schema]
}

/** What a schema allows, in a few words. */
export function typeText(schema: Json): string {
  const variants = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined
  if (variants !== undefined) return [...new Set(variants.map(typeText))].join(' or ')
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``
  if (Array.isArray(schema['enum'])) return schema['enum'].map((one) => `\`${JSON.stringify(one)}\``).join(' ')
  if (schema['type'] === 'array') return `array of ${typeText(schema['items'] as Json)}${range(schema, 'Items')}`
  return `${[schema['type'] ?? 'any'].flat().join(' or ')}${range(schema, 'Length')}${bounds(schema)}`
}

function range(schema: Json, what: 'Items' | 'Length'): string {
  const [least, most] = [schema[`min${what}`], schema[`max${what}`]]
  if (most === undefined) return ''
  return ` (${least === undefined ? 'at most ' : `${String(least)}-`}${String(most)})`
}

/** JSON Schema of an integer without limits has those of the safe integers. */
function bounds({ minimum, maximum }: Json): string {
  if (typeof minimum !== 'number' || maximum === undefined || maximum === Number.MAX_SAFE_INTEGER) return ''
  return ` ${minimum}-${String(maximum)}`
}
