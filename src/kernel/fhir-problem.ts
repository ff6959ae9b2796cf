import type { Problem } from './contract.ts'

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** Whoever asks under /fhir is answered in its words, also where there is nothing. */
export const asksFhir = (url: string | undefined): boolean => /^\/fhir(?:[/?]|$)/.test(url ?? '')

const CODES: Record<number, string> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'throttled',
}

/** A problem in the words of HL7 FHIR R4. */
export const operationOutcome = (p: Problem) => ({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code:
        p.code === 'fhir_not_supported'
          ? 'not-supported'
          : (CODES[p.status] ?? (p.status >= 500 ? 'exception' : 'invalid')),
      details: { coding: [{ system: 'urn:cityloop:error', code: p.code }], text: p.title },
      diagnostics: p.titleZh,
    },
  ],
})
