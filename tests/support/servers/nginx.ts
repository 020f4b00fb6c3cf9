import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endTree, own, tempFolder } from '../harness/cleanup.js'
import { request } from '../harness/http.js'
import type { ProcessTree } from '../harness/processes.js'
import { until } from '../harness/until.js'
import { freePorts } from './free-ports.js'

const STARTS = 5

export interface Origins {
  readonly collectors: readonly string[]
  readonly apis: readonly string[]
}

/** nginx in front of the services of a cluster: one origin, as the Ingress will give it. */
export class Nginx {
  readonly url: string
  private readonly folder = tempFolder('truycap-nginx-')
  private tree: ProcessTree | undefined

  private constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`
  }

  static async start(origins: Origins): Promise<Nginx> {
    for (let tries = 1; ; tries++) {
      const [port = 0] = await freePorts(1)
      const nginx = new Nginx(port)
      try {
        await nginx.run(origins)
        return nginx
      } catch (error) {
        await nginx.stop()
        if (tries === STARTS) throw error
      }
    }
  }

  async stop(): Promise<void> {
    const { tree } = this
    this.tree = undefined
    if (tree !== undefined) await endTree(tree)
  }

  private async run(origins: Origins): Promise<void> {
    const file = join(this.folder, 'nginx.conf')
    writeFileSync(file, configOf(this.folder, this.port, origins))
    const mark = randomUUID()
    const env = { PATH: `${process.env['PATH']}:/usr/sbin`, HARNESS_MARK: mark }
    const child = spawn('nginx', ['-c', file, '-p', this.folder], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', (error) => (said += String(error)))
    if (child.pid === undefined) throw new Error('nginx is needed: apt-get install nginx-light')
    own((this.tree = { rootPid: child.pid, mark, seen: [] }))
    const answers = () =>
      request({ url: `${this.url}/nginx` }).then(
        ({ status }) => status === 204,
        () => false,
      )
    await until(() => child.exitCode !== null || answers(), { everyMs: 20 })
    if (child.exitCode !== null) throw new Error(`nginx did not start\n${said}`)
  }
}

const servers = (urls: readonly string[]) => urls.map((url) => `server ${new URL(url).host} max_fails=0;`).join(' ')

/** The collector has three paths (contract section 6), the api all others. */
function configOf(folder: string, port: number, { collectors, apis }: Origins): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; ${temp.join(' ')}
  client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1; large_client_header_buffers 8 64k;
  proxy_set_header Host $http_host; proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  # Its workers have another user than its folder, so what is slow to be read must wait in the api.
  proxy_max_temp_file_size 0; proxy_read_timeout 400s; proxy_next_upstream off;
  upstream collector { ${servers(collectors)} keepalive 64; }
  upstream api { ${servers(apis)} keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location = /nginx { return 204; }
    location = /c { proxy_pass http://collector; }
    location = /c.gif { proxy_pass http://collector; }
    location = /v1/events { proxy_pass http://collector; }
    location / { proxy_pass http://api; }
  }
}
`
}
