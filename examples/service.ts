// What the examples share: who calls, clients of the tables, and calls of operations.

import { execFileSync } from 'node:child_process'
import { createClient } from '@supabase/supabase-js'
import type { Database } from './database.ts'

type Schemas = Omit<Database, '__InternalSupabase'>

/** A row of a table, as the database has it. */
export type Row<Schema extends keyof Schemas, Table extends keyof Schemas[Schema]['Tables']> =
  Schemas[Schema]['Tables'][Table] extends { Row: infer Row } ? Row : never

const url = process.env['TEKUP_URL'] ?? 'http://localhost:8080'

/** A token for a role, of an organisation where its rows belong to one. A backend is given its own by those who run the service. */
export function token(role: string, organisation?: string): string {
  const options = ['token', '--role', role, ...(organisation ? ['--org', organisation] : [])]
  return execFileSync(process.env['TEKUP_DB'] ?? 'tekup-db', options, { encoding: 'utf8' }).trim()
}

/** An unmodified supabase-js client, which speaks to vault unless told another schema: client(bearer).schema('renos'). */
export function client(bearer: string) {
  return createClient<Database, 'vault'>(url, 'no-key', {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { headers: { Authorization: `Bearer ${bearer}` } },
    db: { schema: 'vault' },
  })
}

type Problem = { code: string; message: string; details: unknown }

/** What a refused call says. */
export class Refused extends Error {
  status: number
  code: string
  details: unknown
  retryAfter: string | null

  constructor(answer: Response, problem: Problem) {
    super(problem.message)
    this.status = answer.status
    this.code = problem.code
    this.details = problem.details
    this.retryAfter = answer.headers.get('Retry-After')
  }
}

/** What operations take and answer, by method and path: { 'POST /renos/bookings/{id}/start_timer': [Input, Answer] }. */
type Operations<Known> = { [Name in keyof Known]: [input: object, answer: unknown] }

/** Calls operations. With a key of yours a call may be repeated: it is done once. */
export function operations<Known extends Operations<Known>>(bearer: string) {
  type Names = keyof Known & string
  return async <Name extends Names>(name: Name, input: Known[Name][0], key?: string): Promise<Known[Name][1]> => {
    const [method, path] = name.split(' ') as [string, string]
    const rest = new Map<string, unknown>(Object.entries(input))
    // What the path names goes there, and nowhere else.
    const place = path.replace(/\{(\w+)\}/g, (_, field: string) => {
      const value = encodeURIComponent(String(rest.get(field)))
      rest.delete(field)
      return value
    })
    const headers = new Headers({ Authorization: `Bearer ${bearer}` })
    if (key) headers.set('Idempotency-Key', key)
    const request: RequestInit = { method, headers }
    let query = ''
    if (method === 'GET' || method === 'DELETE') {
      query = `?${new URLSearchParams([...rest].map(([field, value]): [string, string] => [field, String(value)]))}`
    } else {
      headers.set('Content-Type', 'application/json')
      request.body = JSON.stringify(Object.fromEntries(rest))
    }
    const answer = await fetch(url + place + query, request)
    const body: unknown = answer.status === 204 ? undefined : await answer.json()
    if (!answer.ok) throw new Refused(answer, body as Problem)
    return body as Known[Name][1]
  }
}

/** Prints a step of the day. */
export const say = (text: string) => console.log(`  ${text}`)
