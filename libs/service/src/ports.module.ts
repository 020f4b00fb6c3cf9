import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'

const CLOSE = Symbol('ClosePorts')

/** Gives every port its adapter, and closes them all when HTTP has drained and the consumers have stopped. */
@Global()
@Module({})
export class PortsModule implements OnApplicationShutdown {
  constructor(@Inject(CLOSE) private readonly close: () => Promise<void>) {}

  static with(
    values: readonly (readonly [token: symbol, value: unknown])[],
    close: () => Promise<void>,
  ): DynamicModule {
    const providers = [...values, [CLOSE, close] as const].map(([provide, useValue]) => ({ provide, useValue }))
    return { module: PortsModule, providers, exports: providers }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close()
  }
}
