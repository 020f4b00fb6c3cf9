import type { z } from 'zod'
import { VARIABLES } from './variables.js'

/** The configuration is refused; the message names every wrong variable, and never a value, which may be a secret. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is refused:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** What Kubernetes injects for a Service whose name begins with `truycap`: not ours, and no mistake. */
const KUBERNETES =
  /^TRUYCAP_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/

/** Reads all of a process's configuration at once (contract section 6); an empty value is an absent one. Throws ConfigError. */
export function readConfig<S extends z.ZodType>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const problems = Object.keys(given)
    .filter((name) => name.startsWith('TRUYCAP_') && !(name in VARIABLES) && !KUBERNETES.test(name))
    .map((name) => `${name}: there is no such variable`)
  const result = schema.safeParse(given)
  if (!result.success) {
    problems.push(...result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  }
  if (problems.length > 0) throw new ConfigError(problems.toSorted())
  return result.data as z.output<S>
}
