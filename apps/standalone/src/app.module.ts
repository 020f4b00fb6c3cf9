import { type DynamicModule, Module } from '@nestjs/common'
import { AggregatorModule } from '#aggregator'
import { ApiModule } from '#api'
import { CollectorModule } from '#collector'
import { DemoController } from './demo/demo.controller.js'
import { EmbeddedModule, type EmbeddedOptions } from './embedded.module.js'

/** The three features of the cluster on the embedded adapters, in one process. */
@Module({})
export class AppModule {
  static on(options: EmbeddedOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [EmbeddedModule.with(options), CollectorModule, AggregatorModule, ApiModule],
      controllers: [DemoController],
    }
  }
}
