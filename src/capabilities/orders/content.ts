import { createHash } from 'node:crypto'

/**
 * By what a repetition is told from other content under the same id. A hash and not the words: what a person wrote
 * stands once, in the note, and goes from there when its time has passed.
 */
export const contentHash = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url')
