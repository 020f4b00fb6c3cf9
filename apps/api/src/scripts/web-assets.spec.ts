import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WebAssets } from './web-assets.js'

it('ends the start when the scripts are not built, and says what to do', async () => {
  const assets = new WebAssets(join(tmpdir(), 'truycap-no-such-folder'))
  await expect(assets.onModuleInit()).rejects.toThrow('t.js is not built (run: npm run build)')
})
