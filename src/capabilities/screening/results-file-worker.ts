import { parentPort, workerData } from 'node:worker_threads'
import { readResultsFile } from './results-file.ts'

const { bytes, now } = workerData as { bytes: Uint8Array; now: Date }
const read = await readResultsFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), now)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of our own has no origin
parentPort!.postMessage(read)
