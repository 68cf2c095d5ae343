// A workflow engine's day: a workflow is made and switched on, gets its values and a schedule, and runs once, with a step that
// has to be tried again.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { client, operations, Refused, say, token, type Row } from './service.ts'

type Workflow = Row<'flow', 'workflows'>
type Run = Row<'flow', 'executions'>
type Step = Row<'flow', 'execution_steps'>

const bearer = token('flow_app')
const flow = client(bearer).schema('flow')
const call = operations<{
  'POST /flow/workflows/{id}/activate': [{ id: string }, Workflow]
  'POST /flow/workflows/{id}/execute': [{ id: string; input?: object; triggered_by?: string }, Run]
  'POST /flow/workflows/{id}/archive': [{ id: string }, Workflow]
  'POST /flow/variables/set': [
    { key: string; value: string; type?: 'string' | 'number' | 'boolean' | 'json'; workflow_id?: string },
    { id: string },
  ]
  'GET /flow/variables/value': [
    { key: string; workflow_id: string; fallback?: boolean },
    { key: string; value: string | null; workflow_id: string | null },
  ]
  'POST /flow/schedules/plan': [
    { workflow_id: string; name: string; cron_expression?: string; interval_minutes?: number; timezone?: string; max_runs?: number },
    Row<'flow', 'schedules'>,
  ]
  'POST /flow/schedules/{id}/ran': [{ id: string }, Row<'flow', 'schedules'>]
  'POST /flow/executions/{id}/steps': [{ id: string; step_id: string; step_name: string; step_type: string; input?: object }, Step]
  'POST /flow/execution_steps/{id}/complete': [{ id: string; output?: object; error?: string }, Step]
  'POST /flow/executions/{id}/complete': [{ id: string; output?: object; error?: string }, Run]
}>(bearer)

const { data: workflow } = await flow.from('workflows').insert({
  name: 'Tak for besøget', owner: 'examples', trigger: { type: 'event', event: 'booking.completed' },
  nodes: [
    { id: 'start', type: 'trigger', name: 'Besøg slut' },
    { id: 'skriv', type: 'action', name: 'Skriv tak' },
    { id: 'send', type: 'action', name: 'Send tak' },
  ],
  edges: [{ from: 'start', to: 'skriv' }, { from: 'skriv', to: 'send' }],
}).select('id, status').single().throwOnError()
const execute = 'POST /flow/workflows/{id}/execute'
await assert.rejects(
  call(execute, { id: workflow.id }),
  (refused) => refused instanceof Refused && refused.code === 'operation.invalid_state',
)
await call('POST /flow/workflows/{id}/activate', { id: workflow.id })
say(`a workflow: ${workflow.status}, then active`)

const key = `sender_${randomUUID().replaceAll('-', '')}`
await call('POST /flow/variables/set', { key, value: 'Fjordklar Rengøring' })
await call('POST /flow/variables/set', { key, value: 'Fjordklar, driften', workflow_id: workflow.id })
const value = await call('GET /flow/variables/value', { key, workflow_id: workflow.id })
assert.equal(value.value, 'Fjordklar, driften')
say(`its own value goes before the global one: ${value.value}`)

const schedule = await call('POST /flow/schedules/plan', {
  workflow_id: workflow.id, name: 'Hver morgen', cron_expression: '0 6 * * *', timezone: 'Europe/Copenhagen', max_runs: 1,
})
assert.ok(Date.parse(schedule.next_run ?? '') > Date.now())
const clock = new Intl.DateTimeFormat('da', { timeZone: 'Europe/Copenhagen', hour: '2-digit', minute: '2-digit' })
assert.equal(clock.format(new Date(schedule.next_run!)), '06.00')
say(`it runs at ${clock.format(new Date(schedule.next_run!))}, Danish time`)

const run = await call(execute, { id: workflow.id, input: { booking: 'B-1' }, triggered_by: 'event' })
assert.equal(run.status, 'running')

/** One step of the run: begun, and ended with what came of it. */
async function step(step_id: string, step_name: string, outcome: { output?: object; error?: string }) {
  const begun = await call('POST /flow/executions/{id}/steps', { id: run.id, step_id, step_name, step_type: 'action' })
  await flow.from('execution_logs').insert({ execution_id: run.id, level: 'info', message: `${step_name} begyndt`, step_id }).throwOnError()
  const ended = await call('POST /flow/execution_steps/{id}/complete', { id: begun.id, ...outcome })
  if (outcome.error) {
    await flow.from('execution_logs').insert({ execution_id: run.id, level: 'error', message: outcome.error, step_id }).throwOnError()
  }
  return ended
}

assert.equal((await step('skriv', 'Skriv tak', { output: { words: 42 } })).status, 'completed')
assert.equal((await step('send', 'Send tak', { error: 'Tjenesten svarede 503' })).status, 'failed')
assert.equal((await step('send', 'Send tak', { output: { sent: true } })).attempt_number, 2)
const done = await call('POST /flow/executions/{id}/complete', { id: run.id, output: { sent: true } })
assert.deepEqual([done.status, done.completed_steps, done.failed_step], ['completed', ['skriv', 'send'], null])
await assert.rejects(
  call('POST /flow/executions/{id}/complete', { id: run.id }),
  (refused) => refused instanceof Refused && refused.code === 'operation.invalid_state',
)
say('a run of two steps, one of them tried twice')

const { data: whole } = await flow.from('executions')
  .select('status, workflows(name, execution_count, success_count), execution_steps(step_id, status, attempt_number), execution_logs(level, message)')
  .eq('id', run.id)
  .order('created_at', { referencedTable: 'execution_steps' }).order('id', { referencedTable: 'execution_steps' })
  .order('timestamp', { referencedTable: 'execution_logs' }).order('id', { referencedTable: 'execution_logs' })
  .limit(1000, { referencedTable: 'execution_logs' })
  .single().throwOnError()
assert.deepEqual(whole.workflows, { name: 'Tak for besøget', execution_count: 1, success_count: 1 })
assert.deepEqual(
  whole.execution_steps.map((row) => `${row.step_id} ${row.attempt_number} ${row.status}`),
  ['skriv 1 completed', 'send 1 failed', 'send 2 completed'],
)
assert.deepEqual(whole.execution_logs.map((row) => row.level), ['info', 'info', 'error', 'info'])
say(`${whole.execution_logs.length} log lines, the counters of the workflow agree`)

const ran = await call('POST /flow/schedules/{id}/ran', { id: schedule.id })
assert.deepEqual([ran.current_runs, ran.is_active, ran.next_run], [1, false, null])
const archived = await call('POST /flow/workflows/{id}/archive', { id: workflow.id })
assert.equal(archived.status, 'archived')
say('the schedule had its one run, and the workflow is put away')
