// Who calls: unmodified supabase-js clients with tokens that the service minted. `tests/with-service` gives TEKUP_URL,
// TEKUP_DB and JWT_SECRET.

import { execFileSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { createClient } from '@supabase/supabase-js'
import { record } from './calls.mjs'

if (process.env.CALLS) record(process.env.CALLS)

export const url = process.env.TEKUP_URL ?? assert.fail('TEKUP_URL is not set: run this through tests/with-service')

/** A token: token('crm_app', { org, sub }). */
export function token(role, { org, sub } = {}) {
  const options = ['--role', role]
  if (org) options.push('--org', org)
  if (sub) options.push('--sub', sub)
  return execFileSync(process.env.TEKUP_DB, ['token', ...options], { encoding: 'utf8' }).trim()
}

/** A supabase-js client that sends `bearer` and speaks to one schema. */
export function client(schema, bearer) {
  return createClient(url, 'no-key', {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { Authorization: `Bearer ${bearer}` } },
    db: { schema },
  })
}

/** The answer's data; fails where there is an error. */
export async function ok(query) {
  const answer = await query
  assert.equal(answer.error, null, `unexpected error: ${JSON.stringify(answer.error)}`)
  return answer.data
}

/** The answer's error with its status; fails where there is none. */
export async function refused(query, { status, code }) {
  const answer = await query
  assert.notEqual(answer.error, null, `expected ${code}, got ${JSON.stringify(answer.data)?.slice(0, 200)}`)
  assert.deepEqual({ status: answer.status, code: answer.error.code }, { status, code }, JSON.stringify(answer.error))
  return answer.error
}

/** The organisations of the sample data by their short name. */
export async function tenants() {
  const rows = await ok(client('crm', token('service_role')).from('tenants').select('id,slug'))
  return Object.fromEntries(rows.map((row) => [row.slug, row.id]))
}
