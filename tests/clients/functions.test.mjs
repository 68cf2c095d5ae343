// supabase-js calls functions: the knowledge base is searched by a vector.

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { client, ok, refused, token } from './callers.mjs'

const vault = client('vault', token('vault_app'))

/** The vector of a document as text, [0.1,0.2,…], and as numbers. */
async function vector(path) {
  const row = await ok(vault.from('documents').select('embeddings(embedding)').eq('path', path).single())
  return { text: row.embeddings.embedding, numbers: JSON.parse(row.embeddings.embedding) }
}

test('the one-to-one relation of a document and its vector is an object', async () => {
  const { numbers } = await vector('handbook/windows.md')
  assert.equal(numbers.length, 1536)
})

test('rpc finds exactly the five documents of a topic, as text or as numbers, for a reader too', async () => {
  const { text, numbers } = await vector('handbook/windows.md')
  const reader = client('vault', token('authenticated', { sub: 'reader' }))
  for (const [caller, query_embedding] of [[vault, text], [vault, numbers], [reader, numbers]]) {
    const rows = await ok(caller.rpc('match_documents', { query_embedding, match_threshold: 0.7 }))
    assert.equal(rows.length, 5)
    assert.deepEqual(Object.keys(rows[0]), ['id', 'source', 'repository', 'path', 'content', 'metadata', 'sha', 'similarity'])
    assert.equal(rows[0].path, 'handbook/windows.md')
    assert.ok(rows.slice(1).every(({ similarity }) => similarity > 0.9 && similarity < 1))
  }
})

test('the result of rpc is counted, filtered, selected, ordered and limited', async () => {
  const { text: query_embedding } = await vector('handbook/windows.md')
  const search = (options) => vault.rpc('match_documents', { query_embedding }, options)
  const counted = await search({ count: 'exact' }).select('path,similarity').order('similarity').limit(2)
  assert.deepEqual([counted.count, counted.data.length, Object.keys(counted.data[0])], [5, 2, ['path', 'similarity']])
  assert.ok(counted.data[0].similarity <= counted.data[1].similarity)
  const github = await ok(search().eq('source', 'github').select('source'))
  assert.ok(github.length > 0 && github.every(({ source }) => source === 'github'))
  assert.equal((await ok(search().eq('path', 'handbook/windows.md').single())).path, 'handbook/windows.md')
})

test('a function without side effects is called by GET', async () => {
  const { text: query_embedding } = await vector('handbook/windows.md')
  const rows = await ok(vault.rpc('match_documents', { query_embedding, match_count: 3 }, { get: true }).select('path'))
  assert.equal(rows.length, 3)
})

test('arguments that do not fit are named', async () => {
  await refused(vault.rpc('match_documents', { query_vector: '[1]' }), { status: 404, code: 'PGRST202' })
  await refused(vault.rpc('match_documents', { query_embedding: '[1,2]' }), { status: 400, code: '22000' })
  await refused(vault.rpc('no_such_function'), { status: 404, code: 'PGRST202' })
  await refused(client('vault', 'not.a.token').rpc('match_documents', { query_embedding: '[1]' }), { status: 401, code: 'PGRST301' })
})
