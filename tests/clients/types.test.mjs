// The types that the service prints of its database make a typed program compile, and refuse what it does wrong.

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** What the compiler says of a program, if anything. */
function compiled(folder, program) {
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify({
    compilerOptions: {
      strict: true, noEmit: true, target: 'es2022', module: 'nodenext', lib: ['es2023', 'dom'], types: [],
      // Of the libraries' own declarations some need packages that nothing here does.
      skipLibCheck: true,
      paths: { database: [join(folder, 'database.ts')] },
    },
    files: [program],
  }))
  return spawnSync(process.execPath, [compiler, '--project', project], { encoding: 'utf8' }).stdout
}

test('a typed program compiles with the types of the running service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tekup-types-'))
  try {
    const out = join(folder, 'database.ts')
    execFileSync(process.env.TEKUP_DB, ['types', 'typescript', '--out', out], { stdio: ['ignore', 'ignore', 'inherit'] })
    assert.equal(compiled(folder, join(import.meta.dirname, 'typed.ts')), '')
    const wrong = join(folder, 'wrong.ts')
    writeFileSync(wrong, "import type { Database } from './database.js'\nexport const name: Database['renos']['Tables']['leads']['Row']['name'] = 1\n")
    assert.match(compiled(folder, wrong), /TS2322/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
