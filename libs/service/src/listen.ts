import type { Server } from 'node:http'
import { StartError } from './start-error.js'

/** Listens, or throws a StartError that names the variable to change. */
export function listen(server: Server, host: string, port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(explain(error, host, port, variable))
    server.once('error', onError)
    server.listen(port, host, () => {
      server.off('error', onError)
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number, variable: string): StartError {
  const place = `${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return new StartError(`The address ${place} is busy. Set ${variable} to another port.`)
  if (error.code === 'EACCES')
    return new StartError(`This user may not listen on ${place}. Set ${variable} to a port above 1023.`)
  return new StartError(`Cannot listen on ${place}: ${error.message}`)
}
