// A cleaning company's day: somebody asks, becomes a customer, the job is planned and done by the timer, and the invoice is
// paid.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { client, operations, Refused, say, token, type Row } from './service.ts'

type Plan = Row<'renos', 'cleaning_plans'> & { cleaning_tasks: Row<'renos', 'cleaning_tasks'>[] }
type Invoice = Row<'renos', 'invoices'> & { invoice_line_items: Row<'renos', 'invoice_line_items'>[] }

const bearer = token('renos_app')
const renos = client(bearer).schema('renos')
const call = operations<{
  'POST /renos/leads/{id}/enrich': [
    { id: string; company_name?: string; industry?: string; estimated_value?: number },
    Row<'renos', 'leads'>,
  ]
  'POST /renos/leads/{id}/score': [
    { id: string; score: number; priority: 'low' | 'medium' | 'high' | 'urgent'; metadata?: object },
    Row<'renos', 'leads'>,
  ]
  'POST /renos/cleaning_plans/compose': [
    {
      customer_id: string; name: string; service_type: string; frequency?: string
      tasks: { name: string; category: string; estimated_time?: number }[]
    },
    Plan,
  ]
  'POST /renos/bookings/{id}/start_timer': [{ id: string }, Row<'renos', 'bookings'>]
  'POST /renos/bookings/{id}/breaks': [{ id: string; reason?: string }, Row<'renos', 'breaks'>]
  'POST /renos/breaks/{id}/end': [{ id: string }, Row<'renos', 'breaks'>]
  'POST /renos/bookings/{id}/stop_timer': [{ id: string; time_notes?: string }, Row<'renos', 'bookings'>]
  'POST /renos/invoices/issue': [
    { customer_id: string; booking_id?: string; line_items: { description: string; quantity: number; unit_price: number }[] },
    Invoice,
  ]
  'POST /renos/invoices/{id}/mark_paid': [
    { id: string; payment_method: string; paid_amount?: number; payment_ref?: string; force?: boolean },
    Row<'renos', 'invoices'>,
  ]
}>(bearer)

const email = `ida-${randomUUID()}@kvist.example`

// The enquiry, with the key of the message: the mailbox may hand it over twice.
const enquiry = {
  source: 'website_form', name: 'Ida Kvist', email, phone: '+45 00 11 22 33', address: 'Møllestien 907, 8000 Aarhus C',
  square_meters: 95, task_type: 'Fast rengøring', idempotency_key: `form:${email}`,
}
for (const _ of [1, 2]) {
  await renos.from('leads').upsert(enquiry, { onConflict: 'idempotency_key', ignoreDuplicates: true }).throwOnError()
}
const { data: leads } = await renos.from('leads').select('id, status, priority').eq('email', email).throwOnError()
assert.equal(leads.length, 1)
const lead = leads[0]!
assert.deepEqual([lead.status, lead.priority], ['new', 'medium'])
say('an enquiry came in twice and is one lead')

await call('POST /renos/leads/{id}/enrich', { id: lead.id, estimated_value: 18000 })
const scored = await call('POST /renos/leads/{id}/score', { id: lead.id, score: 82, priority: 'high', metadata: { value: 25 } })
assert.deepEqual([scored.score, scored.priority, scored.estimated_value], [82, 'high', 18000])
say(`it scores ${scored.score}, priority ${scored.priority}`)

const { data: customer } = await renos.from('customers')
  .insert({ name: enquiry.name, email, phone: enquiry.phone, address: enquiry.address, tags: ['fast'] })
  .select('id').single().throwOnError()
await renos.from('leads').update({ customer_id: customer.id }).eq('id', lead.id).throwOnError()
const plan = await call('POST /renos/cleaning_plans/compose', {
  customer_id: customer.id, name: 'Fast rengøring', service_type: 'Fast Rengøring', frequency: 'biweekly',
  tasks: [
    { name: 'Støvsugning og gulvvask', category: 'Cleaning', estimated_time: 60 },
    { name: 'Køkken', category: 'Kitchen', estimated_time: 45 },
    { name: 'Badeværelse', category: 'Bathroom', estimated_time: 45 },
    { name: 'Vinduer', category: 'Windows', estimated_time: 30 },
  ],
})
assert.equal(plan.estimated_duration, 180)
say(`a customer with a plan of ${plan.cleaning_tasks.length} tasks, ${plan.estimated_duration} minutes`)

