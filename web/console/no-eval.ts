import { config } from 'zod'

// The page's security policy forbids eval. Without this, Zod tries it once for every visitor and the browser's
// console fills with a refusal; the pages only take types from the contracts, so nothing is slower.
export const zodWithoutEval = config({ jitless: true })
