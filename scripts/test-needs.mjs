// What the tests need besides npm's packages: Debian's, and the fuzzer. Kafka's jars come with the first test that wants them.
import { ensureDebianPackages } from './debian-packages.mjs'
import { ensureSchemathesis } from './schemathesis.mjs'

ensureDebianPackages()
ensureSchemathesis()
