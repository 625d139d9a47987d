// Has deliveries verified by `@seamapi/webhook`: `node webhooks_verify.mjs FOLDER`, deliveries as JSON on stdin.
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const module = path.resolve(process.argv[2], 'node_modules/@seamapi/webhook/index.js')
const { SeamWebhook, SeamWebhookVerificationError } = await import(pathToFileURL(module))

const task = JSON.parse(await text(process.stdin))
const webhook = new SeamWebhook(task.secret)
for (const { name, body, headers } of task.deliveries) {
  let outcome
  try {
    outcome = { verified: true, event_id: webhook.verify(body, headers).event_id }
  } catch (error) {
    if (SeamWebhookVerificationError == null || !(error instanceof SeamWebhookVerificationError)) throw error
    outcome = { verified: false, why: error.message }
  }
  process.stdout.write(`${JSON.stringify({ name, ...outcome })}\n`)
}
