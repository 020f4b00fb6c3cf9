// Preloaded into the product by the tests (`--expose-gc --import`): on SIGUSR2 it collects all garbage and writes one JSON line
// of what is left. Only so can growth be told from garbage that nobody has collected yet.
process.on('SIGUSR2', () => {
  for (let i = 0; i < 3; i++) globalThis.gc()
  process.stderr.write(`${JSON.stringify({ msg: 'heap', ...process.memoryUsage() })}\n`)
})
