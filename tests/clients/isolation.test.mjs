// Two organisations with the same role never see, change or reach each other's rows, however they ask.

import { before, test } from 'node:test'
import assert from 'node:assert/strict'
import { client, ok, refused, tenants, token } from './callers.mjs'

// Every table with an organisation, and the roles that may come for one.
const tables = {
  crm: ['tenants', 'users', 'companies', 'contacts', 'deals', 'deal_products', 'activities', 'emails', 'tasks', 'cleaning_jobs', 'metrics'],
  flow: ['leads', 'sms_tracking'],
}
const everything = Object.entries(tables).flatMap(([schema, names]) => names.map((table) => ({ schema, table })))
const scope = (table) => (table === 'tenants' ? 'id' : 'tenant_id')
const role = (schema) => `${schema}_app`

let organisations
let service

/** A client of one organisation. */
const caller = (schema, slug) => client(schema, token(role(schema), { org: organisations[slug] }))

/** The rows that an organisation has, as a trusted backend counts them. */
const owned = (schema, table, slug) => ok(service.schema(schema).from(table).select().eq(scope(table), organisations[slug]).order('id'))

before(async () => {
  organisations = await tenants()
  service = client('crm', token('service_role'))
})

test('each organisation reads its own rows, all of them and no others', async () => {
  for (const { schema, table } of everything) {
    for (const slug of ['fjordklar', 'ostby-service']) {
      const own = await owned(schema, table, slug)
      assert.ok(own.length > 0, `${schema}.${table} has rows of ${slug}`)
      const seen = await caller(schema, slug).from(table).select('*', { count: 'exact' }).order('id')
      assert.equal(seen.error, null, JSON.stringify(seen.error))
      assert.equal(seen.count, own.length, `${schema}.${table} for ${slug}`)
      assert.deepEqual(seen.data, own)
    }
  }
})

test('a foreign row does not exist: not by id, by filter, by count, alone or embedded', async () => {
  for (const { schema, table } of everything) {
    const [foreign] = await owned(schema, table, 'ostby-service')
    const from = () => caller(schema, 'fjordklar').from(table)
    assert.deepEqual(await ok(from().select().eq('id', foreign.id)), [])
    assert.deepEqual(await ok(from().select().eq(scope(table), organisations['ostby-service'])), [])
    await refused(from().select().eq('id', foreign.id).single(), { status: 406, code: 'PGRST116' })
    const head = await from().select('*', { count: 'exact', head: true }).or(`id.eq.${foreign.id},${scope(table)}.eq.${organisations['ostby-service']}`)
    assert.equal(head.count, 0, `${schema}.${table}`)
  }
  const related = await ok(caller('crm', 'fjordklar').from('companies').select('tenant_id,contacts(tenant_id),deals(tenant_id,deal_products(tenant_id))'))
  const seen = new Set(JSON.stringify(related).match(/[0-9a-f-]{36}/g))
  assert.deepEqual([...seen], [organisations.fjordklar])
})

test('a foreign row is not changed or removed', async () => {
  for (const { schema, table } of everything.filter(({ table }) => table !== 'tenants')) {
    const [foreign] = await owned(schema, table, 'ostby-service')
    const from = () => caller(schema, 'fjordklar').from(table)
    const column = 'created_at'
    const changed = await from().update({ [column]: '2000-01-01' }, { count: 'exact' }).eq('id', foreign.id)
    const removed = await from().delete({ count: 'exact' }).eq('id', foreign.id)
    for (const answer of [changed, removed]) {
      // No right to the command at all is as good an answer as no row.
      if (answer.error) assert.equal(answer.error.code, '42501', `${schema}.${table}: ${JSON.stringify(answer.error)}`)
      else assert.equal(answer.count, 0, `${schema}.${table}`)
    }
    const after = await ok(service.schema(schema).from(table).select().eq('id', foreign.id).single())
    assert.deepEqual(after, foreign, `${schema}.${table}`)
  }
})

test('a row is neither made in nor moved to another organisation', async () => {
  const crm = caller('crm', 'fjordklar')
  const name = `moved-${Date.now()}`
  await refused(crm.from('companies').insert({ name, tenant_id: organisations['ostby-service'] }), { status: 403, code: '42501' })
  const own = await ok(crm.from('companies').insert({ name }).select('id,tenant_id').single())
  assert.equal(own.tenant_id, organisations.fjordklar)
  await refused(crm.from('companies').update({ tenant_id: organisations['ostby-service'] }).eq('id', own.id), { status: 403, code: '42501' })
  const [foreign] = await owned('crm', 'companies', 'ostby-service')
  await refused(crm.from('companies').upsert({ id: foreign.id, name }), { status: 403, code: '42501' })
  await refused(crm.from('contacts').insert({ first_name: 'A', last_name: 'B', company_id: foreign.id }), { status: 403, code: '42501' })
  assert.deepEqual(await ok(service.from('companies').select('id').eq('name', name).eq('tenant_id', organisations['ostby-service'])), [])
  await ok(crm.from('companies').delete().eq('id', own.id))
})

test('without an organisation, or with one that is none, there are no rows', async () => {
  for (const org of [undefined, 'no-uuid', '00000000-0000-0000-0000-000000000000']) {
    const crm = client('crm', token('crm_app', { org }))
    for (const table of tables.crm) assert.deepEqual(await ok(crm.from(table).select().limit(1)), [], `${table} for ${org}`)
  }
})

test('a role has its own schemas alone', async () => {
  const crm = caller('crm', 'fjordklar')
  await refused(crm.schema('renos').from('leads').select(), { status: 403, code: '42501' })
  await refused(crm.schema('flow').from('workflows').select(), { status: 403, code: '42501' })
})

test('nobody gets nothing: without a token, with a foreign key, with a role that is none', async () => {
  const anonymous = await fetch(`${process.env.TEKUP_URL}/crm/tenants`)
  assert.equal(anonymous.status, 401)
  assert.equal((await anonymous.json()).code, '42501')
  const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
  const claims = Buffer.from('{"role":"service_role"}').toString('base64url')
  for (const signature of ['', 'c2lnbmF0dXJl']) {
    const forged = client('crm', `${header}.${claims}.${signature}`)
    const answer = await forged.from('tenants').select()
    assert.equal(answer.status, 401, JSON.stringify(answer.error))
  }
  const unknown = await client('crm', token('postgres')).from('tenants').select()
  assert.equal(unknown.status, 403, JSON.stringify(unknown.error))
})

test('many callers at once see their own rows each', async () => {
  const callers = ['fjordklar', 'ostby-service'].map((slug) => ({ slug, crm: caller('crm', slug) }))
  const rounds = Array.from({ length: 100 }, (_, round) => callers[round % 2])
  const answers = await Promise.all(rounds.map(({ crm }) => crm.from('contacts').select('tenant_id')))
  answers.forEach((answer, round) => {
    assert.equal(answer.error, null, JSON.stringify(answer.error))
    assert.deepEqual([...new Set(answer.data.map((row) => row.tenant_id))], [organisations[rounds[round].slug]])
  })
})
