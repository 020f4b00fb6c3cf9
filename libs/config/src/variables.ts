import { isIP } from 'node:net'
import { z } from 'zod'

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)

/** Addresses and CIDRs, apart by commas or spaces. */
const networks = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .refine((parts) => parts.every(isNetwork), 'must be IP addresses or CIDRs, apart by commas')

function isNetwork(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** Every environment variable that a process of ours reads (the table of the README). */
export const VARIABLES = {
  TRUYCAP_DATA_DIR: z.string().min(1).default('./data'),
  TRUYCAP_ADMIN_KEY: z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]{16,256}$/, 'must be 16 to 256 characters of A-Z a-z 0-9 . _ ~ + / = -')
    .optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  TRUST_PROXY: networks,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  RATE_PER_SECOND: z.coerce.number().min(0).default(200),
  RATE_BURST: z.coerce.number().min(0).default(2000),
}

/** What the one process of the embedded mode reads. */
export const standaloneConfig = z.object({ ...VARIABLES, PORT: port(8080), OPS_PORT: port(9464) })
export type StandaloneConfig = z.output<typeof standaloneConfig>
