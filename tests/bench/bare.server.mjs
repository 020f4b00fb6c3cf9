// The baseline: as little as a Node server can do and still read what it is sent. A body is read and parsed, then 204; without
// one a prepared buffer is sent. Prints its port.
import { createServer } from 'node:http'

const NUMBERS = Buffer.from(
  '{"v":1,"site":"demo","tz":"Asia/Ho_Chi_Minh","unit":"visits","asOf":"2026-11-23T18:20:15+07:00","ttl":15,"online":40,' +
    '"onlineWindow":300,"today":1021,"yesterday":990,"week":7667,"month":37087,"year":229537,"total":2390402}',
)
const HEADERS = ['Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(NUMBERS.length)]

const server = createServer((req, res) => {
  if (req.method === 'GET') {
    res.writeHead(200, HEADERS)
    res.end(NUMBERS)
    return
  }
  const chunks = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString())
    res.writeHead(204)
    res.end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
