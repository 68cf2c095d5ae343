// supabase-js reads the sample company: every filter and every modifier that sends something of its own.

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { client, ok, refused, token } from './callers.mjs'

const renos = client('renos', token('renos_app'))

/** Rows of a table with this id, name and status alone. */
const leads = (columns = 'id,status') => renos.from('leads').select(columns)

/** Every row that `accepts` takes, in the order of ids: what a filter must give. */
async function expected(table, columns, accepts) {
  const rows = await ok(renos.from(table).select(columns).order('id'))
  const accepted = rows.filter(accepts)
  assert.ok(accepted.length > 0, `nothing in ${table} to find`)
  assert.ok(accepted.length < rows.length, `everything in ${table} would be found`)
  return accepted
}

/** The filter gives what JavaScript would have picked from all rows. */
async function same(table, columns, accepts, filter) {
  const wanted = await expected(table, columns, accepts)
  assert.deepEqual(await ok(filter(renos.from(table).select(columns)).order('id')), wanted)
}

test('eq, neq, gt, gte, lt, lte compare', async () => {
  const columns = 'id,status,square_meters'
  await same('leads', columns, (row) => row.status === 'new', (query) => query.eq('status', 'new'))
  await same('leads', columns, (row) => row.status !== 'new', (query) => query.neq('status', 'new'))
  const numbers = (accepts) => (row) => row.square_meters !== null && accepts(row.square_meters)
  await same('leads', columns, numbers((area) => area > 100), (query) => query.gt('square_meters', 100))
  await same('leads', columns, numbers((area) => area >= 100), (query) => query.gte('square_meters', 100))
  await same('leads', columns, numbers((area) => area < 100), (query) => query.lt('square_meters', 100))
  await same('leads', columns, numbers((area) => area <= 100), (query) => query.lte('square_meters', 100))
})

test('like and ilike match patterns, with letters beyond ASCII', async () => {
  const named = (accepts) => (row) => accepts(row.name)
  const all = (table, accepts, filter) => same(table, 'id,name', named(accepts), filter)
  await all('services', (name) => name.endsWith('rengøring'), (query) => query.like('name', '%rengøring'))
  await all('services', (name) => /^v/i.test(name), (query) => query.ilike('name', 'V%'))
  await all('services', (name) => /^F.*ring$/.test(name), (query) => query.likeAllOf('name', ['F%', '%ring']))
  await all('services', (name) => /^[FT]/.test(name), (query) => query.likeAnyOf('name', ['F%', 'T%']))
  await all('services', (name) => /^f.*ring$/i.test(name), (query) => query.ilikeAllOf('name', ['f%', '%RING']))
  await all('services', (name) => /^[ft]/i.test(name), (query) => query.ilikeAnyOf('name', ['f%', 't%']))
})

test('regexMatch and regexIMatch match regular expressions', async () => {
  await same('services', 'id,name', (row) => /^[A-F]/.test(row.name), (query) => query.regexMatch('name', '^[A-F]'))
  await same('services', 'id,name', (row) => /^[a-f]/i.test(row.name), (query) => query.regexIMatch('name', '^[a-f]'))
})

test('is and isDistinct know null', async () => {
  const columns = 'id,customer_id,status'
  await same('leads', columns, (row) => row.customer_id === null, (query) => query.is('customer_id', null))
  await same('users', 'id,is_active', (row) => row.is_active === false, (query) => query.is('is_active', false))
  const [{ customer_id: somebody }] = await ok(leads(columns).not('customer_id', 'is', null).limit(1))
  await same('leads', columns, (row) => row.customer_id !== somebody, (query) => query.isDistinct('customer_id', somebody))
})

test('in and notIn take lists, quoted where a value needs it', async () => {
  const some = ['new', 'lost']
  await same('leads', 'id,status', (row) => some.includes(row.status), (query) => query.in('status', some))
  await same('leads', 'id,status', (row) => !some.includes(row.status), (query) => query.notIn('status', some))
  const names = ['Nordlys Tandklinik', 'nobody, nowhere (at all)']
  const found = await ok(renos.from('customers').select('name').in('name', names))
  assert.deepEqual(found, [{ name: 'Nordlys Tandklinik' }])
})

