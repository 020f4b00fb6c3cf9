import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../harness/cleanup.js'
import { request } from '../harness/http.js'
import { onFreePorts } from './free-ports.js'
import { OwnedProcess } from './owned-process.js'

export interface Origins {
  readonly collectors: readonly string[]
  readonly apis: readonly string[]
}

/** nginx in front of the services of a cluster: one origin, as the Ingress will give it. */
export class Nginx {
  readonly url: string
  private readonly folder = tempFolder('truycap-nginx-')
  private process: OwnedProcess | undefined

  private constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`
  }

  static start(origins: Origins): Promise<Nginx> {
    return onFreePorts(1, async ([port = 0]) => {
      const nginx = new Nginx(port)
      try {
        await nginx.run(origins)
        return nginx
      } catch (error) {
        await nginx.stop()
        throw error
      }
    })
  }

  async stop(): Promise<void> {
    await this.process?.kill()
    this.process = undefined
  }

  private async run(origins: Origins): Promise<void> {
    const file = join(this.folder, 'nginx.conf')
    writeFileSync(file, configOf(this.folder, this.port, origins))
    const env = { PATH: `${process.env['PATH']}:/usr/sbin` }
    const hint = 'apt-get install nginx-light'
    this.process = new OwnedProcess('nginx', ['-c', file, '-p', this.folder], { env, hint })
    await this.process.untilItAnswers(async () => (await request({ url: `${this.url}/nginx` })).status === 204)
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
