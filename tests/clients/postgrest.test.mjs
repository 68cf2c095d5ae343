// postgrest-js alone, on the paths of single schemas; and supabase-js with a function that gives the token.

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { PostgrestClient } from '@supabase/postgrest-js'
import { createClient } from '@supabase/supabase-js'
import { ok, refused, token, url } from './callers.mjs'

test('/{schema} serves a client that names no schema, and one that names the same', async () => {
  const headers = { Authorization: `Bearer ${token('renos_app')}` }
  for (const options of [{ headers }, { headers, schema: 'renos' }]) {
    const renos = new PostgrestClient(`${url}/renos`, options)
    const clinic = await ok(renos.from('customers').select('name').eq('name', 'Nordlys Tandklinik').single())
    assert.deepEqual(clinic, { name: 'Nordlys Tandklinik' })
    const made = await ok(renos.from('labels').insert({ name: `label ${Date.now()}` }).select('id').single())
    await ok(renos.from('labels').delete().eq('id', made.id))
  }
})

test('/rest/v1 without a profile is the first schema', async () => {
  const headers = { Authorization: `Bearer ${token('vault_app')}` }
  const first = new PostgrestClient(`${url}/rest/v1`, { headers })
  assert.equal((await ok(first.from('documents').select('id').limit(1))).length, 1)
  await refused(first.from('leads').select(), { status: 404, code: 'PGRST205' })
})

test('the token may come from a function', async () => {
  const options = { accessToken: async () => token('renos_app'), db: { schema: 'renos' } }
  const renos = createClient(url, 'no-key', options)
  assert.equal((await ok(renos.from('services').select('name'))).length, 8)
})

test('getOpenApiSpec describes what the token may use', async () => {
  const headers = { Authorization: `Bearer ${token('vault_app')}` }
  const described = await new PostgrestClient(`${url}/rest/v1`, { headers, schema: 'vault' }).getOpenApiSpec()
  assert.deepEqual([described.status, described.error], [200, null])
  assert.ok('/documents' in described.data.paths && '/rpc/match_documents' in described.data.paths)
  const refusal = await new PostgrestClient(`${url}/rest/v1`, { headers, schema: 'nowhere' }).getOpenApiSpec()
  assert.deepEqual([refusal.status, refusal.error.code], [406, 'PGRST106'])
})

test('a read that got lost is sent again and answered, unless retry is off', async () => {
  let sent = []
  const losing = (input, init) => {
    sent.push(new Headers(init.headers).get('x-retry-count'))
    return sent.length === 1 ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)
  }
  const vault = new PostgrestClient(`${url}/vault`, { headers: { Authorization: `Bearer ${token('vault_app')}` }, fetch: losing })
  assert.equal((await ok(vault.from('documents').select('id').limit(1).retry(true))).length, 1)
  assert.deepEqual(sent, [null, '1'])
  sent = []
  const lost = await vault.from('documents').select('id').limit(1).retry(false)
  assert.deepEqual([lost.status, lost.data, sent], [0, null, [null]])
})

test('a request that is given up is an error of the client alone', async () => {
  const headers = { Authorization: `Bearer ${token('vault_app')}` }
  const vault = new PostgrestClient(`${url}/vault`, { headers })
  const answer = await vault.from('documents').select().abortSignal(AbortSignal.abort())
  assert.notEqual(answer.error, null)
  assert.equal((await ok(vault.from('documents').select('id').limit(1))).length, 1)
})
