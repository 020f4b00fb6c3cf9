import type { TestProject } from 'vitest/node'
import { endEverything } from './harness/cleanup.js'
import { SHARED_ENVIRONMENT } from './harness/shared-environment.js'
import { startStandalone } from './harness/standalone.js'

/** One product for the files that need none of their own: a start and an end for each take as long as many of them. */
export default async function startShared(project: TestProject): Promise<() => Promise<void>> {
  try {
    const { url, adminKey } = await startStandalone({ env: SHARED_ENVIRONMENT })
    project.provide('sharedProduct', { url, adminKey })
  } catch (error) {
    await endEverything()
    throw error
  }
  return endEverything
}
