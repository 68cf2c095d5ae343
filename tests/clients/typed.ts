// A program of supabase-js with the types that `tekup-db types typescript` prints. It is compiled, never run: each line
// below a mark must be refused.

import { createClient } from '@supabase/supabase-js'
import type { Database } from 'database'

/** Accepts a value of exactly that type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? A : never
const exactly = <Wanted>() => <Found>(_value: Found & Same<Found, Wanted>) => {}

const renos = createClient<Database, 'renos'>('http://localhost', 'key', { db: { schema: 'renos' } })
const vault = renos.schema('vault')
const samples = renos.schema('samples')

export async function selects() {
  const { data: leads } = await renos.from('leads').select('id, name, rooms, preferred_dates, score_metadata').throwOnError()
  exactly<string>()(leads[0].id)
  exactly<string | null>()(leads[0].name)
  exactly<number | null>()(leads[0].rooms)
  exactly<string[]>()(leads[0].preferred_dates)
  // @ts-expect-error -- not selected
  leads[0].email
  const { data: misspelt } = await renos.from('leads').select('id, nmae').throwOnError()
  // @ts-expect-error -- no such column
  misspelt[0].id
  // @ts-expect-error -- no such table
  renos.from('lead')
  // @ts-expect-error -- a table of another schema
  renos.from('documents')
  // @ts-expect-error -- a number is compared with a number
  renos.from('leads').select('id').eq('rooms', 'three')
}

export async function embeds() {
  const { data: booking } = await renos.from('bookings').select('id, customers(name, email), leads!inner(id)').limit(1).single().throwOnError()
  exactly<{ name: string; email: string | null } | null>()(booking.customers)
  exactly<string>()(booking.leads.id)
  const { data: customer } = await renos.from('customers').select('name, bookings(id, scheduled_at)').limit(1).single().throwOnError()
  exactly<{ id: string; scheduled_at: string }[]>()(customer.bookings)
  const { data: document } = await vault.from('documents').select('path, embeddings(embedding)').limit(1).single().throwOnError()
  exactly<{ embedding: string } | null>()(document.embeddings)
  const { data: unlinked } = await vault.from('documents').select('path, sync_status(id)').limit(1).single().throwOnError()
  // @ts-expect-error -- no foreign key leads there
  unlinked.sync_status[0].id
}

export async function writes() {
  await renos.from('customers').insert({ name: 'Ann', email: null, tags: ['new'], total_leads: 1 })
  await renos.from('customers').insert([{ name: 'Ann' }, { name: 'Bob' }]).select('id').throwOnError()
  // @ts-expect-error -- a name is required
  await renos.from('customers').insert({ email: 'ann@example.com' })
  // @ts-expect-error -- not null
  await renos.from('customers').insert({ name: null })
  // @ts-expect-error -- no such column
  await renos.from('customers').insert({ name: 'Ann', nickname: 'A' })
  await renos.from('customers').update({ email: 'ann@example.com' }).eq('id', '1').maxAffected(1)
  // @ts-expect-error -- a number
  await renos.from('customers').update({ total_leads: 'many' }).eq('id', '1')
  // @ts-expect-error -- generated
  await vault.from('documents').update({ content_md5: 'x' }).eq('id', '1')
  await samples.from('boxes').insert({ span: 1, size: 'large', sizes: ['small'] })
  // @ts-expect-error -- no label of the enum
  await samples.from('boxes').insert({ span: 1, size: 'huge' })
  // @ts-expect-error -- always generated
  await samples.from('boxes').insert({ id: 1, span: 1 })
  // @ts-expect-error -- a view that nothing can be written to
  await samples.from('small_boxes').insert({ span: 1 })
}

export async function calls() {
  const { data: found } = await vault.rpc('match_documents', { query_embedding: '[1]', match_count: 3 }).throwOnError()
  exactly<string | null>()(found[0].path)
  exactly<number | null>()(found[0].similarity)
  // @ts-expect-error -- the vector is required
  await vault.rpc('match_documents', { match_count: 3 })
  // @ts-expect-error -- no such function
  await vault.rpc('match_document', { query_embedding: '[1]' })
  const { data: sum } = await samples.rpc('sum_of', { numbers: [1, 2] }).throwOnError()
  exactly<number>()(sum)
  const { data: spans } = await samples.rpc('rename', { suffix: 'x' }).select('id, boxes(id)').throwOnError()
  exactly<{ id: number }[]>()(spans[0].boxes)
}

export async function beyondTables() {
  const { data: box } = await samples.from('boxes').select('size, sizes, corner, label, spans(name)').limit(1).single().throwOnError()
  exactly<'small' | 'large'>()(box.size)
  exactly<('small' | 'large')[] | null>()(box.sizes)
  exactly<{ x: number | null; y: number | null } | null>()(box.corner)
  exactly<string | null>()(box.label)
  exactly<{ name: string }>()(box.spans)
  const { data: whole } = await samples.from('boxes').select().limit(1).single().throwOnError()
  // @ts-expect-error -- a computed field is none of those that * means
  whole.label
  const { data: view } = await samples.from('small_boxes').select('id, spans(name)').limit(1).single().throwOnError()
  exactly<number | null>()(view.id)
  exactly<{ name: string } | null>()(view.spans)
  const { data: span } = await samples.from('spans').select('boxes_of(size)').limit(1).single().throwOnError()
  exactly<{ size: 'small' | 'large' }[]>()(span.boxes_of)
}