const { data: booking } = await renos.from('bookings')
  .insert({
    customer_id: customer.id, lead_id: lead.id, service_type: plan.service_type, address: enquiry.address,
    scheduled_at: new Date().toISOString(), estimated_duration: plan.estimated_duration,
  })
  .select('id, status, timer_status').single().throwOnError()
assert.deepEqual([booking.status, booking.timer_status], ['scheduled', 'not_started'])

// Both cleaners press the button.
const start = 'POST /renos/bookings/{id}/start_timer'
const starts = await Promise.allSettled([call(start, { id: booking.id }), call(start, { id: booking.id })])
const late = starts.find((settled) => settled.status === 'rejected')?.reason
assert.equal(starts.filter((settled) => settled.status === 'fulfilled').length, 1)
assert.ok(late instanceof Refused && late.code === 'operation.invalid_state')
say('the timer runs; the second press is refused')
const pause = await call('POST /renos/bookings/{id}/breaks', { id: booking.id, reason: 'lunch' })
const ended = await call('POST /renos/breaks/{id}/end', { id: pause.id })
assert.equal(ended.duration, 0)
const done = await call('POST /renos/bookings/{id}/stop_timer', { id: booking.id, time_notes: 'Ovnen tog tid' })
assert.deepEqual([done.status, done.timer_status, done.actual_duration], ['completed', 'completed', 0])
assert.equal(done.time_variance, -180)
say(`the job is ${done.status}: ${done.actual_duration} minutes of ${done.estimated_duration}, this being an example`)

// Whatever becomes of the answer: the key makes it one invoice.
const bill = {
  customer_id: customer.id, booking_id: booking.id,
  line_items: [
    { description: 'Fast rengøring, timer', quantity: 3, unit_price: 279.2 },
    { description: 'Vinduespudsning, pr. rude', quantity: 12, unit_price: 25 },
  ],
}
const invoice = await call('POST /renos/invoices/issue', bill, `invoice:${booking.id}`)
const again = await call('POST /renos/invoices/issue', bill, `invoice:${booking.id}`)
assert.equal(again.id, invoice.id)
assert.deepEqual([invoice.subtotal, invoice.vat_amount, invoice.total], [1137.6, 284.4, 1422])
assert.match(invoice.invoice_number, /^INV-\d{4}-\d{3,}$/)
say(`invoice ${invoice.invoice_number} over ${invoice.total} DKK, VAT ${invoice.vat_amount} DKK`)

// It never left the house, so paying it has to be meant.
const pay = 'POST /renos/invoices/{id}/mark_paid'
await assert.rejects(
  call(pay, { id: invoice.id, payment_method: 'mobilepay' }),
  (refused) => refused instanceof Refused && refused.code === 'operation.invalid_state',
)
const part = await call(pay, { id: invoice.id, payment_method: 'mobilepay', paid_amount: 1000, payment_ref: 'MP-1', force: true })
assert.deepEqual([part.status, part.paid_amount], ['draft', 1000])
const paid = await call(pay, { id: invoice.id, payment_method: 'mobilepay', payment_ref: 'MP-2', force: true })
assert.deepEqual([paid.status, paid.paid_amount], ['paid', 1422])
say('paid in two parts')

const { data: figures } = await renos.from('customers')
  .select('name, total_leads, total_bookings, total_revenue, bookings(status), invoices(status)')
  .eq('email', email).single().throwOnError()
assert.deepEqual(figures, {
  name: 'Ida Kvist', total_leads: 1, total_bookings: 1, total_revenue: 1422,
  bookings: [{ status: 'completed' }], invoices: [{ status: 'paid' }],
})
say(`${figures.name}: ${figures.total_bookings} booking, ${figures.total_revenue} DKK`)