test('contains, containedBy and overlaps compare arrays', async () => {
  const columns = 'id,tags'
  const has = (tag) => (row) => row.tags.includes(tag)
  await same('customers', columns, has('vip'), (query) => query.contains('tags', ['vip']))
  await same('customers', columns, (row) => row.tags.every((tag) => tag === 'fast'), (query) => query.containedBy('tags', ['fast']))
  const either = (row) => has('hund')(row) || has('allergi')(row)
  await same('customers', columns, either, (query) => query.overlaps('tags', ['hund', 'allergi']))
})

test('contains compares JSON', async () => {
  const vault = client('vault', token('vault_app'))
  const danish = await ok(vault.from('documents').select('id,metadata').contains('metadata', { language: 'da' }))
  assert.ok(danish.length > 0)
  assert.ok(danish.every((row) => row.metadata.language === 'da'))
})

test('range operators arrive at the database, which has none for text', async () => {
  const range = '[2026-01-01,2026-02-01)'
  for (const operator of ['rangeGt', 'rangeGte', 'rangeLt', 'rangeLte', 'rangeAdjacent']) {
    await refused(renos.from('customers').select()[operator]('tags', range), { status: 404, code: '42883' })
  }
})

test('textSearch knows the four kinds of queries', async () => {
  const vault = client('vault', token('vault_app'))
  const search = (query, options) => ok(vault.from('documents').select('path').textSearch('content', query, options).order('path'))
  const whole = await search("'windows' & 'blade'", { config: 'english' })
  assert.ok(whole.length > 0)
  assert.deepEqual(await search('windows blade', { config: 'english', type: 'plain' }), whole)
  assert.ok((await search('rubber blade', { config: 'english', type: 'phrase' })).length > 0)
  assert.ok((await search('windows or kitchen', { config: 'english', type: 'websearch' })).length > whole.length)
})

test('match, not, or and filter combine', async () => {
  const columns = 'id,status,source,priority'
  await same('leads', columns, (row) => row.status === 'converted' && row.source === 'email',
    (query) => query.match({ status: 'converted', source: 'email' }))
  await same('leads', columns, (row) => row.status !== 'lost', (query) => query.not('status', 'eq', 'lost'))
  await same('leads', columns, (row) => row.status === 'new' || (row.status === 'lost' && row.source === 'email'),
    (query) => query.or('status.eq.new,and(status.eq.lost,source.eq.email)'))
  await same('leads', columns, (row) => ['high', 'urgent'].includes(row.priority),
    (query) => query.filter('priority', 'in', '("high","urgent")'))
})

test('columns are renamed, cast and taken from JSON', async () => {
  const vault = client('vault', token('vault_app'))
  const [row] = await ok(vault.from('documents')
    .select('file:path,created_at::date,language:metadata->>language,metadata->type').eq('path', 'handbook/windows.md'))
  assert.deepEqual(Object.keys(row), ['file', 'created_at', 'language', 'type'])
  assert.match(row.created_at, /^\d{4}-\d\d-\d\d$/)
  assert.deepEqual([row.file, row.language, row.type], ['handbook/windows.md', 'en', 'procedure'])
  const english = await ok(vault.from('documents').select('id').eq('metadata->>language', 'en'))
  assert.ok(english.length > 0)
})

test('order takes several columns and a place for nulls', async () => {
  const rows = await ok(leads('id,score,estimated_value').order('score', { ascending: false, nullsFirst: false })
    .order('estimated_value', { ascending: true, nullsFirst: true }).order('id'))
  const place = (value, atStart) => (value === null ? (atStart ? -Infinity : Infinity) : value)
  const sorted = rows.toSorted((a, b) =>
    place(a.score === null ? null : -a.score, false) - place(b.score === null ? null : -b.score, false)
      || place(a.estimated_value, true) - place(b.estimated_value, true)
      || (a.id < b.id ? -1 : 1))
  assert.deepEqual(rows, sorted)
})

