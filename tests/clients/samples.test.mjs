// supabase-js on `samples.sql`: ranges, functions of every sort, writes that are rolled back.

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { client, ok, refused, token } from './callers.mjs'

const samples = client('samples', token('authenticated', { sub: 'sampler' }))
const spans = (columns = 'name') => samples.from('spans').select(columns).lte('id', 4).order('id')

/** The names of the rows that a query gives. */
const names = async (query) => (await ok(query)).map(({ name }) => name)

test('rangeGt, rangeGte, rangeLt, rangeLte and rangeAdjacent place one range beside another', async () => {
  const middle = '[5,10)'
  assert.deepEqual(await names(spans().rangeGt('span', middle)), ['late'])
  assert.deepEqual(await names(spans().rangeGte('span', middle)), ['middle', 'late'])
  assert.deepEqual(await names(spans().rangeLt('span', middle)), ['early'])
  assert.deepEqual(await names(spans().rangeLte('span', middle)), ['early', 'middle'])
  assert.deepEqual(await names(spans().rangeAdjacent('span', middle)), ['early', 'late'])
})

test('contains, containedBy and overlaps take ranges', async () => {
  assert.deepEqual(await names(spans().contains('span', '[6,8)')), ['middle', 'across'])
  assert.deepEqual(await names(spans().containedBy('span', '[1,10)')), ['early', 'middle'])
  assert.deepEqual(await names(spans().overlaps('span', '[4,6)')), ['early', 'middle', 'across'])
})

test('rpc takes a JSON object, also where only the head is wanted', async () => {
  const wanted = { at: 6 }
  assert.deepEqual(await names(samples.rpc('spans_like', { wanted })), ['middle', 'across'])
  const head = await samples.rpc('spans_like', { wanted }, { head: true, count: 'exact' })
  assert.deepEqual([head.error, head.count], [null, 2])
})

test('rpc by GET and HEAD sends arrays as the database reads them', async () => {
  const arguments_ = { numbers: [1, 2, 39] }
  assert.equal(await ok(samples.rpc('sum_of', arguments_, { get: true })), 42)
  const head = await samples.rpc('sum_of', arguments_, { head: true, count: 'exact' })
  assert.deepEqual([head.status, head.data, head.count], [200, null, 1])
  await refused(samples.rpc('rename', { suffix: 'read' }, { get: true }), { status: 405, code: '25006' })
})

test('maxAffected holds for functions', async () => {
  const before = await ok(samples.from('spans').select('id,note').order('id'))
  await refused(samples.rpc('rename', { suffix: 'too many' }).maxAffected(1), { status: 400, code: 'PGRST124' })
  assert.deepEqual(await ok(samples.from('spans').select('id,note').order('id')), before)
})

test('rollback answers as if it had been done, and it is not', async () => {
  const before = await ok(samples.from('spans').select('id,name,note').order('id'))
  const inserted = await ok(samples.from('spans').insert({ id: 100, name: 'gone', span: '[0,1)' }).select('id,note').rollback())
  assert.deepEqual(inserted, [{ id: 100, note: 'none' }])
  const updated = await ok(samples.from('spans').update({ note: 'gone' }).eq('id', 1).select('note').rollback())
  assert.deepEqual(updated, [{ note: 'gone' }])
  const upserted = await ok(samples.from('spans').upsert({ id: 2, name: 'gone', span: '[0,1)' }).select('name').rollback())
  assert.deepEqual(upserted, [{ name: 'gone' }])
  const deleted = await ok(samples.from('spans').delete().eq('id', 3).select('id').rollback())
  assert.deepEqual(deleted, [{ id: 3 }])
  const renamed = await ok(samples.rpc('rename', { suffix: 'gone' }).rollback())
  assert.deepEqual([...new Set(renamed.map(({ note }) => note))], ['gone'])
  assert.deepEqual(await ok(samples.from('spans').select('id,name,note').order('id')), before)
})

test('upsert counts, and takes nulls or defaults for what is missing', async () => {
  const rows = [{ id: 10, name: 'ten', span: '[0,1)', note: 'given' }, { id: 11, name: 'eleven', span: '[0,1)' }]
  try {
    const nulls = await samples.from('spans').upsert(rows, { count: 'exact' }).select('note')
    assert.deepEqual([nulls.status, nulls.count, nulls.data], [201, 2, [{ note: 'given' }, { note: null }]])
    const defaults = await samples.from('spans').upsert(rows, { count: 'exact', defaultToNull: false }).select('note')
    assert.deepEqual([defaults.status, defaults.count, defaults.data], [200, 2, [{ note: 'given' }, { note: 'none' }]])
  } finally {
    await ok(samples.from('spans').delete().in('id', [10, 11]))
  }
})
