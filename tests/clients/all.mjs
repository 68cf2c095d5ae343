// Runs every test of the JavaScript clients, then asks whether each method of their builders was called.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { all } from './calls.mjs'

/** Methods that send nothing of their own, and why nobody needs to call them. */
const unsent = {
  'PostgrestClient.decorateFetch': 'private: wraps fetch in a timeout',
  'PostgrestQueryBuilder.cloneRequestState': 'private: copies URL and headers',
  'PostgrestFilterBuilder.processResponse': 'private: reads an answer',
  'PostgrestFilterBuilder.returns': 'changes the TypeScript type alone',
  'PostgrestFilterBuilder.overrideTypes': 'changes the TypeScript type alone',
}

const calls = mkdtempSync(join(tmpdir(), 'tekup-calls-'))
const tests = join(import.meta.dirname, '*.test.mjs')
const run = spawnSync(process.execPath, ['--test', '--test-reporter=spec', tests], {
  stdio: 'inherit',
  env: { ...process.env, CALLS: calls },
})
const called = new Set(readdirSync(calls).flatMap((file) => readFileSync(join(calls, file), 'utf8').split('\n')))
rmSync(calls, { recursive: true })

const known = all()
const uncalled = [...known].filter((method) => !called.has(method) && !(method in unsent))
const gone = Object.keys(unsent).filter((method) => !known.has(method))
if (uncalled.length > 0) console.error(`no test calls ${uncalled.join(', ')}`)
if (gone.length > 0) console.error(`the library no longer has ${gone.join(', ')}`)
console.log(`${known.size} methods of the builders, ${Object.keys(unsent).length} of them send nothing, ${uncalled.length} uncalled`)
process.exit(run.status !== 0 || uncalled.length > 0 || gone.length > 0 ? 1 : 0)
