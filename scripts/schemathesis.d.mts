export function ensureSchemathesis(): string
