export { createClientFacts } from './client-facts.reader.js'
