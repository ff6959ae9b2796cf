import type { App } from '#kernel/app.ts'
import { CityError } from '#kernel/errors.ts'

/** How a one-time code reaches a telephone. Throws `code_not_sent` when it could not be handed over. */
export type CodeSender = { send(phone: string, code: string): Promise<void> }

/** Whoever runs the server reads it: for trying out, and where there is no gateway yet. Never the whole number. */
export const consoleSender: CodeSender = {
  async send(phone, code) {
    process.stdout.write(`One-time code for a number ending in ${phone.slice(-2)}: ${code}\n`)
  },
}

const GATEWAY_MS = 5_000

/** Hands the code to the deployment's own gateway: `POST {phone, code}` as JSON, 2xx means taken. */
export const gatewaySender = (url: string): CodeSender => ({
  async send(phone, code) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phone, code }),
      signal: AbortSignal.timeout(GATEWAY_MS),
    }).catch(() => undefined)
    await answer?.body?.cancel()
    if (!answer?.ok) throw new CityError('code_not_sent', { retryAfter: 30 })
  },
})

export const senderOf = (app: App): CodeSender =>
  app.config.codeGateway === undefined ? consoleSender : gatewaySender(app.config.codeGateway)