test('limit and range cut pages that meet without a gap', async () => {
  const all = await ok(leads('id').order('id'))
  assert.deepEqual(await ok(leads('id').order('id').limit(7)), all.slice(0, 7))
  const pages = []
  for (let from = 0; from < all.length; from += 50) pages.push(...await ok(leads('id').order('id').range(from, from + 49)))
  assert.deepEqual(pages, all)
})

test('count tells the total, beside rows, with a page and alone', async () => {
  const all = await ok(leads('id'))
  const page = await renos.from('leads').select('id', { count: 'exact' }).order('id').range(0, 9)
  assert.deepEqual([page.status, page.count, page.data.length], [206, all.length, 10])
  const whole = await renos.from('leads').select('id', { count: 'exact' })
  assert.deepEqual([whole.status, whole.count, whole.data.length], [200, all.length, all.length])
  const head = await renos.from('leads').select('*', { count: 'exact', head: true }).eq('status', 'new')
  assert.deepEqual([head.error, head.data, head.count], [null, null, (await ok(leads().eq('status', 'new'))).length])
  const estimated = await renos.from('leads').select('id', { count: 'estimated' }).limit(1)
  assert.equal(estimated.count, all.length)
  const planned = await renos.from('leads').select('id', { count: 'planned' }).limit(1)
  assert.ok(planned.count > 0, `${planned.count}`)
  await refused(renos.from('leads').select('id', { count: 'exact' }).range(5000, 5009), { status: 416, code: 'PGRST103' })
})

test('single and maybeSingle insist on one row', async () => {
  const clinic = renos.from('customers').select('name,email').eq('name', 'Nordlys Tandklinik')
  assert.deepEqual(await ok(clinic.single()), { name: 'Nordlys Tandklinik', email: 'kontakt@nordlys-tandklinik.example' })
  const none = await refused(renos.from('customers').select().eq('id', 'nobody').single(), { status: 406, code: 'PGRST116' })
  assert.equal(none.details, 'The result contains 0 rows')
  await refused(renos.from('customers').select().limit(2).single(), { status: 406, code: 'PGRST116' })
  assert.equal(await ok(renos.from('customers').select().eq('id', 'nobody').maybeSingle()), null)
  assert.equal((await ok(renos.from('customers').select().limit(1).maybeSingle())).status.length > 0, true)
})

test('csv is text with a header', async () => {
  const text = await ok(renos.from('services').select('name,price,duration').order('name').csv())
  const lines = text.split('\n')
  assert.equal(lines[0], 'name,price,duration')
  assert.equal(lines.length, 9)
  assert.ok(lines.some((line) => line.startsWith('Flytterengøring,')))
})

test('stripNulls leaves nulls out, in rows and in related rows', async () => {
  const rows = await ok(renos.from('leads').select('id,email,quotes(id,notes)').order('id').stripNulls())
  assert.ok(rows.some((row) => !('email' in row)))
  assert.ok(rows.some((row) => row.quotes.some((quote) => !('notes' in quote))))
  assert.ok(!JSON.stringify(rows).includes('null'))
  const row = await ok(renos.from('leads').select('id,email').is('email', null).limit(1).single().stripNulls())
  assert.deepEqual(Object.keys(row), ['id'])
})

test('setHeader sends a header', async () => {
  const [row] = await ok(leads('created_at').limit(1).setHeader('Prefer', 'timezone=Asia/Tokyo'))
  assert.match(row.created_at, /\+09:00$/)
})

test('explain gives the plan, as text or with every option as JSON', async () => {
  const text = await ok(leads().eq('status', 'new').explain())
  assert.match(text, /Scan .*on leads/)
  const options = { analyze: true, verbose: true, settings: true, buffers: true, wal: true, format: 'json' }
  const [{ Plan: plan, Settings: settings }] = await ok(leads().eq('status', 'new').explain(options))
  for (const key of ['Actual Rows', 'Output', 'Shared Hit Blocks', 'WAL Records']) assert.ok(key in plan, `${key} of ${Object.keys(plan)}`)
  assert.ok('search_path' in settings)
  assert.match(await ok(leads().limit(1).single().explain()), /Limit/)
})

test('geojson asks PostGIS, which is not installed', async () => {
  const error = await refused(leads().geojson(), { status: 404, code: '42883' })
  assert.match(error.message, /st_asgeojson/)
})

