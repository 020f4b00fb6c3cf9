// What the harness needs of a product and no more: a first line, a log line, ready, /c, an end, and a child process
// with an empty environment that ignores its parent's end. FAKE_* variables make it misbehave.
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

const { FAKE_REFUSES, FAKE_IGNORES_SIGTERM, FAKE_LEAVES_CHILD, FAKE_SILENT_EVERY } = process.env
if (FAKE_REFUSES) {
  console.error('port is busy')
  process.exit(1)
}

const child = spawn('sleep', ['600'], { env: {}, stdio: 'inherit' })
let asked = 0
const serve = (handler) =>
  new Promise((resolve) => {
    const server = createServer(handler)
    server.listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }))
  })

const { url } = await serve((req, res) => {
  asked += 1
  if (FAKE_SILENT_EVERY && asked % Number(FAKE_SILENT_EVERY) === 0) return req.socket.destroy()
  return res.writeHead(204).end()
})
const { url: opsUrl } = await serve((_req, res) => res.end('{}'))
console.log(url)
console.error(JSON.stringify({ msg: 'listening', url, opsUrl, child: child.pid, year: new Date().getFullYear() }))

process.on('SIGTERM', () => {
  if (FAKE_IGNORES_SIGTERM) return
  if (!FAKE_LEAVES_CHILD) child.kill('SIGKILL')
  process.exit(0)
})
