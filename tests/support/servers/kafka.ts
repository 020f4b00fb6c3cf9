import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { tempFolder } from '../harness/cleanup.js'
import { onFreePorts } from './free-ports.js'
import { runJava, startJava } from './java.js'
import { kafkaJars } from './kafka-jars.js'
import type { OwnedProcess } from './owned-process.js'
import { Way } from './way.js'

/** What is needed for tests; a real broker wants more of everything. */
const HEAP = ['-Xms128m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']
const START_MS = 40_000

interface Node {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  /** For the other brokers. */
  readonly brokerPort: number
  /** Where clients are told to go. */
  readonly advertisedPort: number
  readonly folder: string
}

/** One broker (and controller) of a cluster, in a folder and on ports that it keeps over restarts. */
export class KafkaBroker {
  private process: OwnedProcess | undefined

  constructor(
    private readonly node: Node,
    private readonly jars: string,
    readonly way: Way | null,
  ) {}

  get address(): string {
    return `127.0.0.1:${this.node.advertisedPort}`
  }

  get pid(): number | undefined {
    return this.process?.pid
  }

  /** Comes back at once; `untilReady` tells when it serves. */
  start(): void {
    this.process = startJava([...HEAP, '-cp', `${this.jars}/*`, 'kafka.Kafka', properties(this.node)])
  }

  /** Resolves when the broker answers a question about the cluster, and knows of so many brokers. */
  async untilReady(brokers = 1): Promise<void> {
    if (this.process === undefined) throw new Error(`Kafka at ${this.address} was not started`)
    const patience = { timeoutMs: START_MS, everyMs: 50, what: `Kafka at ${this.address}` }
    await this.process.untilItAnswers(() => knowsBrokers(this.address, brokers), patience)
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.process?.kill()
    this.process = undefined
  }

  /** SIGSTOP: its connections stay open and nothing answers. */
  freeze(): void {
    this.process?.signal('SIGSTOP')
  }

  thaw(): void {
    this.process?.signal('SIGCONT')
  }

  /** On the same ports and folder. */
  async restart(): Promise<void> {
    await this.kill()
    this.start()
    await this.untilReady()
  }

  output(): string {
    return this.process?.output() ?? ''
  }
}

export interface KafkaServersOptions {
  readonly brokers?: 1 | 3
  readonly overWays?: boolean
}

/** Real brokers on loopback. Whatever is left of them ends with `endEverything()`. */
export class KafkaServers {
  private constructor(readonly brokers: readonly KafkaBroker[]) {}

  /**
   * One broker, or three of which each partition may be on all; over a `Way` to each, if wanted. Fetches Kafka first when this machine
   * has none yet.
   */
  static async start({ brokers = 1, overWays = false }: KafkaServersOptions = {}): Promise<KafkaServers> {
    const jars = await kafkaJars()
    return onFreePorts(brokers * 3, async (ports) => {
      const servers = await KafkaServers.prepare(brokers, overWays, jars, ports)
      for (const broker of servers.brokers) broker.start()
      try {
        await Promise.all(servers.brokers.map((broker) => broker.untilReady(brokers)))
        return servers
      } catch (error) {
        await servers.stop()
        throw error
      }
    })
  }

  get addresses(): string[] {
    return this.brokers.map(({ address }) => address)
  }

  async stop(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()))
    await Promise.all(this.brokers.map(({ way }) => way?.close()))
  }

  private static async prepare(
    count: number,
    overWays: boolean,
    jars: string,
    ports: readonly number[],
  ): Promise<KafkaServers> {
    const root = tempFolder('truycap-kafka-')
    const open = (port: number) => (overWays ? Way.open({ host: '127.0.0.1', port }) : null)
    const ways = await Promise.all(ports.slice(0, count).map(open))
    const nodes = Array.from({ length: count }, (_, n) => ({
      id: n + 1,
      port: ports[n] as number,
      controllerPort: ports[count + n] as number,
      brokerPort: ports[2 * count + n] as number,
      advertisedPort: ways[n]?.port ?? (ports[n] as number),
      folder: join(root, String(n + 1)),
    }))
    const clusterId = newClusterId()
    for (const node of nodes) writeFileSync(properties(node), settings(node, nodes))
    await Promise.all(nodes.map((node) => format(node, clusterId, jars)))
    return new KafkaServers(nodes.map((node, n) => new KafkaBroker(node, jars, ways[n] ?? null)))
  }
}

/** 16 bytes in base64; one that begins with a dash would be taken for an option. */
function newClusterId(): string {
  return `T${Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').slice(1)}`
}

const properties = ({ folder }: Node): string => `${folder}.properties`

function settings(node: Node, nodes: readonly Node[]): string {
  const copies = nodes.length
  const voters = nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',')
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters,
    listeners: [
      `CLIENTS://127.0.0.1:${node.port}`,
      `CONTROLLER://127.0.0.1:${node.controllerPort}`,
      `BROKERS://127.0.0.1:${node.brokerPort}`,
    ].join(','),
    'advertised.listeners': `CLIENTS://127.0.0.1:${node.advertisedPort},BROKERS://127.0.0.1:${node.brokerPort}`,
    'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,BROKERS:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'BROKERS',
    'log.dirs': node.folder,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed is let in again when its last life counts as over: 9 s unless said.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 400,
    'replica.lag.time.max.ms': 4000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function format(node: Node, clusterId: string, jars: string): Promise<void> {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties(node)]
  await runJava([...HEAP, '-cp', `${jars}/*`, ...tool])
}

async function knowsBrokers(address: string, count: number): Promise<boolean> {
  const admin = new kafkajs.Kafka({
    brokers: [address],
    clientId: 'harness',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    const { controller, brokers } = await admin.describeCluster()
    return controller !== null && brokers.length >= count
  } finally {
    await admin.disconnect()
  }
}
