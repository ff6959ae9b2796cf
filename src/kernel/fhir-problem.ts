import type { Problem } from './contract.ts'

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** A problem in the words of HL7 FHIR R4. */
export const operationOutcome = (p: Problem) => ({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code:
        { 401: 'login', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 429: 'throttled' }[p.status] ??
        (p.status >= 500 ? 'exception' : 'invalid'),
      details: { coding: [{ system: 'urn:cityloop:error', code: p.code }], text: p.title },
      diagnostics: p.titleZh,
    },
  ],
})
