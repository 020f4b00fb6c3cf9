import { OwnedProcess } from './owned-process.js'

export function startJava(args: readonly string[]): OwnedProcess {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  return new OwnedProcess('java', args, { env, hint: 'apt-get install default-jre-headless' })
}

/** Runs a program to its end; rejects with what it said when that was not good. */
export async function runJava(args: readonly string[]): Promise<void> {
  const java = startJava(args)
  const code = await java.exited
  await java.kill()
  if (code !== 0) throw new Error(`java ended with ${code}: ${java.output().slice(-2000)}`)
}