test('aggregates are selected, filtered and ordered by', async () => {
  const rows = await ok(leads())
  const total = (status) => rows.filter((row) => row.status === status).length
  const common = [...new Set(rows.map((row) => row.status))].filter((status) => total(status) > 10)
  const groups = await ok(leads('status,count()').gt('count()', 10).order('count()', { ascending: false }).order('status'))
  const sorted = common.toSorted((a, b) => total(b) - total(a) || (a < b ? -1 : 1))
  assert.ok(sorted.length > 1)
  assert.deepEqual(groups, sorted.map((status) => ({ status, count: total(status) })))
  const distinct = await ok(leads('status.count(distinct)').single())
  assert.equal(distinct.count, new Set(rows.map((row) => row.status)).size)
})

test('related rows are embedded: to one, to many, nested, renamed, spread, filtered, ordered and limited', async () => {
  const one = await ok(renos.from('bookings').select('id,customer:customers(name)').not('customer_id', 'is', null).limit(3))
  assert.ok(one.every((row) => typeof row.customer.name === 'string'))

  const clinic = await ok(renos.from('customers').select('name,bookings(status,breaks(reason)),invoices(total,invoice_line_items(amount))')
    .eq('name', 'Nordlys Tandklinik').single())
  assert.ok(clinic.bookings.length >= 30)
  assert.equal(clinic.invoices.length, 7)
  for (const invoice of clinic.invoices) assert.ok(Array.isArray(invoice.invoice_line_items))

  const inner = await ok(renos.from('customers').select('name,invoices!inner(status)').eq('invoices.status', 'overdue'))
  assert.ok(inner.length > 0)
  assert.ok(inner.every((row) => row.invoices.every((invoice) => invoice.status === 'overdue')))

  const newest = await ok(renos.from('customers').select('name,bookings(scheduled_at)').eq('name', 'Nordlys Tandklinik')
    .order('scheduled_at', { referencedTable: 'bookings', ascending: false }).limit(2, { referencedTable: 'bookings' }).single())
  assert.equal(newest.bookings.length, 2)
  assert.ok(newest.bookings[0].scheduled_at >= newest.bookings[1].scheduled_at)

  const second = await ok(renos.from('customers').select('bookings(scheduled_at)').eq('name', 'Nordlys Tandklinik')
    .order('scheduled_at', { referencedTable: 'bookings', ascending: false }).range(1, 1, { referencedTable: 'bookings' }).single())
  assert.deepEqual(second.bookings, newest.bookings.slice(1))

  const either = await ok(renos.from('customers').select('name,bookings(status)').eq('name', 'Nordlys Tandklinik')
    .or('status.eq.scheduled,status.eq.confirmed', { referencedTable: 'bookings' }).single())
  assert.ok(either.bookings.every(({ status }) => ['scheduled', 'confirmed'].includes(status)))

  const spread = await ok(renos.from('invoices').select('invoice_number,...customers(customer:name)').limit(1).single())
  assert.deepEqual(Object.keys(spread), ['invoice_number', 'customer'])

  const hinted = await ok(renos.from('quotes').select('total,lead:leads!quotes_lead_id_fkey(name)').limit(1).single())
  assert.deepEqual(Object.keys(hinted.lead), ['name'])

  const without = await ok(renos.from('leads').select('id,quotes(id)').is('quotes', null).limit(5))
  assert.ok(without.length > 0 && without.every((row) => row.quotes.length === 0))
})

test('mistakes are named', async () => {
  await refused(renos.from('leeds').select(), { status: 404, code: 'PGRST205' })
  await refused(renos.from('leads').select('naem'), { status: 400, code: '42703' })
  await refused(renos.from('leads').select('id,invoices(id)'), { status: 400, code: 'PGRST200' })
  await refused(renos.from('leads').select().eq('square_meters', 'many'), { status: 400, code: '22P02' })
  await refused(renos.schema('nowhere').from('leads').select(), { status: 406, code: 'PGRST106' })
  await assert.rejects(async () => renos.from('leads').select('naem').throwOnError(), { code: '42703' })
})
