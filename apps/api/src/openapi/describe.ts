import { RequestMethod, type Type } from '@nestjs/common'
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js'
import type { Description, Operation } from '#http'

const DESCRIPTION = 'truycap:description'

/** Puts what a handler does into the API document; a handler without it keeps the document from being made. */
export const Describe = (description: Description): MethodDecorator => {
  return (_target, _name, property) => Reflect.defineMetadata(DESCRIPTION, description, property.value as object)
}

const METHODS: Readonly<Partial<Record<RequestMethod, Operation['method']>>> = {
  [RequestMethod.GET]: 'get',
  [RequestMethod.POST]: 'post',
  [RequestMethod.PATCH]: 'patch',
  [RequestMethod.DELETE]: 'delete',
}

/** The operations of Nest controllers; addresses and methods are those that Nest itself routes by. */
export function operationsOf(controllers: readonly Type[]): Operation[] {
  return controllers.flatMap((controller) => {
    const base = pathsOf(controller)[0] ?? ''
    return handlersOf(controller).map((handler) => {
      const description = Reflect.getMetadata(DESCRIPTION, handler) as Description | undefined
      const method = METHODS[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod]
      if (description === undefined || method === undefined) {
        throw new Error(`${controller.name}.${handler.name} is not described`)
      }
      return { ...description, method, path: addressOf(base, pathsOf(handler)[0] ?? '') }
    })
  })
}

type Handler = { readonly name: string } & object

function handlersOf({ prototype }: Type): Handler[] {
  return Object.getOwnPropertyNames(prototype)
    .map((name) => (prototype as Record<string, unknown>)[name])
    .filter((value): value is Handler => typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value))
}

function pathsOf(target: object): string[] {
  return [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined].flat().filter(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** `:id` of Nest is `{id}` of OpenAPI. */
function addressOf(...parts: string[]): string {
  const joined = parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')
  return `/${joined.replace(/:([A-Za-z]+)/g, '{$1}')}`
}
