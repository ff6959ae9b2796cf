import { config } from 'zod'

// The page's security policy forbids eval. Without this, Zod tries it once and the browser's console fills with a
// refusal; it must be said before the first contract is made, so everything else is loaded after it.
config({ jitless: true })

const { show } = await import('./show.tsx')
show(document.getElementById('root')!)
