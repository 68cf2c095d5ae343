// A person opens /docs in Chromium, gives a token, tries an operation and sees its answer. Takes a screenshot, whose
// path is printed. Run through `tests/with-service scripts/node tests/browser/docs.mjs`.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const url = process.env.TEKUP_URL ?? assert.fail('TEKUP_URL is not set: run this through tests/with-service')
const executablePath = process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)
assert.ok(executablePath, 'no Chromium: set CHROMIUM to its path')

// What is tried: a table of a schema, and a value that its rows show.
const tag = 'renos'
const path = '/renos/services'
const expected = 'Vinduespudsning'

const token = execFileSync(process.env.TEKUP_DB, ['token', '--role', 'renos_app'], { encoding: 'utf8' }).trim()
const screenshots = mkdtempSync(join(tmpdir(), 'tekup-docs-'))

/** Gives the token in Swagger UI's dialog. */
async function authorize(page) {
  await page.locator('.auth-wrapper .authorize').first().click()
  const dialog = page.locator('.dialog-ux')
  await dialog.locator('input[type="text"], input[type="password"]').first().fill(token)
  await dialog.locator('.auth-btn-wrapper button.authorize').first().click()
  await dialog.getByText('Authorized', { exact: true }).first().waitFor()
  await dialog.locator('.btn-done').first().click()
  await dialog.waitFor({ state: 'detached' })
}

/** Opens an operation, tries it and gives the status and the body that the page shows. */
async function execute(page) {
  const operation = page.locator('.opblock-get', { has: page.locator(`.opblock-summary-path[data-path="${path}"]`) })
  if (await operation.count() === 0) await page.locator(`.opblock-tag[data-tag="${tag}"]`).click()
  await operation.waitFor()
  await operation.locator('.opblock-summary-control').click()
  const attempt = operation.getByRole('button', { name: 'Try it out' })
  const run = operation.getByRole('button', { name: 'Execute' })
  await attempt.or(run).first().waitFor()
  if (await attempt.count() > 0) await attempt.click()
  await run.click()
  const response = operation.locator('.live-responses-table .response')
  await response.waitFor()
  await response.scrollIntoViewIfNeeded()
  return {
    status: (await response.locator('.response-col_status').first().innerText()).trim().split(/\s/)[0],
    body: await response.locator('.response-col_description').first().innerText(),
  }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
page.setDefaultTimeout(30_000)
const faults = []
page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()} ${message.location().url}`))
page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
page.on('requestfailed', (request) => faults.push(`${request.method()} ${request.url()}: ${request.failure()?.errorText}`))
page.on('request', (request) => {
  if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) faults.push(`asks elsewhere: ${request.url()}`)
})
try {
  const answer = await page.goto(`${url}/docs`)
  assert.equal(answer.status(), 200)
  await page.locator('.swagger-ui .info .title').waitFor()
  await authorize(page)
  const { status, body } = await execute(page)
  assert.equal(status, '200', body)
  assert.ok(body.includes(expected), `the answer shows no ${expected}: ${body.slice(0, 500)}`)
  assert.deepEqual(faults, [])
  console.log(`${path} was tried from /docs and answered ${status}`)
} catch (error) {
  console.error(faults.join('\n'))
  throw error
} finally {
  const file = join(screenshots, 'docs.png')
  await page.screenshot({ path: file })
  console.log(`screenshot: ${file}`)
  await browser.close()
}
