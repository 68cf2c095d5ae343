// supabase-js writes: rows of its own, which it removes again.

import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { client, ok, refused, token } from './callers.mjs'

const renos = client('renos', token('renos_app'))
const vault = client('vault', token('vault_app'))

// Everything that is written here carries this mark.
const mark = `test-${randomUUID()}`
const mail = (name) => `${name}@${mark}.example`

after(async () => {
  await ok(renos.from('leads').delete().eq('source', mark))
  await ok(renos.from('customers').delete().like('email', `%${mark}%`))
  await ok(vault.from('documents').delete().eq('repository', mark))
})

test('insert gives nothing, or the row with its defaults', async () => {
  const minimal = await renos.from('leads').insert({ source: mark, name: 'Ærlig Øvrig' })
  assert.deepEqual([minimal.status, minimal.data, minimal.error], [201, null, null])
  const row = await ok(renos.from('leads').insert({ source: mark, name: 'Åge', square_meters: 85.5, preferred_dates: ['2026-02-01'] })
    .select().single())
  assert.deepEqual([row.name, row.status, row.square_meters, row.preferred_dates], ['Åge', 'new', 85.5, ['2026-02-01']])
  assert.equal(row.id.length, 25)
  assert.ok(Date.parse(row.created_at) > Date.now() - 600_000)
})

test('insert takes many rows at once, with nulls or defaults for what is missing', async () => {
  const rows = [{ source: mark, name: 'many', priority: 'low' }, { source: mark, name: 'many' }]
  const nulls = await renos.from('leads').insert(rows, { count: 'exact' }).select('priority')
  assert.deepEqual([nulls.status, nulls.count, nulls.data], [201, 2, [{ priority: 'low' }, { priority: null }]])
  const defaults = await ok(renos.from('leads').insert(rows, { defaultToNull: false }).select('priority'))
  assert.deepEqual(defaults, [{ priority: 'low' }, { priority: 'medium' }])
})

test('insert answers with related rows', async () => {
  const customer = await ok(renos.from('customers').insert({ name: 'Embedded', email: mail('embedded') }).select('id').single())
  const lead = await ok(renos.from('leads').insert({ source: mark, customer_id: customer.id }).select('source,customers(name)').single())
  assert.deepEqual(lead, { source: mark, customers: { name: 'Embedded' } })
})

test('upsert merges or ignores duplicates of a natural key', async () => {
  const document = (path, content) => ({ source: 'local', repository: mark, path, content })
  const key = { onConflict: 'source,repository,path' }
  const documents = () => vault.from('documents')
  const first = await ok(documents().upsert(document('a.md', 'one'), key).select('id,content').single())
  const merged = await ok(documents().upsert([document('a.md', 'two'), document('b.md', 'new')], key).select('path,content'))
  assert.deepEqual(merged, [{ path: 'a.md', content: 'two' }, { path: 'b.md', content: 'new' }])
  const ignored = await ok(documents().upsert([document('a.md', 'three'), document('c.md', 'new')], { ...key, ignoreDuplicates: true }).select('path'))
  assert.deepEqual(ignored, [{ path: 'c.md' }])
  assert.deepEqual(await ok(documents().select('id,content').eq('repository', mark).eq('path', 'a.md').single()), { id: first.id, content: 'two' })
})

test('upsert merges by primary key', async () => {
  const made = await ok(renos.from('customers').insert({ name: 'before', email: mail('key') }).select('id,email').single())
  const merged = await ok(renos.from('customers').upsert({ ...made, name: 'after' }).select('id,name').single())
  assert.deepEqual(merged, { id: made.id, name: 'after' })
})

test('update changes what the filters name and tells how many', async () => {
  await ok(renos.from('leads').insert([1, 2, 3].map((rooms) => ({ source: mark, name: 'update', rooms }))))
  const mine = () => renos.from('leads').update({ phone: '+45 00 00 00 01' }, { count: 'exact' }).eq('source', mark).eq('name', 'update')
  const silent = await mine().gt('rooms', 1)
  assert.deepEqual([silent.status, silent.data, silent.count], [204, null, 2])
  const shown = await mine().eq('rooms', 1).select('rooms,phone')
  assert.deepEqual([shown.status, shown.data], [200, [{ rooms: 1, phone: '+45 00 00 00 01' }]])
  const nothing = await mine().eq('rooms', 99).select()
  assert.deepEqual([nothing.status, nothing.data, nothing.count], [200, [], 0])
})

test('delete removes what the filters name', async () => {
  const rows = await ok(renos.from('leads').insert([1, 2, 3].map((rooms) => ({ source: mark, name: 'delete', rooms }))).select('id'))
  const ids = rows.map((row) => row.id)
  const gone = await ok(renos.from('leads').delete().in('id', ids.slice(0, 2)).select('id'))
  assert.deepEqual(gone.map((row) => row.id).toSorted(), ids.slice(0, 2).toSorted())
  const silent = await renos.from('leads').delete({ count: 'exact' }).eq('id', ids[2])
  assert.deepEqual([silent.status, silent.data, silent.count], [204, null, 1])
  assert.deepEqual(await ok(renos.from('leads').select('id').in('id', ids)), [])
})

test('writes without a filter are refused', async () => {
  await refused(renos.from('leads').update({ phone: 'all' }), { status: 400, code: '21000' })
  await refused(renos.from('leads').delete(), { status: 400, code: '21000' })
})

test('maxAffected rolls back what would change more', async () => {
  const rows = [1, 2].map((rooms) => ({ source: mark, name: 'affected', rooms }))
  await ok(renos.from('leads').insert(rows))
  const change = () => renos.from('leads').update({ phone: '+45 00 00 00 02' }).eq('source', mark).eq('name', 'affected')
  await refused(change().maxAffected(1), { status: 400, code: 'PGRST124' })
  const changed = renos.from('leads').select('id').eq('source', mark).eq('phone', '+45 00 00 00 02')
  assert.deepEqual(await ok(changed), [])
  await ok(change().maxAffected(2))
  assert.equal((await ok(changed)).length, 2)
})

test('constraints answer with their SQLSTATE and change nothing', async () => {
  const email = mail('twice')
  await ok(renos.from('customers').insert({ name: 'first', email }))
  await refused(renos.from('customers').insert({ name: 'second', email }), { status: 409, code: '23505' })
  await refused(renos.from('leads').insert({ source: mark, customer_id: 'nobody' }), { status: 409, code: '23503' })
  await refused(renos.from('customers').insert({ email: mail('nameless') }), { status: 400, code: '23502' })
  await refused(renos.from('leads').insert({ source: mark, priority: 'whenever' }), { status: 400, code: '23514' })
  const batch = [{ name: 'third', email: mail('third') }, { name: 'fourth', email }]
  await refused(renos.from('customers').insert(batch), { status: 409, code: '23505' })
  assert.deepEqual(await ok(renos.from('customers').select('id').eq('email', mail('third'))), [])
})

test('columns that are none, or that callers may not write, are refused', async () => {
  await refused(renos.from('leads').insert({ source: mark, notes: 'none' }).select(), { status: 400, code: 'PGRST204' })
  await refused(renos.from('customers').insert({ name: 'rich', email: mail('rich'), total_revenue: 1 }), { status: 403, code: '42501' })
  await refused(renos.from('leads').update({ status: 'won' }).eq('source', mark), { status: 403, code: '42501' })
})
