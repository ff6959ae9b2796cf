import { pino, type Logger } from 'pino'

export type Log = Logger

/**
 * Logs hold codes, ids, durations and counts, never what people wrote or who they are: bodies, query strings and
 * headers with secrets are not logged at all, and the paths below are cut out should somebody pass them.
 */
export function openLog(level: string, destination?: string): Log {
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: [
          'text',
          'name',
          'phone',
          'idNumber',
          'address',
          'password',
          'otp',
          'token',
          '*.text',
          '*.name',
          '*.phone',
          '*.idNumber',
          '*.address',
          '*.password',
          '*.otp',
          '*.token',
          'req.headers',
          'req.body',
        ],
        censor: '[cut]',
      },
    },
    pino.destination(destination ? { dest: destination, mkdir: true, sync: false } : { fd: 2, sync: true }),
  )
}
