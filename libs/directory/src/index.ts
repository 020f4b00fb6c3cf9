export * from './directory-cache.js'
export * from './site-directory.js'
