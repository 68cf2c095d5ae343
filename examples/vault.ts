// A sync worker's day: a repository is read in, its texts get vectors, a question finds the right one, and a text that
// changed is known to need a new vector.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { client, operations, Refused, say, token, type Row } from './service.ts'

type Document = Pick<Row<'vault', 'documents'>, 'source' | 'repository' | 'path' | 'content'> & { sha: string }
type Stored = Pick<Row<'vault', 'documents'>, 'id' | 'path'> & { outcome: 'inserted' | 'updated' | 'unchanged' }

const bearer = token('vault_app')
const vault = client(bearer).schema('vault')
const call = operations<{
  'POST /vault/sync_status/report': [
    { source: string; repository: string; status: 'in_progress' | 'success' | 'error'; error_message?: string },
    Row<'vault', 'sync_status'>,
  ]
  'POST /vault/documents/upsert': [{ documents: Document[] }, { documents: Stored[] }]
  'POST /vault/documents/{id}/embedding': [
    { id: string; embedding: number[]; content_md5?: string },
    { document_id: string; content_md5: string },
  ]
  'POST /vault/search': [
    { embedding: number[]; repository?: string; limit?: number; threshold?: number; include_content?: boolean },
    { count: number; results: { id: string; path: string; similarity: number }[] },
  ]
}>(bearer)

const source = 'github'
const repository = 'example/handbook'
const texts: Record<string, string> = {
  'windows.md': 'Windows are washed from the top down, with a sleeve and a rubber blade.',
  'kitchen.md': 'The oven is warm before the cleaner is applied. Filters of the hood are soaked.',
  'keys.md': 'Every key has a number and never an address. Keys are kept in the safe.',
}

/** A stand-in for a model: a text is the sum of its words, each of which is a direction of its own. */
function vector(text: string): number[] {
  const sum = new Array<number>(1536).fill(0)
  for (const word of text.toLowerCase().match(/[a-z]{4,}/g) ?? []) {
    const place = createHash('sha256').update(word).digest().readUInt32BE() % sum.length
    sum[place]! += 1
  }
  return sum
}

const documents = () =>
  Object.entries(texts).map(([path, content]) => ({
    source, repository, path, content, sha: createHash('sha256').update(content).digest('hex'),
  }))

/** The documents whose text is not the one that their vector is of. */
async function stale() {
  const { data } = await vault.from('documents').select('id, path, content, content_md5, embeddings(content_md5)')
    .eq('source', source).eq('repository', repository).order('path').throwOnError()
  return data.filter((document) => document.embeddings?.content_md5 !== document.content_md5)
}

/** Gives each of them a vector. What changes meanwhile stays stale, since the vector says which text it is of. */
async function embed() {
  const wanting = await stale()
  for (const { id, content, content_md5 } of wanting) {
    await call('POST /vault/documents/{id}/embedding', { id, embedding: vector(content), content_md5: content_md5! })
  }
  return wanting.map((document) => document.path)
}

// What an earlier run left.
await vault.from('documents').delete().eq('source', source).eq('repository', repository).throwOnError()
await vault.from('sync_status').delete().eq('source', source).eq('repository', repository).throwOnError()

await call('POST /vault/sync_status/report', { source, repository, status: 'in_progress' })
say('sync begun')
await assert.rejects(
  call('POST /vault/sync_status/report', { source, repository, status: 'in_progress' }),
  (refused) => refused instanceof Refused && refused.status === 409 && refused.code === 'operation.invalid_state',
)
say('a second worker is refused')

const first = await call('POST /vault/documents/upsert', { documents: documents() })
assert.deepEqual(first.documents.map((document) => document.outcome), ['inserted', 'inserted', 'inserted'])
assert.deepEqual(await embed(), ['keys.md', 'kitchen.md', 'windows.md'])
await call('POST /vault/sync_status/report', { source, repository, status: 'success' })
say(`${first.documents.length} documents read in, each with a vector`)

const question = vector('How are windows washed, and with which blade?')
const found = await call('POST /vault/search', { embedding: question, repository, threshold: 0.2, include_content: false })
assert.equal(found.results[0]?.path, 'windows.md')
say(`"How are windows washed?" finds ${found.results[0].path}, similarity ${found.results[0].similarity.toFixed(2)}`)

texts['keys.md'] += ' A lost key is reported within the hour.'
const second = await call('POST /vault/documents/upsert', { documents: documents() })
assert.deepEqual(
  Object.fromEntries(second.documents.map(({ path, outcome }) => [path, outcome])),
  { 'windows.md': 'unchanged', 'kitchen.md': 'unchanged', 'keys.md': 'updated' },
)
assert.deepEqual(await embed(), ['keys.md'])
assert.deepEqual(await stale(), [])
say('one text changed: it alone got a new vector')

const { count } = await vault.from('documents').select('id', { count: 'exact', head: true })
  .eq('repository', repository).ilike('path', '%.md').throwOnError()
assert.equal(count, 3)
const { data: status } = await vault.from('sync_status').select('status, last_sync_at')
  .eq('source', source).eq('repository', repository).single().throwOnError()
assert.equal(status.status, 'success')
say(`${count} documents in ${repository}, last sync ${status.status}`)
