// Bundles the two browser scripts into dist/web. `--out DIR` writes elsewhere, `--verbose` prints the sizes.
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const entries = { 't.js': 'web/tracker/src/main.ts', 'w.js': 'web/widget/src/main.ts' }

async function bundle(input, file) {
  const build = await rolldown({
    input: join(root, input),
    tsconfig: join(root, 'web/tsconfig.json'),
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    transform: { target: 'es2017' },
  })
  try {
    await build.write({ file, format: 'iife', minify: true, comments: false, sourcemap: false })
  } finally {
    await build.close()
  }
}

/**
 * Builds t.js and w.js, writes the package's version beside them and gives their sizes in bytes. Rejects when a source does not compile or resolve.
 *
 * @param {string} [outDir]
 * @returns {Promise<{ name: string, bytes: number, gzipBytes: number }[]>}
 */
export async function buildWeb(outDir = join(root, 'dist/web')) {
  const sizes = []
  for (const [name, input] of Object.entries(entries)) {
    const file = join(outDir, name)
    await bundle(input, file)
    const content = await readFile(file)
    sizes.push({ name, bytes: content.length, gzipBytes: gzipSync(content, { level: 9 }).length })
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await writeFile(join(outDir, 'version.txt'), version)
  return sizes
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string' }, verbose: { type: 'boolean' } } })
  const sizes = await buildWeb(values.out)
  if (!values.verbose) return
  for (const { name, bytes, gzipBytes } of sizes) console.log(`${name} ${bytes} bytes, ${gzipBytes} gzip`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(`build-web: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  })
}
