// A seller's day: a company and a contact, a deal that moves along the pipeline, mails and calls on the way, and the deal is
// won.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { client, operations, Refused, say, token, type Row } from './service.ts'

type Stage = 'qualification' | 'proposal' | 'negotiation'

// The tenant and its seller.
const service = client(token('service_role')).schema('crm')
const { data: tenant } = await service.from('tenants').select('id, name, users(id, name, role)').eq('slug', 'fjordklar')
  .eq('users.role', 'tenant_admin').single().throwOnError()
const seller = tenant.users[0] ?? assert.fail('the tenant has no admin')

const bearer = token('crm_app', tenant.id)
const crm = client(bearer).schema('crm')
const call = operations<{
  'GET /crm/contacts/by_email': [
    { email: string },
    Row<'crm', 'contacts'> & { deals: Row<'crm', 'deals'>[]; activities: Row<'crm', 'activities'>[] },
  ]
  'POST /crm/deals/{id}/move': [{ id: string; stage: Stage }, Row<'crm', 'deals'>]
  'POST /crm/deals/{id}/products': [
    { id: string; product_name: string; quantity: number; unit_price: number; discount?: number; update_deal_value?: boolean },
    Row<'crm', 'deal_products'>,
  ]
  'POST /crm/deals/{id}/close': [{ id: string; won: boolean; reason?: string }, Row<'crm', 'deals'>]
  'POST /crm/emails/log': [
    {
      direction: 'inbound' | 'outbound'; from: string; to: string[]; subject: string; body: string
      contact_id?: string; external_id?: string
    },
    Row<'crm', 'emails'>,
  ]
  'POST /crm/emails/{id}/opened': [{ id: string }, Row<'crm', 'emails'>]
  'POST /crm/emails/{id}/clicked': [{ id: string }, Row<'crm', 'emails'>]
  'POST /crm/tasks/{id}/complete': [{ id: string }, Row<'crm', 'tasks'>]
  'POST /crm/metrics/track': [{ metric: string; value: number; mode?: 'set' | 'add' }, Row<'crm', 'metrics'>]
  'GET /crm/pipeline_metrics': [{ owner: string; currency?: string }, { total_value: number; open_value: number }]
}>(bearer)

// Of this run alone, so that its figures are known.
const owner = `example-${randomUUID()}`
const email = `${owner}@bryggeriet-humle.example`
say(`${seller.name} sells for ${tenant.name}`)

const { data: company } = await crm.from('companies').insert({ name: 'Bryggeriet Humle', industry: 'bryggeri', owner })
  .select('id').single().throwOnError()
const { data: contact } = await crm.from('contacts')
  .insert({ first_name: 'Freja', last_name: 'Toft', email, company_id: company.id, owner, source: 'referral' })
  .select('id').single().throwOnError()
const { data: deal } = await crm.from('deals')
  .insert({ title: 'Ugentlig rengøring', value: 60000, owner, contact_id: contact.id, company_id: company.id, probability: 30 })
  .select('id, stage, status').single().throwOnError()
assert.deepEqual([deal.stage, deal.status], ['qualification', 'open'])
say('a company, a contact, a deal in qualification')

await crm.from('activities').insert({
  type: 'call', owner, subject: 'Første samtale', contact_id: contact.id, company_id: company.id, deal_id: deal.id,
  duration_minutes: 12, outcome: 'successful', occurred_at: '2026-01-05T10:30:00+01:00',
}).throwOnError()
const { data: called } = await crm.from('companies').select('last_contact_at').eq('id', company.id).single().throwOnError()
assert.equal(Date.parse(called.last_contact_at ?? ''), Date.parse('2026-01-05T10:30:00+01:00'))
say('a call was made; the company knows when')

await call('POST /crm/deals/{id}/move', { id: deal.id, stage: 'proposal' })
const line = await call('POST /crm/deals/{id}/products', {
  id: deal.id, product_name: 'Kontorrengøring, ugentlig', quantity: 52, unit_price: 1450, discount: 10, update_deal_value: true,
})
assert.equal(line.total, 67860)
say(`offered: 52 weeks less 10 percent, ${line.total} DKK`)

const mail = {
  direction: 'outbound' as const, from: 'salg@fjordklar.example', to: [email], subject: 'Tilbud', body: 'Her er vores tilbud.',
  contact_id: contact.id, external_id: `msg-${owner}`,
}
const sent = await call('POST /crm/emails/log', mail)
assert.equal((await call('POST /crm/emails/log', mail)).id, sent.id)
assert.equal((await call('POST /crm/emails/{id}/opened', { id: sent.id })).status, 'opened')
assert.equal((await call('POST /crm/emails/{id}/clicked', { id: sent.id })).status, 'clicked')
say('the mail was logged once, opened and clicked')

const { data: task } = await crm.from('tasks')
  .insert({ title: 'Ring om kontrakten', assigned_to: owner, contact_id: contact.id, priority: 'high' })
  .select('id').single().throwOnError()
const ticked = await call('POST /crm/tasks/{id}/complete', { id: task.id })
assert.equal(ticked.status, 'done')
assert.ok(ticked.completed_at)
say('the to-do is done')

await call('POST /crm/deals/{id}/move', { id: deal.id, stage: 'negotiation' })
const before = await call('GET /crm/pipeline_metrics', { owner, currency: 'DKK' })
assert.equal(before.open_value, 67860)

// Two close it: it is closed once.
const close = 'POST /crm/deals/{id}/close'
const closings = await Promise.allSettled([call(close, { id: deal.id, won: true }), call(close, { id: deal.id, won: true })])
const refused = closings.find((settled) => settled.status === 'rejected')?.reason
assert.equal(closings.filter((settled) => settled.status === 'fulfilled').length, 1)
assert.ok(refused instanceof Refused && refused.status === 409)
await assert.rejects(
  call('POST /crm/deals/{id}/move', { id: deal.id, stage: 'proposal' }),
  (late) => late instanceof Refused && late.code === 'operation.invalid_state',
)
const after = await call('GET /crm/pipeline_metrics', { owner, currency: 'DKK' })
assert.deepEqual([after.open_value, after.total_value], [0, 67860])
say('won, once, and it moves no more')

await Promise.all(Array.from({ length: 5 }, () => call('POST /crm/metrics/track', { metric: owner, value: 1, mode: 'add' })))
const { data: figures } = await crm.from('metrics').select('value').eq('metric', owner).throwOnError()
assert.equal(figures.reduce((sum, figure) => sum + figure.value, 0), 5)

const freja = await call('GET /crm/contacts/by_email', { email: email.toUpperCase() })
assert.deepEqual([freja.id, freja.deals.length, freja.deals[0]?.stage, freja.activities.length], [contact.id, 1, 'closed_won', 1])
const { data: pipeline } = await crm.from('deals')
  .select('title, value, stage, contacts(last_name), companies(name), deal_products(quantity, total)')
  .eq('owner', owner).order('created_at', { ascending: false }).order('id').throwOnError()
assert.deepEqual(pipeline, [{
  title: 'Ugentlig rengøring', value: 67860, stage: 'closed_won',
  contacts: { last_name: 'Toft' }, companies: { name: 'Bryggeriet Humle' },
  deal_products: [{ quantity: 52, total: 67860 }],
}])
say(`${pipeline[0]!.companies!.name}: ${pipeline[0]!.value} DKK, ${pipeline[0]!.stage}`)
