import { createRequire } from 'node:module'
import { join, dirname } from 'node:path'

/** The engine's two native parts, as absolute paths that a child process can load. */
export interface EngineLibrary {
  /** The ClickHouse engine as a shared library. */
  readonly library: string
  /** The module that calls into it. */
  readonly ffi: string
}

/** What decides whether the engine can run here. */
export interface Platform {
  readonly os: string
  readonly cpu: string
  /** Version of glibc, or undefined on musl and outside Linux. */
  readonly glibc: string | undefined
}

const ENGINE_PACKAGE = '@chdb/lib-linux-x64-gnu'
const SUPPORTED = 'The embedded mode runs on Linux x64 with glibc.'

/**
 * Finds the engine's parts among the installed packages.
 * @throws Error with one clear message when the platform is not supported or a package is missing.
 */
export function locateEngine(
  platform: Platform = thisPlatform(),
  require = createRequire(import.meta.url),
): EngineLibrary {
  if (platform.os !== 'linux' || platform.cpu !== 'x64' || platform.glibc === undefined) {
    throw new Error(`The ClickHouse engine does not support ${describe(platform)}. ${SUPPORTED}`)
  }
  return {
    library: join(dirname(find(require, `${ENGINE_PACKAGE}/package.json`)), 'libchdb.so'),
    ffi: find(require, 'ffi-rs'),
  }
}

function find(require: NodeJS.Require, name: string): string {
  try {
    return require.resolve(name)
  } catch (cause) {
    const missing = name.replace('/package.json', '')
    throw new Error(`The package ${missing} is not installed. Install again with optional dependencies. ${SUPPORTED}`, {
      cause,
    })
  }
}

function describe({ os, cpu, glibc }: Platform): string {
  return os === 'linux' && glibc === undefined ? `${os} ${cpu} without glibc` : `${os} ${cpu}`
}

function thisPlatform(): Platform {
  return { os: process.platform, cpu: process.arch, glibc: process.platform === 'linux' ? glibcVersion() : undefined }
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}
