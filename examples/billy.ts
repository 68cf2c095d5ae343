// An accounting connector's day: invoices are kept for a while so that Billy is asked less, each call is counted and written
// to the trail, and a limit holds however many ask at once.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { client, operations, Refused, say, token } from './service.ts'

type Copy = { organization_id: string; kind: 'invoices' | 'customers' | 'products'; billy_id: string }
type Admission = { allowed: boolean; remaining: number; limit: number; resets_at: string; retry_after_seconds?: number }

// The connector's own organisation, by its id at Billy.
const { data: organization } = await client(token('service_role')).schema('billy').from('organizations').select('id, name')
  .eq('billy_organization_id', 'fjordklar-demo').single().throwOnError()
const organization_id = organization.id

const bearer = token('billy_app', organization_id)
const billy = client(bearer).schema('billy')
const call = operations<{
  'GET /billy/organizations/{organization_id}/cache/{kind}/{billy_id}': [
    Copy,
    { hit: boolean; data?: { grossAmount: number } | null },
  ]
  'PUT /billy/organizations/{organization_id}/cache/{kind}/{billy_id}': [
    Copy & { data: object; ttl_minutes?: number },
    { expires_at: string },
  ]
  'POST /billy/organizations/{organization_id}/usage': [
    { organization_id: string; tool_name: string; success: boolean; duration_ms?: number; cache_hit?: boolean },
    { call_count: number; cache_hits: number; avg_duration_ms: number | null; cache_hit_rate: number },
  ]
  'POST /billy/organizations/{organization_id}/rate_limits/check': [
    { organization_id: string; endpoint: string; window_minutes?: number; max_requests?: number; enforce?: boolean },
    Admission,
  ]
}>(bearer)

const invoice: Copy = { organization_id, kind: 'invoices', billy_id: `inv-${randomUUID()}` }
// A tool of this run alone, so that its figures are known.
const tool = `get_invoice_${randomUUID()}`
say(`for ${organization.name}`)

/** An invoice: from the copy where there is a good one, else from Billy. */
async function get(wanted: Copy) {
  const place = '/billy/organizations/{organization_id}/cache/{kind}/{billy_id}' as const
  const copy = await call(`GET ${place}`, wanted)
  // What Billy would have answered.
  const data = copy.data ?? { grossAmount: 1422 }
  if (!copy.hit) await call(`PUT ${place}`, { ...wanted, data, ttl_minutes: 60 })
  const usage = await call('POST /billy/organizations/{organization_id}/usage', {
    organization_id, tool_name: tool, success: true, duration_ms: copy.hit ? 40 : 400, cache_hit: copy.hit,
  })
  await billy.from('audit_logs').insert({
    organization_id, tool_name: tool, action: 'read', resource_type: 'invoice', resource_id: wanted.billy_id, success: true,
  }).throwOnError()
  return { ...copy, amount: data.grossAmount, usage }
}

const missed = await get(invoice)
assert.equal(missed.hit, false)
const hit = await get(invoice)
assert.deepEqual({ hit: hit.hit, amount: hit.amount }, { hit: true, amount: 1422 })
assert.ok(hit.usage.call_count <= 2)
say(`the invoice came from Billy once, then from the copy: ${hit.amount} DKK`)

const { data: figures } = await billy.from('usage_metrics').select('call_count, cache_hits, total_duration_ms')
  .eq('tool_name', tool).throwOnError()
// The hour may have turned meanwhile.
const total = (field: 'call_count' | 'cache_hits' | 'total_duration_ms') => figures.reduce((sum, row) => sum + row[field], 0)
assert.deepEqual([total('call_count'), total('cache_hits'), total('total_duration_ms')], [2, 1, 440])
const { data: trail } = await billy.from('audit_logs').select('action, resource_id').eq('tool_name', tool)
  .order('created_at', { ascending: false }).order('id').limit(50).throwOnError()
assert.deepEqual(trail, Array(2).fill({ action: 'read', resource_id: invoice.billy_id }))
say(`${total('call_count')} calls counted, ${total('cache_hits')} of them from the copy, ${trail.length} entries in the trail`)

// Ten ask at once for the three places of a window.
const limit = { organization_id, endpoint: tool, window_minutes: 1440, max_requests: 3 }
const check = 'POST /billy/organizations/{organization_id}/rate_limits/check'
const admissions = await Promise.all(Array.from({ length: 10 }, () => call(check, limit)))
assert.equal(admissions.filter((admission) => admission.allowed).length, 3)
assert.ok(admissions.filter((admission) => !admission.allowed).every((admission) => admission.retry_after_seconds! >= 0))
say('of ten callers at once three were admitted')
await assert.rejects(
  call(check, { ...limit, enforce: true }),
  (refused) => refused instanceof Refused && refused.status === 429 && Number(refused.retryAfter) >= 0,
)
say('the next one is told to come back later')

const { data: other } = await client(token('service_role')).schema('billy').from('organizations').select('id')
  .eq('billy_organization_id', 'test-org-123').single().throwOnError()
await assert.rejects(
  call(check, { ...limit, organization_id: other.id }),
  (refused) => refused instanceof Refused && refused.status === 404,
)
say('another organisation is not there for it')
